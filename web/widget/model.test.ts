// Holds what a tab shows against what it heard, in whatever order and however often.
import { describe, expect, it } from "vitest";
import type { Message, Session } from "../shared/contract";
import { after, chatOf, gapIn, landing, NOTHING, unreadOf, type Action, type State } from "./model";
import { rowsOf } from "./rows";

const message = (seq: number, role: "customer" | "agent" | "system", more: Partial<Message> = {}): Message => ({
  conversation: "c",
  contact: "k",
  seq,
  id: `m${seq}`,
  at: seq * 1_000,
  author: { role, ...(role === "agent" ? { name: "Anna" } : {}) },
  audience: "everyone",
  text: `text ${seq}`,
  masked: [],
  attachments: [],
  ...more,
});
const notice = (seq: number, event: string, name?: string): Message =>
  message(seq, "system", { event, author: { role: "system", ...(name === undefined ? {} : { name }) } });
const session = (...ids: string[]): Session => ({
  at: 0,
  customer: "me",
  token: "t",
  entry_point: { id: "shop", name: "Shop", open: true, pre_chat: [] },
  limits: { text: 1_000 },
  conversations: ids.map((id) => ({
    id,
    kind: "customer",
    state: "open",
    customers: ["me"],
    followers: [],
    last_seq: 3,
    last_at: 3_000,
    unread: 1,
    contact: { id: "k", state: "connected" },
  })),
  server_now: 0,
});
const run = (...actions: Action[]): State => actions.reduce(after, NOTHING);
const said = (...messages: Message[]): Action[] =>
  messages.map((event) => ({ on: "message", event }));
const chat = (state: State): NonNullable<ReturnType<typeof chatOf>> => {
  const found = chatOf(state, "c");
  if (found === undefined) throw new Error("no chat");
  return found;
};

