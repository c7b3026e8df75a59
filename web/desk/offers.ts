/** Offers: how they stack, what is being answered, and why they went. */

import type { Offer, OfferClosed } from "../shared/contract";
import { requestClosed } from "./contacts";
import type { Card, Closing, Desk, Line, Refusal } from "./model";

/** How long a closed card stays to say why. */
export const CLOSED_SHOWN_MS = 4_000;

/** An offer came, or came again with another deadline: then its card keeps its place. */
export function offered(desk: Desk, offer: Offer): Desk {
  const known = desk.cards.some((card) => card.offer.id === offer.id);
  const fresh: Card = { offer, answering: null, refusal: null, closed: null };
  const cards = known
    ? desk.cards.map((card) => (card.offer.id === offer.id ? { ...card, offer } : card))
    : [...desk.cards, fresh];
  return { ...desk, cards };
}

/** Offers of a new snapshot: those answered elsewhere go without a word. */
export function restoredCards(desk: Desk, offers: readonly Offer[]): readonly Card[] {
  return offers.map((offer) => {
    const known = desk.cards.find((card) => card.offer.id === offer.id);
    return known === undefined
      ? { offer, answering: null, refusal: null, closed: null }
      : { ...known, offer, closed: null };
  });
}

/** An offer closed: the agent's own says why for a while, a request of the agent's does so below. */
export function closed(desk: Desk, event: OfferClosed): Desk {
  const card = desk.cards.find((one) => one.offer.id === event.offer);
  return card === undefined ? requestGone(desk, event) : cardClosed(desk, card, event);
}

function cardClosed(desk: Desk, card: Card, event: OfferClosed): Desk {
  const closing: Closing = {
    outcome: event.outcome,
    reason: event.reason,
    elsewhere: event.desktop === "other",
    idle: desk.agent?.state === "idle",
  };
  const missed = event.outcome === "rona" ? card.offer.queue.name : desk.missed;
  if (event.outcome === "accepted" && !closing.elsewhere)
    return withoutCard({ ...desk, missed }, event.offer);
  return {
    ...desk,
    missed,
    cards: desk.cards.map((one) =>
      one === card ? { ...card, answering: null, closed: closing } : one,
    ),
  };
}

function requestGone(desk: Desk, event: OfferClosed): Desk {
  const chat = desk.chats.find((one) => one.contact.id === event.contact);
  const pending = chat?.contact.pending_offers.find((offer) => offer.id === event.offer);
  if (pending === undefined || pending.kind === "contact" || event.outcome === "accepted")
    return desk;
  const outcome = { rona: "unanswered", declined: "declined", canceled: "canceled" } as const;
  const line: Line = {
    at: event.at,
    kind: pending.kind,
    name: pending.agent.name,
    outcome: event.outcome === "rescinded" ? "rescinded" : outcome[event.outcome],
  };
  return requestClosed(desk, event.contact, line);
}

/** A card goes for good. */
export function withoutCard(desk: Desk, offer: string): Desk {
  return { ...desk, cards: desk.cards.filter((card) => card.offer.id !== offer) };
}

/** An answer is on its way. */
export function answering(desk: Desk, offer: string, answer: "accept" | "decline"): Desk {
  return changed(desk, offer, { answering: answer, refusal: null });
}

/** An answer was refused; the card stays until the server closes it. */
export function answerRefused(desk: Desk, offer: string, refusal: Refusal): Desk {
  return changed(desk, offer, { answering: null, refusal });
}

function changed(desk: Desk, offer: string, change: Partial<Card>): Desk {
  const cards = desk.cards.map((card) =>
    card.offer.id === offer ? { ...card, ...change } : card,
  );
  return { ...desk, cards };
}

/** The offer that has waited longest and can still be answered. */
export function oldestOpen(desk: Desk): Card | undefined {
  return desk.cards.find((card) => card.closed === null);
}
