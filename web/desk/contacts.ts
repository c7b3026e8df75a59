/** The chats in hand: how they come, change, end and go. */

import type { Contact, ContactWithMessages, Leg, Message } from "../shared/contract";
import { merged } from "./messages";
import { type Chat, chatOf, type Desk, type Line, withChat } from "./model";

/** What an agent has to do in a contact. */
export type Part = "owner" | "member" | "wrapup" | "none";

/** The agent's part in a contact: the latest leg that is not done. */
export function openLeg(contact: Contact, agent: string): Leg | undefined {
  return contact.legs.findLast((leg) => leg.agent === agent && leg.state !== "done");
}

/** What the agent has to do in a contact. */
export function partIn(contact: Contact, agent: string): Part {
  const leg = openLeg(contact, agent);
  if (leg === undefined) return "none";
  if (leg.state === "wrapup") return "wrapup";
  return contact.owner === agent ? "owner" : "member";
}

/** Whether anybody may still write into a chat. */
export function isTalking(chat: Chat, agent: string): boolean {
  const part = partIn(chat.contact, agent);
  return !chat.lost && !chat.contact.interrupted && (part === "owner" || part === "member");
}

/** The agent's id; empty before the first snapshot. */
export function self(desk: Desk): string {
  return desk.agent?.id ?? "";
}

function started(contact: Contact, messages: readonly Message[]): Chat {
  return {
    contact,
    messages: merged([], messages),
    lines: [],
    typists: [],
    customerRead: 0,
    earlier: "unknown",
    lost: false,
  };
}

/** A contact is the agent's now, or again. */
export function assigned(desk: Desk, contact: Contact, messages: readonly Message[]): Desk {
  if (chatOf(desk, contact.id) === undefined) {
    return { ...desk, chats: [...desk.chats, started(contact, messages)] };
  }
  return withChat(desk, contact.id, (chat) => ({
    ...chat,
    contact,
    messages: merged(chat.messages, messages),
    lost: false,
  }));
}

/** A contact looks different; it goes when the agent has nothing left to do in it. */
export function updated(desk: Desk, contact: Contact): Desk {
  if (partIn(contact, self(desk)) === "none") return dropped(desk, contact.id);
  return withChat(desk, contact.id, (chat) => ({ ...chat, contact }));
}

/** A chat leaves the list; the next one in its place is what to look at then. */
export function dropped(desk: Desk, contact: string): Desk {
  const chats = desk.chats.filter((chat) => chat.contact.id !== contact);
  if (chats.length === desk.chats.length) return desk;
  const { [contact]: _closed, ...panels } = desk.panels;
  const { [contact]: _draft, ...drafts } = desk.drafts;
  const sending = desk.sending.filter((one) => one.contact !== contact);
  const current = desk.current === contact ? null : desk.current;
  return { ...desk, chats, panels, drafts, sending, current };
}

/** Which row takes the place of one that goes: the next one, else the last. */
export function neighbour(desk: Desk, contact: string): string | null {
  const place = desk.chats.findIndex((chat) => chat.contact.id === contact);
  const next = desk.chats[place + 1] ?? desk.chats[place - 1];
  return next?.contact.id ?? null;
}

/** The chats as a new snapshot has them; those that went to others meanwhile say so. */
export function restoredChats(
  desk: Desk,
  contacts: readonly ContactWithMessages[],
): readonly Chat[] {
  const named = new Map(contacts.map((contact) => [contact.id, contact]));
  const me = self(desk);
  const kept = desk.chats.flatMap((chat): Chat[] => {
    const found = named.get(chat.contact.id);
    if (found !== undefined) return [continued(chat, found)];
    return chat.lost || openLeg(chat.contact, me)?.state === "active"
      ? [{ ...chat, lost: true, typists: [] }]
      : [];
  });
  const known = new Set(desk.chats.map((chat) => chat.contact.id));
  const fresh = contacts.filter((contact) => !known.has(contact.id));
  return [...kept, ...fresh.map((contact) => started(bare(contact), contact.messages))];
}

function continued(chat: Chat, found: ContactWithMessages): Chat {
  const messages = merged(chat.messages, found.messages);
  return { ...chat, contact: bare(found), messages, typists: [], lost: false };
}

function bare(contact: ContactWithMessages): Contact {
  const { messages: _messages, ...rest } = contact;
  return rest;
}

/** A request of this agent's is gone: the chat says what became of it. */
export function requestClosed(desk: Desk, contact: string, line: Line): Desk {
  return withChat(desk, contact, (chat) => ({ ...chat, lines: [...chat.lines, line] }));
}

/** Since when the customer waits for an answer; null when the last word is an agent's. */
export function waitingSince(chat: Chat): number | null {
  let since: number | null = null;
  for (const message of chat.messages) {
    if (message.contact !== chat.contact.id || message.audience === "internal") continue;
    if (message.author.role === "customer") since ??= message.at;
    else if (message.author.role !== "system") since = null;
  }
  return since;
}

/** The last line worth showing in a list: what somebody said, notes too. */
export function lastSaid(chat: Chat): Message | undefined {
  return chat.messages.findLast((message) => message.author.role !== "system");
}
