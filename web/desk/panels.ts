/** What is open beside the chats: one panel for each chat, or one of the desk's own. */

import { partIn, self } from "./contacts";
import { type ChatPanel, chatOf, type Desk, type DeskPanel } from "./model";

/** What the right column shows. */
export type Side =
  | { readonly of: "desk"; readonly panel: DeskPanel }
  | { readonly of: "chat"; readonly panel: ChatPanel; readonly contact: string }
  | { readonly of: "none" };

/** The right column: the desk's own panel comes before the open chat's. */
export function sideOf(desk: Desk): Side {
  if (desk.side !== null) return { of: "desk", panel: desk.side };
  const contact = lookedAt(desk);
  const panel = contact === null ? undefined : desk.panels[contact];
  return contact === null || panel === undefined
    ? { of: "none" }
    : { of: "chat", panel, contact };
}

/** The contact in the centre: a chat in hand, or a closed one that is read. */
export function lookedAt(desk: Desk): string | null {
  return desk.current ?? desk.recent.open?.contact.id ?? null;
}

/** A chat is looked at; null goes back to the list. */
export function chatOpened(desk: Desk, contact: string | null): Desk {
  const recent = { ...desk.recent, open: null };
  return { ...desk, current: contact, side: null, list: "chats", recent };
}

/** A panel opens beside what is in the centre. */
export function panelOf(desk: Desk, contact: string, panel: ChatPanel): Desk {
  return { ...desk, side: null, panels: { ...desk.panels, [contact]: panel } };
}

/** One of the desk's own panels opens. */
export function sideOpened(desk: Desk, panel: DeskPanel): Desk {
  return { ...desk, side: panel };
}

/** The topmost panel closes; what was chosen in it is kept by who drew it. */
export function sideClosed(desk: Desk): Desk {
  if (desk.side !== null) return { ...desk, side: null };
  const contact = lookedAt(desk);
  if (contact === null) return desk;
  const { [contact]: _closed, ...panels } = desk.panels;
  return { ...desk, panels };
}

/** The talking is over: what was about to be asked for makes no sense any more. */
export function talkOver(desk: Desk, contact: string): Desk {
  const panel = desk.panels[contact];
  if (panel === undefined || panel === "details" || panel === "wrapup") return desk;
  const { [contact]: _closed, ...panels } = desk.panels;
  return { ...desk, panels };
}

/** What an agent may do with a chat now. */
export interface Abilities {
  readonly reply: boolean;
  readonly transfer: boolean;
  readonly conference: boolean;
  readonly leave: boolean;
  readonly end: boolean;
  readonly wrapup: boolean;
}

/** What the agent may do with a chat: the server decides, this only hides what cannot work. */
export function abilities(desk: Desk, contact: string | null): Abilities {
  const chat = chatOf(desk, contact);
  const part = chat === undefined || chat.lost ? "none" : partIn(chat.contact, self(desk));
  const talking = chat !== undefined && !chat.contact.interrupted;
  const waiting = chat?.contact.pending_offers.some((offer) => offer.kind !== "contact") === true;
  const members = (chat?.contact.participants.length ?? 0) > 1;
  return {
    reply: talking && (part === "owner" || part === "member"),
    transfer: talking && part === "owner" && !waiting,
    conference: talking && part === "owner" && !waiting,
    leave: talking && members && (part === "owner" || part === "member"),
    end: part === "owner",
    wrapup: part === "wrapup",
  };
}
