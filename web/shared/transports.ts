// Stands for the transports of engine.io-client: the server takes WebSocket and nothing else.
import { WS } from "../../node_modules/engine.io-client/build/esm/transports/websocket.js";

export const transports = { websocket: WS };
