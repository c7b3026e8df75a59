/** The rows of a conversation: bubbles in groups, notes, lines of what happened, dates. */

import type { Message } from "../shared/contract";
import type { Chat, Line, Sending } from "./model";

export type Side = "customer" | "me" | "colleague" | "bot";

/** One row of the log. */
export type Row =
  | { kind: "date"; key: string; at: number }
  | { kind: "notice"; key: string; message: Message }
  | { kind: "line"; key: string; line: Line }
  | { kind: "note"; key: string; message: Message; mine: boolean }
  | { kind: "bubble"; key: string; message: Message; side: Side; first: boolean; last: boolean }
  | { kind: "sending"; key: string; sending: Sending };

const GROUP_MS = 120_000;

type Item = { at: number; message: Message } | { at: number; line: Line };

/** Everything of a chat in the order it happened, as it is drawn. */
export function rowsOf(
  chat: Pick<Chat, "messages" | "lines">,
  agent: string,
  sending: readonly Sending[],
  dayOf: (at: number) => string,
): readonly Row[] {
  const items = inTime(chat);
  const rows = items.flatMap((item, place) => [
    ...dated(items[place - 1], item, dayOf),
    "line" in item
      ? ({ kind: "line", key: `line/${item.at}/${item.line.name}`, line: item.line } as const)
      : told(item.message, agent, items[place - 1], items[place + 1]),
  ]);
  const waiting = sending.map((one): Row => ({ kind: "sending", key: one.id, sending: one }));
  return [...rows, ...waiting];
}

function inTime({ messages, lines }: Pick<Chat, "messages" | "lines">): readonly Item[] {
  const items: Item[] = messages.map((message) => ({ at: message.at, message }));
  if (lines.length === 0) return items;
  return [...items, ...lines.map((line): Item => ({ at: line.at, line }))].sort(
    (one, other) => one.at - other.at,
  );
}

function dated(before: Item | undefined, item: Item, dayOf: (at: number) => string): Row[] {
  const isNewDay = before !== undefined && dayOf(before.at) !== dayOf(item.at);
  return isNewDay ? [{ kind: "date", key: `date/${item.at}`, at: item.at }] : [];
}

function told(
  message: Message,
  agent: string,
  before: Item | undefined,
  after: Item | undefined,
): Row {
  const key = `${message.conversation}/${message.seq}`;
  if (message.author.role === "system") return { kind: "notice", key, message };
  if (message.audience === "internal")
    return { kind: "note", key, message, mine: message.author.id === agent };
  return {
    kind: "bubble",
    key,
    message,
    side: sideOf(message, agent),
    first: !isTogether(before, message),
    last: !isTogether(after, message),
  };
}

/** Whose side a message is on. */
export function sideOf(message: Message, agent: string): Side {
  if (message.author.role !== "agent") return message.author.role === "bot" ? "bot" : "customer";
  return message.author.id === agent ? "me" : "colleague";
}

function isTogether(item: Item | undefined, message: Message): boolean {
  if (item === undefined || "line" in item) return false;
  const other = item.message;
  return (
    other.audience === "everyone" &&
    other.author.role === message.author.role &&
    other.author.id === message.author.id &&
    Math.abs(other.at - message.at) <= GROUP_MS
  );
}

/** The last message of the agent's own that the customer sees: it alone carries a receipt. */
export function lastOwn(chat: Pick<Chat, "messages">, agent: string): Message | undefined {
  return chat.messages.findLast(
    (message) => message.audience === "everyone" && sideOf(message, agent) === "me",
  );
}
