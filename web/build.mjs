// Builds every page into the folder named by the first argument: one bundle for each, none shared,
// so that nobody loads what only another page needs.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { lean } from "./lean.mjs";

const WEB = dirname(fileURLToPath(import.meta.url));
const LIBRARIES = join(WEB, "..", "node_modules");
const OUT = resolve(process.argv[2] ?? join(WEB, "..", "router", "pages"));

/** The client's parts that this server has no use for: it takes WebSocket only. */
const UNUSED = {
  "engine.io-client/build/esm/transports/index.js": "shared/transports.ts",
  "engine.io-client/build/esm/transports/polling-fetch.js": "shared/transports.ts",
  "engine.io-client/build/esm/transports/polling-xhr.js": "shared/transports.ts",
  "engine.io-client/build/esm/transports/polling-xhr.node.js": "shared/transports.ts",
  "engine.io-client/build/esm/transports/webtransport.js": "shared/transports.ts",
  "engine.io-client/build/esm/contrib/parseqs.js": "shared/plain.ts",
  "engine.io-client/build/esm/contrib/parseuri.js": "shared/plain.ts",
  "engine.io-client/build/esm/util.js": "shared/plain.ts",
  "engine.io-parser/build/esm/decodePacket.js": "shared/packets.ts",
  "engine.io-parser/build/esm/encodePacket.js": "shared/packets.ts",
};

function withoutUnused(source, importer) {
  if (importer === undefined || !source.startsWith(".")) return undefined;
  const asked = join(dirname(importer), source).replaceAll("\\", "/");
  const found = Object.keys(UNUSED).find((part) => asked.endsWith(`/node_modules/${part}`));
  return found === undefined ? undefined : join(WEB, UNUSED[found]);
}

/** What is imported late has nothing to be loaded before it. */
function withoutPreload(id) {
  return id === "\0vite/preload-helper.js" ? "export const __vitePreload = (load) => load();" : undefined;
}

/** What stands for a library: of the client, its main module makes a shortcut to the manager. */
const ALIASES = {
  "socket.io-client": join(LIBRARIES, "socket.io-client/build/esm/manager.js"),
  "socket.io-parser": join(WEB, "shared/parser.ts"),
};

const COMMON = {
  root: WEB,
  configFile: false,
  logLevel: "warn",
  publicDir: false,
  resolve: { alias: ALIASES },
  // Which React Native says of itself.
  define: { "navigator.product": "undefined" },
  plugins: [{ name: "leave-out", enforce: "pre", resolveId: withoutUnused, load: withoutPreload }],
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
    // Whoever takes one class of the client need not take its shortcuts too.
    treeshake: { moduleSideEffects: (id) => !/node_modules\/(socket|engine)\.io-(client|parser)/.test(id) },
    output: {
      entryFileNames: "assets/[name]-[hash].js",
      chunkFileNames: "assets/[name]-[hash].js",
      assetFileNames: "assets/[name]-[hash][extname]",
      ...more,
    },
  },
});

/**
 * What the client and Preact call things of their own. No name of these is said by the browser, by
 * the server, or by the panel, which is packed by itself.
 */
const NAMES_OF_LIBRARIES = [
  "addEventListeners autoConnect backoff createSocket createTransport createUri decoder doClose doOpen",
  "doWrite emitBuffered emitEvent emitReserved encoder getChildContext maybeReconnectOnOpen nsps onack",
  "onconnect ondata ondecoded ondisconnect onevent onHandshake onpacket onping onreconnect readyState",
  "receiveBuffer reconnectionDelay reconnectionDelayMax removeAllListeners sendBuffer setMin setState",
  "setTransport shouldComponentUpdate skipReconnect subEvents withError writeBuffer",
].join(" ").split(" ");

/** Slower, and 15 % smaller: for what every page of a site loads. */
const SMALLEST = {
  ...COMMON,
  // Preact's sources, of which more can be left out than of what is made of them.
  resolve: {
    alias: Object.entries({
      ...ALIASES,
      preact: join(LIBRARIES, "preact/src/index.js"),
      "preact/hooks": join(LIBRARIES, "preact/hooks/src/index.js"),
      "preact/jsx-runtime": join(LIBRARIES, "preact/jsx-runtime/src/index.js"),
    }).map(([name, replacement]) => ({ find: RegExp(`^${name}$`), replacement })),
  },
  plugins: [...COMMON.plugins, lean],
};

const smallest = (...asked) => ({
  ...output(...asked),
  minify: "terser",
  terserOptions: {
    ecma: 2020,
    compress: { passes: 3, pure_getters: true, unsafe_arrows: true },
    // With what libraries call private: nobody outside of a bundle can name it.
    mangle: {
      properties: { builtins: true, regex: RegExp(`^(_[a-z].*|${NAMES_OF_LIBRARIES.join("|")})$`) },
    },
  },
});

const LOADER_BYTES_MAX = 1_023;
const FIRST_CHAT_BYTES_MAX = 30_000;

/** Holds what visitors wait for against its budget: what a first chat loads, in each language. */
function weigh(chunks) {
  const packed = (code) => gzipSync(code, { level: 9 }).length;
  const weightOf = (name) => packed(chunks.find((chunk) => chunk.name === name).code);
  const loader = readFileSync(join(OUT, "widget.js"));
  const always = packed(loader) + weightOf("widget") + weightOf("panel");
  for (const file of readdirSync(join(WEB, "widget", "texts"))) {
    const locale = basename(file, ".ts");
    if (locale === "index" || locale.endsWith(".test")) continue;
    const weight = always + weightOf(locale);
    if (weight > FIRST_CHAT_BYTES_MAX) {
      throw new Error(`a first chat loads ${weight} bytes in ${locale}, more than ${FIRST_CHAT_BYTES_MAX}`);
    }
  }
  if (loader.length > LOADER_BYTES_MAX) throw new Error(`a loader of ${loader.length} bytes`);
}

const WIDGETS = new Set(["embed"]);
const pages = readdirSync(WEB).filter((folder) => existsSync(join(WEB, folder, "index.html")));

await rm(OUT, { recursive: true, force: true });
const [widget] = await Promise.all([
  build({ ...SMALLEST, build: smallest("widget", "widget/main.tsx") }),
  ...pages.map((page) =>
    WIDGETS.has(page)
      ? build({ ...SMALLEST, build: smallest(page, `${page}/index.html`) })
      : build({ ...COMMON, build: output(page, `${page}/index.html`) }),
  ),
]);
const chunks = widget.output.filter((chunk) => chunk.type === "chunk");
const bundle = chunks.find((chunk) => chunk.isEntry);
await build({
  ...COMMON,
  define: { BUNDLE: JSON.stringify(`assets/${basename(bundle.fileName)}`) },
  // The address of a loader stays; what it loads changes its own.
  build: output("loader", "widget/loader.ts", { format: "iife", entryFileNames: "widget.js" }),
});
weigh(chunks);
