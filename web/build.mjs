// Builds every page into the folder named by the first argument: one bundle for each, none shared,
// so that nobody loads what only another page needs.
import { existsSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const WEB = dirname(fileURLToPath(import.meta.url));
const OUT = resolve(process.argv[2] ?? join(WEB, "..", "router", "pages"));

const COMMON = {
  root: WEB,
  configFile: false,
  logLevel: "warn",
  publicDir: false,
  resolve: {
    alias: [{ find: /^\.\/transports\/index\.js$/, replacement: join(WEB, "shared/transports.ts") }],
  },
};

// Unlike `build.lib`, this leaves no trace of exports: each file is run, not imported from.
const output = (entry, input, more = {}) => ({
  outDir: OUT,
  emptyOutDir: false,
  target: "es2022",
  modulePreload: false,
  assetsInlineLimit: 0,
  cssCodeSplit: false,
  rollupOptions: {
    input: { [entry]: join(WEB, input) },
    output: {
      entryFileNames: "assets/[name]-[hash].js",
      chunkFileNames: "assets/[name]-[hash].js",
      assetFileNames: "assets/[name]-[hash][extname]",
      ...more,
    },
  },
});

const pages = readdirSync(WEB).filter((folder) => existsSync(join(WEB, folder, "index.html")));

await rm(OUT, { recursive: true, force: true });
const [widget] = await Promise.all([
  build({ ...COMMON, build: output("widget", "widget/main.tsx") }),
  ...pages.map((page) => build({ ...COMMON, build: output(page, `${page}/index.html`) })),
]);
const bundle = widget.output.find((chunk) => chunk.type === "chunk" && chunk.isEntry);
await build({
  ...COMMON,
  define: { BUNDLE: JSON.stringify(`assets/${basename(bundle.fileName)}`) },
  // The address of a loader stays; what it loads changes its own.
  build: output("loader", "widget/loader.ts", { format: "iife", entryFileNames: "widget.js" }),
});
