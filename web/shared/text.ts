// Cuts a message into words, links and masked values, so that views only ever write text nodes.

export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string }
  | { readonly kind: "masked"; readonly text: string; readonly of: string };

export interface Shown {
  readonly text: string;
  readonly masked: readonly string[];
  /** `[kind, start, end]` in code points. */
  readonly masked_spans?: readonly (readonly [string, number, number])[];
}

/** More marks on one letter than any language writes. */
const PILE = /(\p{M}{8})\p{M}+/gu;
const WORD = /\p{L}[\p{L}\p{M}'’-]*/gu;
const STARS = /\S?\*{3,}\S*/g;
const LINK = /\bhttps?:\/\/[^\s<>"'`\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069]+/gi;
const LOOSE_END = /[.,:;!?)\]}\u2026]+$/;

/** The pieces of a message, in order; joined they are its text, less piled-up marks. */
export function piecesOf(message: Shown): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const { start, end, of } of maskedPlaces(message)) {
    pieces.push(...withLinks(message.text.slice(from, start)));
    pieces.push({ kind: "masked", text: message.text.slice(start, end), of });
    from = end;
  }
  pieces.push(...withLinks(message.text.slice(from)));
  return pieces;
}

/** Text without piles of marks that would cover its neighbours. */
export function tamed(text: string): string {
  return text.replace(PILE, "$1");
}

/** Up to two letters to stand for a name; nothing for nobody, and no sign that is no letter. */
export function initialsOf(name: string | undefined): string {
  const words = (name ?? "").normalize("NFC").match(WORD) ?? [];
  const [first = "", last = ""] = [words[0], words.slice(1).at(-1)];
  return [...first].slice(0, last === "" ? 2 : 1).concat([...last].slice(0, 1)).join("").toLocaleUpperCase();
}

interface MaskedPlace {
  readonly start: number;
  readonly end: number;
  /** Its kind, or nothing when several kinds stand in the message. */
  readonly of: string;
}

function maskedPlaces({ text, masked, masked_spans: spans }: Shown): MaskedPlace[] {
  if (spans !== undefined) {
    const units = unitsOf(text);
    return [...spans]
      .sort((one, other) => one[1] - other[1])
      .map(([of, start, end]) => ({ of, start: units(start), end: units(end) }));
  }
  if (masked.length === 0) return [];
  const of = masked.length === 1 ? (masked[0] ?? "") : "";
  return [...text.matchAll(STARS)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    of,
  }));
}

/** From places in code points, as the wire counts, to places in a JavaScript string. */
function unitsOf(text: string): (place: number) => number {
  const points = [...text];
  return (place) => points.slice(0, place).join("").length;
}

function withLinks(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    const written = match[0].replace(LOOSE_END, "");
    const href = safeAddress(written);
    if (href === undefined) continue;
    pieces.push(...plain(text.slice(from, match.index)), { kind: "link", text: written, href });
    from = match.index + written.length;
  }
  pieces.push(...plain(text.slice(from)));
  return pieces;
}

function plain(text: string): Piece[] {
  return text === "" ? [] : [{ kind: "text", text: tamed(text) }];
}

/** The address of a link that leads where it says; those that name a user seem to lead elsewhere. */
function safeAddress(written: string): string | undefined {
  if (!URL.canParse(written)) return undefined;
  const { protocol, username, password, hostname, href } = new URL(written);
  const isWeb = protocol === "http:" || protocol === "https:";
  return isWeb && hostname !== "" && username === "" && password === "" ? href : undefined;
}
