/** Small wire objects to build tests from; what a test is about, it says itself. */

import type { Agent, Contact, ContactWithMessages, Message, Offer, Snapshot } from "../shared/contract";
import { EMPTY, type Desk, type Heard } from "./model";
import { hear } from "./reduce";

export const ANNA: Agent = {
  id: "anna",
  name: "Anna",
  state: "available",
  since: 1_000,
  connected: true,
  load: 0,
  capacity: 3,
  queues: ["support"],
  skills: {},
};

export function contact(id: string, more: Partial<Contact> = {}): Contact {
  return {
    id,
    conversation: `said-${id}`,
    channel: "chat",
    origin: "customer",
    entry_point: "shop",
    queue: "support",
    state: "connected",
    customer: { id: `customer-${id}`, name: "Melissa Lindqvist", verified: false, connected: true },
    attributes: {},
    context: {},
    priority: 0,
    owner: "anna",
    participants: [{ agent: "anna", name: "Anna", role: "owner", joined_at: 2_000 }],
    pending_offers: [],
    created_at: 1_000,
    queued_at: 1_000,
    interrupted: false,
    answer_due: false,
    legs: [{ agent: "anna", state: "active", deadline_at: null }],
    unread: 0,
    last_seq: 0,
    ...more,
  };
}

export function withMessages(of: Contact, messages: Message[] = []): ContactWithMessages {
  return { ...of, messages };
}

export function message(of: string, seq: number, more: Partial<Message> = {}): Message {
  return {
    conversation: `said-${of}`,
    contact: of,
    seq,
    id: `message-${of}-${seq}`,
    at: 10_000 + seq,
    author: { role: "customer", id: `customer-${of}`, name: "Melissa Lindqvist" },
    audience: "everyone",
    text: `text ${seq}`,
    masked: [],
    attachments: [],
    ...more,
  };
}

export function note(of: string, seq: number, at: number): Message {
  return message(of, seq, {
    conversation: `notes-${of}`,
    audience: "internal",
    author: { role: "agent", id: "anna", name: "Anna" },
    at,
  });
}

export function offer(id: string, more: Partial<Offer> = {}): Offer {
  return {
    id,
    kind: "contact",
    contact: contact(`of-${id}`, { owner: null, participants: [], legs: [], state: "offered" }),
    queue: { id: "support", name: "Support" },
    agent: { id: "anna", name: "Anna" },
    why: [],
    preview: [],
    offered_at: 20_000,
    expires_at: 40_000,
    server_now: 20_000,
    ...more,
  };
}

export function snapshot(more: Partial<Snapshot> = {}): Snapshot {
  return {
    at: 5_000,
    agent: ANNA,
    offers: [],
    contacts: [],
    queues: [{ id: "support", name: "Support" }],
    wrapup_codes: [{ id: "resolved", name: "Resolved" }],
    idle_codes: [{ id: "lunch", name: "Lunch" }],
    templates: [],
    limits: { text: 1000, note: 1000 },
    server_now: 5_000,
    ...more,
  };
}

/** The desk after it heard these, one after the other. */
export function after(...events: Heard[]): Desk {
  return events.reduce(hear, EMPTY);
}

export function greeted(more: Partial<Snapshot> = {}): Desk {
  return after({ name: "snapshot", payload: snapshot(more) });
}
