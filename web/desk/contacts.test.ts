/** What a desk shows of contacts, from the snapshot on. */

import { expect, test } from "vitest";
import { neighbour, partIn, waitingSince } from "./contacts";
import { abilities } from "./panels";
import { hear } from "./reduce";
import { ANNA, contact, greeted, message, note, snapshot, withMessages } from "./examples";

test("a chat leaves the list when the agent's part in it is done, and not before", () => {
  // A slot is taken until the code is filed, so wrap-up is still work.
  const desk = greeted({ contacts: [withMessages(contact("a"))] });
  const wrapup = contact("a", {
    state: "wrapup",
    owner: null,
    participants: [],
    legs: [{ agent: "anna", state: "wrapup", deadline_at: null }],
  });
  const done = contact("a", { legs: [{ agent: "anna", state: "done", deadline_at: null }] });

  const owing = hear(desk, { name: "contact.updated", payload: { at: 1, contact: wrapup } });
  const gone = hear(owing, { name: "contact.updated", payload: { at: 2, contact: done } });

  expect(owing.chats.map((chat) => partIn(chat.contact, "anna"))).toEqual(["wrapup"]);
  expect(gone.chats).toEqual([]);
});

test("an agent who comes back into a contact it left has its latest part in it", () => {
  // Legs stand in the order they joined; an old one that is done must not hide a new one.
  const back = contact("a", {
    owner: "bo",
    legs: [
      { agent: "anna", state: "done", deadline_at: null },
      { agent: "bo", state: "active", deadline_at: null },
      { agent: "anna", state: "active", deadline_at: null },
    ],
  });

  expect(partIn(back, "anna")).toBe("member");
  expect(partIn(back, "cleo")).toBe("none");
});

test("a chat that went to somebody else while the desk was away says so and stays", () => {
  // Nothing may vanish under the hand without a word.
  const desk = greeted({ contacts: [withMessages(contact("a")), withMessages(contact("b"))] });

  const back = hear(desk, {
    name: "snapshot",
    payload: snapshot({ contacts: [withMessages(contact("b"))] }),
  });

  expect(back.chats.map((chat) => [chat.contact.id, chat.lost])).toEqual([
    ["a", true],
    ["b", false],
  ]);
});

test("a wrap-up that was filed elsewhere while the desk was away is not called lost", () => {
  // Another window, or the timer, filed the code: nobody took anything from the agent.
  const owed = contact("a", { legs: [{ agent: "anna", state: "wrapup", deadline_at: null }] });
  const desk = greeted({ contacts: [withMessages(owed)] });

  const back = hear(desk, { name: "snapshot", payload: snapshot() });

  expect(back.chats).toEqual([]);
});

test("rows keep their order when a snapshot comes again", () => {
  // The list is never sorted anew while somebody looks at it.
  const desk = greeted({ contacts: [withMessages(contact("a"))] });
  const assigned = hear(desk, {
    name: "contact.assigned",
    payload: { at: 1, contact: contact("b"), messages: [] },
  });

  const back = hear(assigned, {
    name: "snapshot",
    payload: snapshot({ contacts: [withMessages(contact("b")), withMessages(contact("a"))] }),
  });

  expect(back.chats.map((chat) => chat.contact.id)).toEqual(["a", "b"]);
});

test("messages known before a reconnect stay, and what came meanwhile is added", () => {
  // The snapshot has the last fifty; what the agent scrolled up to must not go.
  const desk = greeted({ contacts: [withMessages(contact("a"), [message("a", 1)])] });

  const back = hear(desk, {
    name: "snapshot",
    payload: snapshot({ contacts: [withMessages(contact("a"), [message("a", 2)])] }),
  });

  expect(back.chats[0]?.messages.map((one) => one.seq)).toEqual([1, 2]);
});

test("the load follows chats and offers, which presence does not tell of", () => {
  // The meter is wrong otherwise until the next snapshot.
  const desk = greeted();

  const more = hear(desk, {
    name: "contact.assigned",
    payload: { at: 1, contact: contact("a"), messages: [] },
  });

  expect(ANNA.load).toBe(0);
  expect(more.agent?.load).toBe(1);
});

test("the customer waits from the first message nobody answered, notes not counting", () => {
  // A note is no answer: the customer never sees it.
  const agent = { role: "agent", id: "anna" } as const;
  const desk = greeted({
    contacts: [
      withMessages(contact("a"), [
        message("a", 1),
        message("a", 2, { author: agent }),
        message("a", 3, { at: 30_000 }),
        message("a", 4, { at: 31_000 }),
        note("a", 1, 32_000),
      ]),
    ],
  });

  expect(desk.chats.map(waitingSince)).toEqual([30_000]);
});

test("the row that takes the place of a closed one is the next, else the last", () => {
  // Focus goes there, so that the keyboard does not start again from the top.
  const desk = greeted({ contacts: ["a", "b", "c"].map((id) => withMessages(contact(id))) });

  expect([neighbour(desk, "a"), neighbour(desk, "c")]).toEqual(["b", "b"]);
});

test("an interrupted contact can only be ended, and then wrapped up", () => {
  // Nothing that is written or handed over would reach anybody.
  const open = greeted({ contacts: [withMessages(contact("a"))] });
  const cut = hear(open, {
    name: "contact.interrupted",
    payload: { at: 1, contact: "a", reason: "removed" },
  });
  const allowed = (desk: typeof open) =>
    Object.entries(abilities(desk, "a")).flatMap(([name, may]) => (may ? [name] : []));

  expect(allowed(open)).toContain("reply");
  expect(allowed(cut)).toEqual(["end"]);
});
