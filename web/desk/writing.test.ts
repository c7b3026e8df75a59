/** Composing: drafts of two modes, templates, counting, and rows of the log. */

import { expect, test } from "vitest";
import { BLANK, countOf, switched, textOf, without, written } from "./drafting";
import { rowsOf } from "./rows";
import { filled, matching, nextParameter, parameters, searched, unfilled } from "./templates";
import { ANNA, contact, message, note } from "./examples";

test("a note carried over to a reply is remembered until it is emptied", () => {
  // What was meant for colleagues may not reach a customer by one wrong key.
  const draft = switched(written(switched(BLANK, "note"), "He is rude"), "reply");

  expect([textOf(draft), draft.note, draft.wasNote]).toEqual(["He is rude", "", true]);
  expect(written(written(draft, ""), "Hello").wasNote).toBe(false);
});

test("switching keeps both texts when both modes have one", () => {
  // Nothing typed is ever lost by a key that only changes the mode.
  const both = written(switched(written(BLANK, "a reply"), "reply"), "a reply");
  const noted = written({ ...both, mode: "note" }, "a note");

  expect(switched(noted, "reply")).toMatchObject({ reply: "a reply", note: "a note" });
});

test("what was typed behind a sent text stays in the composer", () => {
  // The composer is not locked while the answer is on its way.
  expect(without(written(BLANK, "Hello and more"), "reply", "Hello").reply).toBe(" and more");
  expect(without(written(BLANK, "changed"), "reply", "Hello").reply).toBe("changed");
});

test("lengths are code points of the trimmed text", () => {
  // The server counts so; an emoji is one.
  expect(countOf("  😀😀  ", 2)).toEqual({ count: 2, state: "counting" });
  expect(countOf("😀😀😀", 2).state).toBe("over");
  expect(countOf("", 1000).state).toBe("quiet");
});

test("a slash searches templates only where a text begins with it", () => {
  // "and/or" is an ordinary text.
  expect([searched("/hel lo"), searched("/"), searched("and/or"), searched("/a\nb")]).toEqual([
    "hel lo",
    "",
    null,
    null,
  ]);
});

test("templates are found by every word, in name or text", () => {
  const all = [
    { id: "hello", text: "Hello <customer.name>" },
    { id: "bye", text: "Goodbye" },
  ];

  expect(matching(all, "NAME hell").map((one) => one.id)).toEqual(["hello"]);
  expect(matching(all, "")).toHaveLength(2);
});

test("parameters are filled from the chat, and what is not known stays to be filled", () => {
  // A masked value is no value: stars must not be sent back to the customer.
  const customer = { id: "c", name: "Melissa", email: "m***@x.example", verified: true, connected: true };
  const known = parameters(ANNA, contact("a", { customer, attributes: { plan: 3 } }), "Support");

  expect(filled("<customer.name> <attributes.plan> <customer.email> <date>", known)).toBe(
    "Melissa 3 <customer.email> <date>",
  );
});

test("the next parameter comes after a place and then from the start", () => {
  expect(nextParameter("a <b> c <d>", 6)).toEqual([8, 11]);
  expect(nextParameter("a <b> c", 6)).toEqual([2, 5]);
  expect(nextParameter("1 < 2 > 0", 0)).toBeNull();
});

test("bubbles of one author within two minutes are one group", () => {
  // Notes and notices end a group; so does time.
  const said = [
    message("a", 1, { at: 0 }),
    message("a", 2, { at: 60_000 }),
    note("a", 1, 61_000),
    message("a", 3, { at: 62_000 }),
    message("a", 4, { at: 300_000 }),
  ];

  const rows = rowsOf({ messages: said, lines: [] }, "anna", [], () => "today");

  expect(
    rows.map((row) => (row.kind === "bubble" ? [row.first, row.last] : row.kind)),
  ).toEqual([[true, false], [false, true], "note", [true, true], [true, true]]);
});

test("a date stands where a new day begins, and never before the first message", () => {
  const said = [message("a", 1, { at: 1 }), message("a", 2, { at: 2 })];

  const rows = rowsOf({ messages: said, lines: [] }, "anna", [], (at) => `day ${at}`);

  expect(rows.map((row) => row.kind)).toEqual(["bubble", "date", "bubble"]);
});

test("a parameter that nobody filled is found, and angle brackets of the agent's own are not", () => {
  // A customer who reads "Hello <customer.name>" knows that nobody wrote to them.
  const all = [{ id: "sent", text: "Parcel <number> for <customer.name>" }];

  expect(unfilled(all, "<b> Parcel <number> for Kim")).toEqual([11, 19]);
  expect(unfilled(all, "<b> Parcel 7 for Kim")).toBeNull();
});
