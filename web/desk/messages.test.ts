/** Order, gaps, counts and read marks of messages. */

import { expect, test } from "vitest";
import { gapIn, merged, toRead } from "./messages";
import type { Desk, Heard } from "./model";
import { hear } from "./reduce";
import { acknowledged, outlined, sent } from "./sending";
import { contact, greeted, message, note, withMessages } from "./examples";

const OWN = { role: "agent", id: "anna", name: "Anna" } as const;

function desk(): Desk {
  return greeted({ contacts: [withMessages(contact("a"), [message("a", 1)])] });
}

const wrote = (payload: ReturnType<typeof message>): Heard => ({ name: "message", payload });

test("notes stand among messages by time, though they are numbered apart", () => {
  // Two conversations make one log; sorting by number alone would mix them up.
  const list = merged([message("a", 1, { at: 10 }), message("a", 2, { at: 30 })], [note("a", 1, 20)]);

  expect(list.map((one) => [one.audience, one.seq])).toEqual([
    ["everyone", 1],
    ["internal", 1],
    ["everyone", 2],
  ]);
});

test("a message that comes twice is shown once, as it stands last", () => {
  // History, snapshot and events overlap after a reconnect.
  const list = merged([message("a", 1), message("a", 2)], [message("a", 1, { text: "again" })]);

  expect(list.map((one) => one.text)).toEqual(["again", "text 2"]);
});

test("a hole in the numbers is found in each conversation by itself", () => {
  // What is missing is asked for; a note's number is no hole in the chat.
  const whole = [message("a", 4), message("a", 5), note("a", 1, 20)];

  expect(gapIn(whole)).toBeNull();
  expect(gapIn([...whole, message("a", 8)])).toEqual({
    conversation: "said-a",
    after: 5,
    before: 8,
  });
});

test("unread counts what others say to everyone, once for each message", () => {
  // Notes and notices raise nobody's count, nor does what the agent wrote in another window.
  const system = { role: "system" } as const;
  const events = [
    message("a", 2),
    message("a", 2),
    message("a", 3, { author: OWN }),
    message("a", 4, { author: system, event: "customer.left" }),
    note("a", 1, 10_005),
  ].map(wrote);

  const after = events.reduce(hear, desk());

  expect(after.chats[0]?.contact.unread).toBe(1);
  expect(after.chats[0] && toRead(after.chats[0])).toBe(4);
});

test("reading in one window clears the count in all, and only up to what was read", () => {
  // The mark comes back to every desktop of the agent; others' marks change nothing.
  const two = [message("a", 2), message("a", 3)].map(wrote).reduce(hear, desk());
  const read = (agent: string, seq: number) =>
    hear(two, {
      name: "message.read",
      payload: { at: 1, conversation: "said-a", contact: "a", role: "agent", agent, seq },
    }).chats[0]?.contact.unread;

  expect([read("bo", 3), read("anna", 2), read("anna", 3)]).toEqual([2, 1, 0]);
});

test("the customer's mark never goes back", () => {
  // Marks of two tabs may come in any order.
  const marks = [3, 2].map(
    (seq): Heard => ({
      name: "message.read",
      payload: { at: 1, conversation: "said-a", contact: "a", role: "customer", seq },
    }),
  );

  expect(marks.reduce(hear, desk()).chats[0]?.customerRead).toBe(3);
});

test("what is redacted reads differently in the chat and keeps its place", () => {
  // The old text must be nowhere on the page.
  const after = hear(desk(), {
    name: "message.redacted",
    payload: { at: 9, contact: "a", conversation: "said-a", seq: 1, text: "****", masked: ["pan"] },
  });

  expect(after.chats[0]?.messages.map((one) => [one.seq, one.text, one.masked])).toEqual([
    [1, "****", ["pan"]],
  ]);
  expect(JSON.stringify(after)).not.toContain("text 1");
});

test("a sent message is shown once between its event and its answer", () => {
  // The event comes before the answer and does not say which send it was: the oldest it is.
  const one = { id: "s1", contact: "a", audience: "everyone", text: "Hello", at: 1 } as const;
  const waiting = sent(desk(), one, "waiting");
  const note_ = hear(waiting, wrote(note("a", 1, 10_003)));
  const shown = hear(note_, wrote(message("a", 2, { author: OWN })));

  expect(outlined(note_, "a")).toHaveLength(1);
  expect(outlined(shown, "a")).toEqual([]);
  expect(acknowledged(shown, "s1").sending).toEqual([]);
});

test("who wrote has stopped typing", () => {
  // Otherwise dots stand below the message they announced.
  const typing = hear(desk(), {
    name: "typing",
    payload: { at: 10, conversation: "said-a", contact: "a", name: "Melissa", on: true },
  });

  expect(typing.chats[0]?.typists).toHaveLength(1);
  expect(hear(typing, wrote(message("a", 2))).chats[0]?.typists).toEqual([]);
});
