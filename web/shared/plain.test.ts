// What stands for parts of the client must say what they say, or a connection would go elsewhere.
import { expect, test } from "vitest";
import { encode as theirEncode } from "../../node_modules/engine.io-client/build/esm/contrib/parseqs.js";
import { parse as theirParse } from "../../node_modules/engine.io-client/build/esm/contrib/parseuri.js";
import { decodePacket as theirDecode } from "../../node_modules/engine.io-parser/build/esm/decodePacket.browser.js";
import { encodePacket as theirEncodePacket } from "../../node_modules/engine.io-parser/build/esm/encodePacket.browser.js";
import { Decoder as TheirDecoder, Encoder as TheirEncoder } from "socket.io-parser";
import { decodePacket, encodePacket } from "./packets";
import { Decoder, Encoder } from "./parser";
import { encode, parse } from "./plain";

test.each([
  "https://chat.example",
  "http://chat.example:8080",
  "http://127.0.0.1:8080",
  "https://[::1]:8443",
])("reads the address %s as the client does", (address) => {
  const { protocol, host, port, query } = theirParse(address);

  expect(parse(address)).toEqual({ protocol, host, port, query: query ?? "" });
});

test("writes a query as the client does", () => {
  const query = { EIO: "4", transport: "websocket", sid: "a-B_9" };

  expect(encode(query)).toBe(theirEncode(query));
});

test.each(["0{}", "1", "2", "3", "40/customer,{}", "42[\"typing\"]", "6", "x", ""])(
  "reads the packet %j as the client does",
  (text) => {
    expect(decodePacket(text)).toEqual(theirDecode(text, "arraybuffer"));
  },
);

test.each([
  { type: "pong" },
  { type: "message", data: '0/customer,{"token":"a"}' },
  { type: "close" },
] as const)("writes the packet %j as the client does", (packet) => {
  const [ours, theirs]: unknown[][] = [[], []];
  encodePacket(packet, true, (text) => ours?.push(text));
  theirEncodePacket(packet, true, (text) => theirs?.push(text));

  expect(ours).toHaveLength(1);
  expect(ours).toEqual(theirs);
});

test.each([
  { type: 0, nsp: "/customer", data: { entry_point: "shop", token: "a,b" } },
  { type: 1, nsp: "/customer" },
  { type: 2, nsp: "/agent", data: ["typing", { text: "5,[\n\"6" }] },
  { type: 2, nsp: "/agent", id: 12, data: ["message.send", {}] },
  { type: 3, nsp: "/agent", id: 0, data: [{ ok: true }] },
  { type: 4, nsp: "/agent", data: { message: "no", data: { code: "unauthenticated" } } },
])("writes and reads the packet $type of a namespace as the client does", (packet) => {
  const written = new Encoder().encode(packet);
  const [ours, theirs]: unknown[][] = [[], []];
  const decoders = [
    new Decoder().on("decoded", (each) => ours?.push(each)),
    new TheirDecoder().on("decoded", (each) => theirs?.push(each)),
  ];
  for (const decoder of decoders) decoder.add(written[0] ?? "");

  expect(written).toEqual(new TheirEncoder().encode(packet));
  expect(ours).toEqual([packet]);
  expect(ours).toEqual(theirs);
});

test.each(["", "x", "2/agent", "2/agent,[", "9"])("takes %j for a broken connection", (text) => {
  expect(() => new Decoder().add(text)).toThrow();
});
