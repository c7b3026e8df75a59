/** Offers: their cards, why they close, and what becomes of the agent's own requests. */

import { expect, test } from "vitest";
import type { OfferClosed } from "./../shared/contract";
import type { Desk } from "./model";
import { answering, oldestOpen } from "./offers";
import { slots } from "./presence";
import { hear } from "./reduce";
import { translator } from "../shared/i18n";
import { from } from "./views/offers";
import { WORDS } from "./words";
import { ANNA, contact, greeted, offer, snapshot, withMessages } from "./examples";

function made(...ids: string[]): Desk {
  return ids.reduce(
    (desk, id) => hear(desk, { name: "offer.created", payload: { at: 1, offer: offer(id) } }),
    greeted(),
  );
}

function closing(desk: Desk, event: Partial<OfferClosed>): Desk {
  const payload = { at: 30_000, offer: "o1", contact: "of-o1", outcome: "rona", ...event } as const;
  return hear(desk, { name: "offer.closed", payload });
}

test("an offer that comes again with another deadline keeps its place and its answer", () => {
  // A button must not move while somebody presses it.
  const desk = answering(made("o1", "o2"), "o1", "accept");

  const moved = hear(desk, {
    name: "offer.created",
    payload: { at: 2, offer: offer("o1", { expires_at: 99_000 }) },
  });

  expect(moved.cards.map((card) => [card.offer.id, card.answering, card.offer.expires_at])).toEqual([
    ["o1", "accept", 99_000],
    ["o2", null, 40_000],
  ]);
});

test("an offer accepted here goes at once, one accepted in another window says so", () => {
  // Here the chat opens; there somebody would look for the card.
  const here = closing(made("o1"), { outcome: "accepted", desktop: "this" });
  const there = closing(made("o1"), { outcome: "accepted", desktop: "other" });

  expect(here.cards).toEqual([]);
  expect(there.cards[0]?.closed).toMatchObject({ outcome: "accepted", elsewhere: true });
});

test("a closed card takes no slot and is not the oldest request", () => {
  // F2 must never answer what is gone.
  const desk = closing(made("o1", "o2"), { outcome: "rescinded", reason: "customer_left" });

  expect(oldestOpen(desk)?.offer.id).toBe("o2");
  expect(slots(desk).meter).toEqual(["half", "empty", "empty"]);
});

test("a missed request leaves its queue behind for the banner", () => {
  // The banner says where it happened; after a reload nobody knows and it says nothing.
  expect(closing(made("o1"), {}).missed).toBe("Support");
  expect(greeted().missed).toBeNull();
});

test("who asked for a transfer that nobody accepted reads it in the chat", () => {
  // The owner still has the chat and has to know.
  const pending = {
    id: "o9",
    kind: "transfer",
    agent: { id: "sara", name: "Sara" },
    from: { agent: "anna", name: "Anna" },
    offered_at: 1,
    expires_at: 2,
  } as const;
  const desk = greeted({ contacts: [withMessages(contact("a", { pending_offers: [pending] }))] });

  const lines = (outcome: OfferClosed["outcome"]) =>
    closing(desk, { offer: "o9", contact: "a", outcome }).chats[0]?.lines;

  expect(lines("rona")).toEqual([
    { at: 30_000, kind: "transfer", name: "Sara", outcome: "unanswered" },
  ]);
  expect(lines("accepted")).toEqual([]);
});

test("the meter shows chats full, offers half and the rest empty, also above capacity", () => {
  // With the capacity lowered, chats stay and the meter has to hold them all.
  const full = (load: number, capacity: number) =>
    slots(greeted({ agent: { ...ANNA, load, capacity } })).meter;

  expect(full(2, 3)).toEqual(["full", "full", "empty"]);
  expect(full(3, 2)).toEqual(["full", "full", "full"]);
  expect(slots(made("o1"))).toMatchObject({ chats: 0, capacity: 3 });
});

test("a snapshot takes away offers that are gone and keeps answers that are on their way", () => {
  // The answer is sent again under its id; the button must not invite a second one.
  const desk = answering(made("o1", "o2"), "o2", "decline");

  const back = hear(desk, { name: "snapshot", payload: snapshot({ offers: [offer("o2")] }) });

  expect(back.cards.map((card) => [card.offer.id, card.answering])).toEqual([["o2", "decline"]]);
});

test.each([
  ["proactive", ["We wrote first"]],
  ["customer", []],
] as const)("the card of a chat begun by the %s side says so only if it was the business", (origin, said) => {
  // Who answers one must not ask what it is about: the customer has written nothing yet.
  const asked = offer("o1", { contact: contact("of-o1", { origin }) });
  const card = JSON.stringify(from({ t: translator(WORDS.en, "en") }, asked));

  expect(card).toContain("New chat");
  expect(card.match(/We wrote first/g) ?? []).toEqual(said);
});
