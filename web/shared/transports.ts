// Stands for the transports of the client: the server takes WebSocket and nothing else.
import { WS } from "../../node_modules/engine.io-client/build/esm/transports/websocket.js";

export const transports = { websocket: WS };
export const Fetch = undefined;
export const WT = undefined;
export const XHR = undefined;
