/** Messages of a chat: one order for two conversations, gaps, counts and what is read. */

import type { Message } from "../shared/contract";
import type { Chat, Desk } from "./model";
import { withChat } from "./model";

const key = (message: Message): string => `${message.conversation}/${message.seq}`;

/** By time; of one time what everybody reads comes before notes, each in its own numbering. */
function inOrder(one: Message, other: Message): number {
  const audience = Number(one.audience === "internal") - Number(other.audience === "internal");
  return one.at - other.at || audience || one.seq - other.seq;
}

/** Both lists as one, each message once; the second says how a message stands now. */
export function merged(known: readonly Message[], more: readonly Message[]): readonly Message[] {
  const last = known.at(-1);
  const first = more[0];
  if (more.length === 1 && first !== undefined && (last === undefined || inOrder(last, first) < 0))
    return [...known, first];
  const byKey = new Map([...known, ...more].map((message) => [key(message), message]));
  return [...byKey.values()].sort(inOrder);
}

/** A hole in a conversation: what comes after one number and before another is missing. */
export interface Gap {
  readonly conversation: string;
  readonly after: number;
  readonly before: number;
}

/** The first hole in what is known of a chat. */
export function gapIn(messages: readonly Message[]): Gap | null {
  const seen = new Map<string, number>();
  const numbered = [...messages].sort((one, other) => one.seq - other.seq);
  for (const { conversation, seq } of numbered) {
    const after = seen.get(conversation);
    if (after !== undefined && seq > after + 1) return { conversation, after, before: seq };
    seen.set(conversation, seq);
  }
  return null;
}

/** The lowest number known of a conversation. */
export function firstSeq(messages: readonly Message[], conversation: string): number | null {
  const numbers = messages
    .filter((message) => message.conversation === conversation)
    .map((message) => message.seq);
  return numbers.length === 0 ? null : Math.min(...numbers);
}

/** Whether a message is for `unread` to count: of others, for everyone, and no notice. */
function counts(message: Message, agent: string): boolean {
  const { role, id } = message.author;
  return message.audience === "everyone" && role !== "system" && !(role === "agent" && id === agent);
}

/** Somebody wrote. What this desk sent itself stops being shown as on its way. */
export function arrived(desk: Desk, message: Message): Desk {
  const me = desk.agent?.id ?? "";
  const isNew = (chat: Chat) => !chat.messages.some((known) => key(known) === key(message));
  const after = withChat(desk, message.contact, (chat) => {
    const unread = chat.contact.unread + Number(isNew(chat) && counts(message, me));
    const typists = chat.typists.filter(
      (typist) => typist.agent !== (message.author.role === "agent" ? message.author.id : null),
    );
    const messages = merged(chat.messages, [message]);
    return { ...chat, messages, typists, contact: { ...chat.contact, unread } };
  });
  return message.author.role === "agent" && message.author.id === me
    ? markArrived(after, message)
    : after;
}

function markArrived(desk: Desk, message: Message): Desk {
  const place = desk.sending.findIndex(
    (one) =>
      !one.arrived &&
      one.state !== "failed" &&
      one.contact === message.contact &&
      one.audience === message.audience,
  );
  const sending = desk.sending.map((one, at) => (at === place ? { ...one, arrived: true } : one));
  return place < 0 ? desk : { ...desk, sending };
}

/** A message reads differently now, wherever it is shown. */
export function redacted(
  desk: Desk,
  change: Pick<Message, "conversation" | "seq" | "text" | "masked"> &
    Partial<Pick<Message, "masked_spans">>,
): Desk {
  const swap = (message: Message): Message => {
    if (message.conversation !== change.conversation || message.seq !== change.seq) return message;
    const { masked_spans: _old, ...rest } = message;
    const spans = change.masked_spans === undefined ? {} : { masked_spans: change.masked_spans };
    return { ...rest, ...spans, text: change.text, masked: change.masked };
  };
  const swapAll = (messages: readonly Message[]) => messages.map(swap);
  const open = desk.recent.open;
  return {
    ...desk,
    chats: desk.chats.map((chat) => ({ ...chat, messages: swapAll(chat.messages) })),
    cards: desk.cards.map((card) => ({
      ...card,
      offer: { ...card.offer, preview: card.offer.preview.map(swap) },
    })),
    recent: {
      ...desk.recent,
      open: open === null ? null : { ...open, messages: swapAll(open.messages) },
    },
  };
}

/** Somebody has read up to a number: the customer, or this agent in any window. */
export function readUpTo(
  desk: Desk,
  read: { contact: string; role: "agent" | "customer"; seq: number; agent?: string },
): Desk {
  const me = desk.agent?.id ?? "";
  return withChat(desk, read.contact, (chat) => {
    if (read.role === "customer")
      return { ...chat, customerRead: Math.max(chat.customerRead, read.seq) };
    if (read.agent !== me) return chat;
    const unread = chat.messages.filter(
      (message) =>
        message.conversation === chat.contact.conversation &&
        message.seq > read.seq &&
        counts(message, me),
    ).length;
    return { ...chat, contact: { ...chat.contact, unread } };
  });
}

/** What the agent has not read yet, by the number to report; null when there is nothing. */
export function toRead(chat: Chat): number | null {
  const last = chat.messages.findLast(
    (message) => message.conversation === chat.contact.conversation,
  );
  return chat.contact.unread > 0 && last !== undefined ? last.seq : null;
}

const TYPING_MS = 6_000; // nobody ends typing for who vanished: whoever shows it lets it fade

/** Somebody types or stopped. */
export function typed(
  desk: Desk,
  typing: { at: number; contact: string; agent?: string; name: string; on: boolean },
): Desk {
  const agent = typing.agent ?? null;
  return withChat(desk, typing.contact, (chat) => {
    const others = chat.typists.filter((typist) => typist.agent !== agent);
    const typist = { agent, name: typing.name, until: typing.at + TYPING_MS };
    return { ...chat, typists: typing.on ? [...others, typist] : others };
  });
}
