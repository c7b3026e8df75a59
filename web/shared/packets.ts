// Stands for the client's packets of a connection: a digit for the kind, then text and nothing else.
import {
  ERROR_PACKET,
  PACKET_TYPES,
  PACKET_TYPES_REVERSE,
  type Packet,
} from "../../node_modules/engine.io-parser/build/esm/commons.js";

export function encodePacket(packet: Packet, _binary: boolean, done: (text: string) => void): void {
  done(`${PACKET_TYPES[packet.type as keyof typeof PACKET_TYPES]}${packet.data ?? ""}`);
}

export function decodePacket(text: string): Packet {
  const type = PACKET_TYPES_REVERSE[text[0] as keyof typeof PACKET_TYPES_REVERSE];
  if (type === undefined) return ERROR_PACKET;
  const data = text.slice(1);
  return data === "" ? { type } : { type, data };
}

// Asked only by WebTransport.
export const encodePacketToBinary = encodePacket;
