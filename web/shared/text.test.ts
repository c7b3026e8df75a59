// Holds that messages are cut into safe pieces, whatever somebody wrote.
import { describe, expect, it } from "vitest";
import { initialsOf, piecesOf, type Piece } from "./text";

const pieces = (text: string, masked: string[] = [], spans?: [string, number, number][]): Piece[] =>
  piecesOf(spans === undefined ? { text, masked } : { text, masked, masked_spans: spans });
const joined = (found: Piece[]): string => found.map((piece) => piece.text).join("");

describe("links", () => {
  it("leads to the address that is written, without the sentence's own full stop", () => {
    expect(pieces("See https://shop.example/a?b=1. Thanks")).toEqual([
      { kind: "text", text: "See " },
      { kind: "link", text: "https://shop.example/a?b=1", href: "https://shop.example/a?b=1" },
      { kind: "text", text: ". Thanks" },
    ]);
  });

  it.each([
    "javascript:alert(1)",
    "data:text/html,x",
    "https://bank.example@evil.example/",
    "http://",
    "<img src=x onerror=alert(1)>",
  ])("is never made of %s", (text) => {
    expect(pieces(text)).toEqual([{ kind: "text", text }]);
  });

  it("ends before marks that turn the direction of text", () => {
    const [link] = pieces("https://a.example/\u202egpj.exe");
    expect(link?.text).toBe("https://a.example/");
  });
});

describe("masked values", () => {
  it("stand where the server says, counted in code points", () => {
    expect(pieces("😀 ****1111", ["pan"], [["pan", 2, 10]])).toEqual([
      { kind: "text", text: "😀 " },
      { kind: "masked", text: "****1111", of: "pan" },
    ]);
  });

  it("are the runs of stars where no places are given", () => {
    expect(pieces("or a***@x.example", ["email"]).at(-1)).toEqual({
      kind: "masked",
      text: "a***@x.example",
      of: "email",
    });
  });

  it("are none in a message nothing was masked in", () => {
    expect(pieces("what the f*****")).toHaveLength(1);
  });
});

it("keeps every word of a text without piles", () => {
  const text = "a https://x.example/ ***7890 b";
  expect(joined(pieces(text, ["phone"]))).toBe(text);
});

it("cuts a pile of combining marks, not an accent", () => {
  expect(joined(pieces(`a${"\u0301".repeat(1000)}b`))).toBe(`a${"\u0301".repeat(8)}b`);
  expect(joined(pieces("e\u0301"))).toBe("e\u0301");
});

it.each([
  ["Melissa Lindqvist", "ML"],
  ["Anna", "AN"],
  ["Ana Maria dos Santos", "AS"],
  ["<b>\u202eMaja</b>", "BB"],
  ["😀", ""],
  [undefined, ""],
])("lets %s be stood for by %s", (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});
