// Stands for the client's packets of a namespace, which the client lets be chosen: a digit for the
// kind, the namespace, a number to answer to, and JSON. The server takes and sends no binary data.
import { Emitter } from "@socket.io/component-emitter";

interface Packet {
  readonly type: number;
  readonly nsp: string;
  readonly id?: number | undefined;
  readonly data?: unknown;
}

interface Events {
  decoded: (packet: Packet) => void;
}

const PACKET = /^(\d)([^,]*),(\d*)(.*)$/s;

export const PacketType = {
  CONNECT: 0,
  DISCONNECT: 1,
  EVENT: 2,
  ACK: 3,
  CONNECT_ERROR: 4,
  BINARY_EVENT: 5,
  BINARY_ACK: 6,
};

export class Encoder {
  encode({ type, nsp, id, data }: Packet): string[] {
    return [`${type}${nsp},${id ?? ""}${data === undefined ? "" : JSON.stringify(data)}`];
  }
}

export class Decoder extends Emitter<object, object, Events> {
  /** The client takes what is thrown for a broken connection. */
  add(text: string): void {
    const [, type, nsp = "", id, data] = PACKET.exec(text) ?? [];
    if (data === undefined) throw new Error("not a packet");
    this.emitReserved("decoded", {
      type: Number(type),
      nsp,
      id: id === "" ? undefined : Number(id),
      data: data === "" ? undefined : (JSON.parse(data) as unknown),
    });
  }

  destroy(): void {
    // Nothing is ever half read.
  }
}
