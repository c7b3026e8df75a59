/** A few words of a message for a narrow place: they end before a masked value that does not fit. */

import { piecesOf, type Piece, type Shown } from "../shared/text";

/** The pieces that fit into so many letters; `isCut` when some did not. */
export function preview(message: Shown, most: number): { pieces: Piece[]; isCut: boolean } {
  const pieces: Piece[] = [];
  let left = most;
  for (const piece of piecesOf({ ...message, text: message.text.slice(0, most * 4) })) {
    const text = piece.kind === "masked" ? piece.text : piece.text.replace(/\s+/gu, " ");
    if (text.length <= left) {
      pieces.push(piece.kind === "link" ? { kind: "text", text } : { ...piece, text });
      left -= text.length;
      continue;
    }
    if (piece.kind !== "masked") pieces.push({ kind: "text", text: cut(text, left) });
    return { pieces: trimmed(pieces), isCut: true };
  }
  return { pieces, isCut: message.text.length > most * 4 };
}

/** Without space at the end, where three dots follow. */
function trimmed(pieces: readonly Piece[]): Piece[] {
  return pieces.map((piece, place) =>
    place === pieces.length - 1 && piece.kind === "text"
      ? { ...piece, text: piece.text.trimEnd() }
      : piece,
  );
}

/** So many letters of a text, at the end of a word where there is one near. */
function cut(text: string, most: number): string {
  const letters = [...text.slice(0, most * 2)].slice(0, most).join("");
  const space = letters.lastIndexOf(" ");
  return (space > most / 2 ? letters.slice(0, space) : letters).trimEnd();
}

/** The same in plain words, with stars as they are. */
export function plainPreview(message: Shown, most: number): string {
  const { pieces, isCut } = preview(message, most);
  return pieces.map((piece) => piece.text).join("") + (isCut ? "…" : "");
}
