// Builds every page into the folder named by the first argument: one bundle for each, none shared,
// so that nobody loads what only another page needs.
import { existsSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const WEB = dirname(fileURLToPath(import.meta.url));
const CLIENT = join(WEB, "..", "node_modules", "socket.io-client", "build", "esm");
const OUT = resolve(process.argv[2] ?? join(WEB, "..", "router", "pages"));

/**
 * The client's parts that this server has no use for: it takes WebSocket only, and no binary
 * attachments. They would be a tenth of the widget.
 */
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
  "socket.io-parser/build/esm/binary.js": "shared/no-binary.ts",
  "socket.io-parser/build/esm/is-binary.js": "shared/no-binary.ts",
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

const COMMON = {
  root: WEB,
  configFile: false,
  logLevel: "warn",
  publicDir: false,
  // Its main module makes a shortcut to what is asked for here by name.
  resolve: { alias: { "socket.io-client": join(CLIENT, "manager.js") } },
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
    treeshake: { moduleSideEffects: (id) => !/node_modules\/(socket|engine)\.io-client/.test(id) },
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
  "ackTimeout addTrailingSlash autoConnect autoUnref clearTimeoutFn closeOnBeforeunload createSocket",
  "createTransport createUri decodeString doClose doOpen doWrite emitBuffered emitEvent emitReserved",
  "emitWithAck encodeAsBinary encodeAsString finishedReconstruction forceBase64 fromQueue hasListeners",
  "installTimerFunctions listenersAny listenersAnyOutgoing maybeReconnectOnOpen",
  "notifyOutgoingListeners offAny offAnyOutgoing onAny onAnyOutgoing onHandshake prependAny",
  "prependAnyOutgoing priorWebsocketSuccess randomizationFactor receiveBuffer reconPack",
  "reconnectionAttempts reconnectionDelay reconnectionDelayMax rememberUpgrade removeAllListeners",
  "responseArgs sendBuffer setJitter setMax setMin setTimeoutFn setTransport skipReconnect subEvents",
  "supportsBinary takeBinaryData timestampParam timestampRequests transportImplementations",
  "transportOptions tryAllTransports tryCount tryParse useNativeTimers withError writeBuffer",
  "componentDidCatch componentDidMount componentDidUpdate componentWillMount componentWillReceiveProps",
  "componentWillUnmount componentWillUpdate contextType debounceRendering forceUpdate getChildContext",
  "getDerivedStateFromError getDerivedStateFromProps getSnapshotBeforeUpdate setState",
  "shouldComponentUpdate",
].join(" ").split(" ");

// Slower, and 4 % smaller: for what every page of a site loads.
const SMALLEST = {
  minify: "terser",
  terserOptions: {
    ecma: 2020,
    compress: { passes: 3, pure_getters: true, unsafe_arrows: true },
    // With what libraries call private: nobody outside of a bundle can name it.
    mangle: { properties: { regex: RegExp(`^(_[a-z].*|${NAMES_OF_LIBRARIES.join("|")})$`) } },
  },
};

const pages = readdirSync(WEB).filter((folder) => existsSync(join(WEB, folder, "index.html")));

await rm(OUT, { recursive: true, force: true });
const [widget] = await Promise.all([
  build({ ...COMMON, build: { ...output("widget", "widget/main.tsx"), ...SMALLEST } }),
  ...pages.map((page) => build({ ...COMMON, build: output(page, `${page}/index.html`) })),
]);
const bundle = widget.output.find((chunk) => chunk.type === "chunk" && chunk.isEntry);
await build({
  ...COMMON,
  define: { BUNDLE: JSON.stringify(`assets/${basename(bundle.fileName)}`) },
  // The address of a loader stays; what it loads changes its own.
  build: output("loader", "widget/loader.ts", { format: "iife", entryFileNames: "widget.js" }),
});