describe("messages", () => {
  it("stand in order and once, however they arrive", () => {
    const state = run(...said(message(3, "agent"), message(1, "customer"), message(3, "agent"), message(2, "agent")));

    expect(chat(state).messages.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(unreadOf(state)).toBe(2);
  });

  it("show what is missing between them", () => {
    expect(gapIn([message(1, "agent"), message(2, "agent"), message(4, "agent")])).toBe(2);
    expect(gapIn([message(4, "agent"), message(5, "agent")])).toBeUndefined();
  });

  it("are replaced in place when a value is found later, places and all", () => {
    const before = message(1, "customer", { masked_spans: [["phone", 0, 4]], masked: ["phone"] });
    const event = { at: 9, conversation: "c", seq: 1, text: "****", masked: ["pan"] };
    const again = { ...event, masked_spans: [["pan", 0, 4]] as [string, number, number][] };
    const state = run(...said(before, message(2, "agent")), { on: "message.redacted", event });

    expect(chat(state).messages[0]).toMatchObject({ seq: 1, text: "****", masked: ["pan"] });
    expect(chat(state).messages[0]?.masked_spans).toBeUndefined();
    const placed = after(state, { on: "message.redacted", event: again });
    expect(chat(placed).messages[0]?.masked_spans).toEqual([["pan", 0, 4]]);
  });

  it("cover the one on its way that they are, and none of another chat", () => {
    const pending = [{ id: "x", payload: { conversation: "c", text: "text 1" }, state: "waiting" as const }];
    const heard = run({ on: "pending", pending }, ...said(message(1, "customer")));
    const elsewhere = run({ on: "pending", pending }, ...said(message(1, "customer", { conversation: "d" })));

    expect(heard.covered).toBe("x");
    expect(elsewhere.covered).toBe("");
  });
});

describe("who talks", () => {
  it("is read from notices, the owner first", () => {
    const state = run(
      ...said(notice(1, "contact.assigned", "Anna"), notice(2, "participant.joined", "Bo")),
    );
    expect(chat(state).agents).toEqual(["Anna", "Bo"]);

    const handed = [notice(3, "contact.transferred"), notice(4, "contact.assigned", "Cleo")];
    expect(chat(said(...handed).reduce(after, state)).agents).toEqual(["Cleo", "Bo"]);
  });

  it("is the same for who reloads the page", () => {
    const messages = [notice(1, "contact.assigned", "Anna"), message(2, "agent")];
    const state = run(
      { on: "session", session: session("c") },
      { on: "history", conversation: "c", messages, page: "last", more: false },
    );

    expect(chat(state).agents).toEqual(["Anna"]);
    expect(chat(state).isLoaded).toBe(true);
  });
});

describe("a chat's course", () => {
  const queued = (position: number | null, at: number): Action => ({
    on: "chat.queued",
    event: { at, conversation: "c", contact: "k", position, estimated_wait_ms: at },
  });

  it("changes the place at once and the estimate at most each ten seconds", () => {
    const state = run(queued(3, 1_000), queued(2, 5_000));
    expect(chat(state).place).toEqual({ position: 2, waitMs: 1_000, since: 1_000 });

    expect(chat(after(state, queued(1, 11_000))).place?.waitMs).toBe(11_000);
  });

  it("is interrupted at once, also for who reloads the page, and not in the next contact", () => {
    const open: Action = { on: "session", session: session("c") };
    const cut = { at: 9, conversation: "c", contact: "k", reason: "removed" };
    const page = (contact: string): Action => ({
      on: "history",
      conversation: "c",
      messages: [{ ...notice(1, "contact.interrupted"), contact }],
      page: "last",
      more: false,
    });
    const told = run(open, { on: "contact.interrupted", event: cut });

    expect(chat(told).isInterrupted).toBe(true);
    expect(chat(run(open, page("k"))).isInterrupted).toBe(true);
    expect(chat(run(open, page("before"))).isInterrupted).toBe(false);
  });

  it("tells who ended it, and never takes a receipt back", () => {
    const ended = { at: 9, conversation: "c", contact: "k", ended_by: "agent" as const, reason: "ended" };
    const state = run(
      { on: "session", session: session("c") },
      ...said(notice(1, "contact.assigned", "Anna"), message(2, "customer")),
      { on: "contact.ended", event: ended },
      ...said(notice(3, "contact.ended")),
    );
    const own = rowsOf(chat(state)).find((row) => row.kind === "message");

    expect(chat(state).end).toEqual({ by: "agent", name: "Anna" });
    expect(chat(state).contact).toBeUndefined();
    expect(own).toMatchObject({ receipt: "delivered" });
  });

  it("begins where somebody talks, then with their chats, then anew", () => {
    const quiet = session("c");
    const without = { ...quiet, conversations: quiet.conversations.map(({ contact: _, ...rest }) => rest) };

    expect(landing(run({ on: "session", session: quiet })).at).toBe("chat");
    expect(landing(run({ on: "session", session: without })).at).toBe("list");
    expect(landing(run({ on: "session", session: session() })).at).toBe("new");
  });

  it("keeps what is looked at when the connection comes back", () => {
    const state = run(
      { on: "session", session: session("c") },
      { on: "view", view: { at: "new" } },
      { on: "session", session: session("c") },
    );

    expect(state.view.at).toBe("new");
  });
});

describe("rows", () => {
  const rows = (...messages: Message[]): ReturnType<typeof rowsOf> =>
    rowsOf({ messages, reached: 0, readTo: 0 });

  it("are one group for two minutes, with the receipt under the last own message alone", () => {
    const found = rows(message(1, "customer"), message(2, "customer"), message(200, "customer"));
    const shown = found.map((row) => (row.kind === "message" ? [row.isFirst, row.isLast, row.receipt] : []));

    expect(shown).toEqual([
      [true, false, undefined],
      [false, true, undefined],
      [true, true, "sent"],
    ]);
  });

  it("name an agent where that changes, not after it was said who joined", () => {
    const bo = message(4, "agent", { author: { role: "agent", name: "Bo" } });
    const found = rows(notice(1, "contact.assigned", "Anna"), message(2, "agent"), bo);

    expect(found.map((row) => (row.kind === "message" ? row.name : "-"))).toEqual(["-", "", "Bo"]);
  });

  it("leave out what is for agents", () => {
    expect(rows(notice(1, "customer.left"), notice(2, "customer.returned"))).toEqual([]);
  });
});
