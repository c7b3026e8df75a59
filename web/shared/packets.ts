// Stands for the client's packets of a connection: a digit for the kind, then text and nothing else.
import type { Packet, PacketType } from "../../node_modules/engine.io-parser/build/esm/commons.js";

const KINDS: readonly PacketType[] = ["open", "close", "ping", "pong", "message", "upgrade", "noop"];

export function encodePacket({ type, data }: Packet, _binary: boolean, done: (text: string) => void): void {
  done(`${KINDS.indexOf(type)}${data ?? ""}`);
}

export function decodePacket(text: string): Packet {
  const type = KINDS[Number(text[0])];
  if (type === undefined) return { type: "error", data: "parser error" };
  const data = text.slice(1);
  return data === "" ? { type } : { type, data };
}

// Asked only by WebTransport.
export const encodePacketToBinary = encodePacket;
