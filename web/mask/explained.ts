// What the server says of a text: how it reads masked, and why.

import type { Shown } from "../shared/text";

export interface Value {
  readonly kind: string;
  /** Places in the text that was sent, in code points. */
  readonly start: number;
  readonly end: number;
  readonly rule: string;
  readonly validator: string;
}

export interface Explained extends Shown {
  readonly values: readonly Value[];
}

export type Answer = Explained | "busy" | "long" | "away";

/** Asks the server; nothing of the text is kept there. */
export async function explain(text: string, signal: AbortSignal): Promise<Answer> {
  try {
    const answer = await fetch("/demo/mask", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ text }),
      signal,
    });
    if (answer.status === 429) return "busy";
    if (answer.status === 413) return "long";
    return answer.ok ? ((await answer.json()) as Explained) : "away";
  } catch {
    return "away";
  }
}

/** The words a value was found in. */
export function written(text: string, { start, end }: Value): string {
  return [...text].slice(start, end).join("");
}
