/** What stands in a composer: one text for replies and one for notes, and what was sent of it. */

export type Mode = "reply" | "note";

/** The composer of one chat. */
export interface Draft {
  readonly mode: Mode;
  readonly reply: string;
  readonly note: string;
  /** The reply was written as a note: sending it asks once. */
  readonly wasNote: boolean;
}

export const BLANK: Draft = { mode: "reply", reply: "", note: "", wasNote: false };

/** The text of the mode in use. */
export function textOf(draft: Draft): string {
  return draft[draft.mode];
}

/** The draft with another text; an emptied reply is no longer the note it was. */
export function written(draft: Draft, text: string): Draft {
  const wasNote = draft.wasNote && (draft.mode === "note" || text.trim() !== "");
  return { ...draft, [draft.mode]: text, wasNote };
}

/** The other mode; a text moves along when nothing was written there. */
export function switched(draft: Draft, mode: Mode): Draft {
  if (mode === draft.mode) return draft;
  const moves = draft[mode].trim() === "" && textOf(draft).trim() !== "";
  if (!moves) return { ...draft, mode };
  return { mode, reply: "", note: "", [mode]: textOf(draft), wasNote: mode === "reply" };
}

/** The draft without what was sent: anything typed behind it stays. */
export function without(draft: Draft, mode: Mode, sent: string): Draft {
  const text = draft[mode];
  const left = text.startsWith(sent) ? text.slice(sent.length).replace(/^\n/, "") : text;
  return { ...draft, [mode]: left, wasNote: left === "" ? false : draft.wasNote };
}

/** Code points of a text as the server counts them: trimmed. */
export function lengthOf(text: string): number {
  return [...text.trim()].length;
}

/** How a counter looks: quiet, counting from 900 of 1000, or over. */
export function countOf(text: string, limit: number): { count: number; state: string } {
  const count = lengthOf(text);
  if (count > limit) return { count, state: "over" };
  return { count, state: count >= limit * 0.9 ? "counting" : "quiet" };
}
