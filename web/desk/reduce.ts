/** What a desk knows after it heard something: a snapshot and the events after it are all of it. */

import type { Snapshot } from "../shared/contract";
import { assigned, openLeg, restoredChats, self, updated } from "./contacts";
import { arrived, readUpTo, redacted, typed } from "./messages";
import { chatOf, type Desk, type Heard, withChat } from "./model";
import { closed, offered, restoredCards } from "./offers";
import { talkOver } from "./panels";

/** The desk after an event; the one before is untouched. */
export function hear(desk: Desk, heard: Heard): Desk {
  switch (heard.name) {
    case "snapshot":
      return restored(desk, heard.payload);
    case "presence.changed":
      return heard.payload.agent.id === self(desk) ? { ...desk, agent: heard.payload.agent } : desk;
    case "offer.created":
      return loadFollowed(offered(desk, heard.payload.offer));
    case "offer.closed":
      return loadFollowed(closed(desk, heard.payload));
    case "contact.assigned":
      return loadFollowed(assigned(desk, heard.payload.contact, heard.payload.messages));
    case "contact.updated":
      return loadFollowed(updated(desk, heard.payload.contact));
    case "message":
      return arrived(desk, heard.payload);
    case "message.redacted":
      return redacted(desk, heard.payload);
    case "message.read":
      return readUpTo(desk, heard.payload);
    case "typing":
      return typed(desk, heard.payload);
    case "wrapup.started":
      return talkOver(desk, heard.payload.contact);
    case "contact.ended":
      return ended(desk, heard.payload.contact);
    case "contact.interrupted":
      return interrupted(desk, heard.payload.contact);
    case "participant.joined":
    case "participant.left":
    case "wrapup.completed":
    case "connection.closed":
    case "server.draining":
      return desk; // `contact.updated` shows it, or it concerns the connection alone
    default:
      return heard satisfies never;
  }
}

function restored(desk: Desk, snapshot: Snapshot): Desk {
  const known = { ...desk, agent: snapshot.agent };
  const chats = restoredChats(known, snapshot.contacts);
  const has = (contact: string | null) => chats.some((chat) => chat.contact.id === contact);
  return {
    ...known,
    chats,
    cards: restoredCards(desk, snapshot.offers),
    current: has(desk.current) ? desk.current : null,
    panels: Object.fromEntries(Object.entries(desk.panels).filter(([contact]) => has(contact))),
    sending: desk.sending.filter((one) => has(one.contact)),
    setup: {
      queues: snapshot.queues,
      wrapupCodes: snapshot.wrapup_codes,
      idleCodes: snapshot.idle_codes,
      templates: snapshot.templates,
      limits: snapshot.limits,
    },
  };
}

/** The agent's load follows its chats and offers: `presence.changed` does not tell of it. */
function loadFollowed(desk: Desk): Desk {
  if (desk.agent === null) return desk;
  const me = desk.agent.id;
  const open = desk.cards.filter((card) => card.closed === null).length;
  const legs = desk.chats.filter(
    (chat) => !chat.lost && openLeg(chat.contact, me) !== undefined,
  ).length;
  return { ...desk, agent: { ...desk.agent, load: open + legs } };
}

function ended(desk: Desk, contact: string): Desk {
  return withChat(desk, contact, (chat) => ({ ...chat, typists: [] }));
}

function interrupted(desk: Desk, contact: string): Desk {
  return withChat(desk, contact, (chat) => ({
    ...chat,
    typists: [],
    contact: { ...chat.contact, interrupted: true },
  }));
}

/** Whether a chat is still in hand. */
export function holds(desk: Desk, contact: string): boolean {
  return chatOf(desk, contact) !== undefined;
}
