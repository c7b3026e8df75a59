/** What a desk knows: the shape of its state. Everything here is a value; changes make new ones. */

import type {
  Agent,
  AgentEvents,
  AgentLimits,
  Contact,
  Message,
  Named,
  Offer,
  OfferClosed,
  Template,
  WrapupCode,
} from "../shared/contract";
import type { Draft } from "./drafting";

/** An event of the protocol that this version of the server does not send yet. */
interface Announced {
  "contact.interrupted": { at: number; contact: string; reason: string };
}

type Events = Omit<Announced, keyof AgentEvents> & AgentEvents;

/** Everything a desk may hear, name and payload together. */
export type Heard = {
  [Name in keyof Events]: { name: Name; payload: Events[Name] };
}[keyof Events];

export type Audience = Message["audience"];

/** A line that this desk alone knows of: the server writes none when a request is removed. */
export interface Line {
  readonly at: number;
  readonly kind: "transfer" | "conference";
  readonly outcome: "unanswered" | "declined" | "canceled" | "rescinded";
  readonly name: string;
}

/** Somebody who types, until a moment on the server's clock. */
export interface Typist {
  readonly agent: string | null;
  readonly name: string;
  readonly until: number;
}

/** A contact in hand and what was said in it. */
export interface Chat {
  readonly contact: Contact;
  readonly messages: readonly Message[];
  readonly lines: readonly Line[];
  readonly typists: readonly Typist[];
  /** Up to where the customer has read; 0 while unknown. */
  readonly customerRead: number;
  /** Whether there is more before the first message: nobody knows until it was asked for. */
  readonly earlier: "unknown" | "loading" | "none";
  /** It went to somebody else while this desk was away; the row stays until it is closed. */
  readonly lost: boolean;
}

/** An offer on the screen; a closed one stays for a while to say why. */
export interface Card {
  readonly offer: Offer;
  readonly answering: "accept" | "decline" | null;
  readonly refusal: Refusal | null;
  readonly closed: Closing | null;
}

export interface Closing {
  readonly outcome: OfferClosed["outcome"];
  readonly reason: OfferClosed["reason"];
  readonly elsewhere: boolean;
  readonly idle: boolean;
}

/** Why something did not work, as words are chosen by. */
export interface Refusal {
  readonly code: string;
  readonly retryAfterMs: number | null;
}

/** A message on its way. */
export interface Sending {
  readonly id: string;
  readonly contact: string;
  readonly audience: Audience;
  readonly text: string;
  readonly at: number;
  /** Held in the composer and perhaps refused there; or an outlined bubble, perhaps given up. */
  readonly state: "held" | "refused" | "waiting" | "failed";
  /** Its message has come, its answer not yet. */
  readonly arrived: boolean;
  readonly refusal: Refusal | null;
}

export type ChatPanel = "transfer" | "conference" | "leave" | "end" | "wrapup" | "details";
export type DeskPanel = "shortcuts" | "commands" | "settings";

/** What the administrator configured, as the snapshot tells it. */
export interface Setup {
  readonly queues: readonly Named[];
  readonly wrapupCodes: readonly WrapupCode[];
  readonly idleCodes: readonly Named[];
  readonly templates: readonly Template[];
  readonly limits: AgentLimits;
}

/** The closed contacts of this agent, as far as they were asked for. */
export interface Recent {
  readonly state: "unknown" | "loading" | "ready" | "failed";
  readonly contacts: readonly Contact[];
  readonly more: boolean;
  readonly open: Transcript | null;
}

export interface Transcript {
  readonly contact: Contact;
  readonly state: "loading" | "ready" | "failed";
  readonly messages: readonly Message[];
}

/** Everything of a desk that is not a socket, a clock or the page. */
export interface Desk {
  readonly agent: Agent | null;
  /** The queue of the request that turned the agent `rona`, when this desk saw it. */
  readonly missed: string | null;
  readonly cards: readonly Card[];
  readonly chats: readonly Chat[];
  readonly current: string | null;
  readonly setup: Setup;
  readonly sending: readonly Sending[];
  readonly drafts: Readonly<Record<string, Draft>>;
  readonly panels: Readonly<Record<string, ChatPanel>>;
  readonly side: DeskPanel | null;
  readonly list: "chats" | "recent";
  readonly recent: Recent;
}

export const EMPTY: Desk = {
  agent: null,
  missed: null,
  cards: [],
  chats: [],
  current: null,
  setup: {
    queues: [],
    wrapupCodes: [],
    idleCodes: [],
    templates: [],
    limits: { text: 1000, note: 1000 },
  },
  sending: [],
  drafts: {},
  panels: {},
  side: null,
  list: "chats",
  recent: { state: "unknown", contacts: [], more: false, open: null },
};

/** The chat of a contact, when it is in hand. */
export function chatOf(desk: Desk, contact: string | null): Chat | undefined {
  return desk.chats.find((chat) => chat.contact.id === contact);
}

/** The same desk with one chat changed. */
export function withChat(desk: Desk, contact: string, change: (chat: Chat) => Chat): Desk {
  const chats = desk.chats.map((chat) => (chat.contact.id === contact ? change(chat) : chat));
  return { ...desk, chats };
}
