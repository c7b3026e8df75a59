// Holds that what is written arrives once and in order, whatever the connection does.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Ack } from "./contract";
import { Outbox, type Pending } from "./outbox";

type Done = { ok: true };
const refusal = (code: "unavailable" | "conflict" | "rate_limited", wait?: number): Ack<Done> => ({
  ok: false,
  error: { code, message: "", retryable: code !== "conflict", ...(wait ? { details: { retry_after_ms: wait } } : {}) },
});

let answers: Ack<Done>[] = [];
let sent: Pending<string>[] = [];
let done: string[] = [];

const made = (): Outbox<string, Done> =>
  new Outbox<string, Done>({
    send: (pending) => {
      sent.push(pending);
      return Promise.resolve(answers.shift() ?? { ok: true });
    },
    done: (pending) => done.push(pending.payload),
    changed: () => undefined,
  });

beforeEach(() => {
  vi.useFakeTimers();
  answers = [];
  sent = [];
  done = [];
});
afterEach(() => vi.useRealTimers());

it("sends in order, one after the other", async () => {
  const outbox = made();
  for (const text of ["a", "b", "c"]) outbox.add(text);
  await vi.runAllTimersAsync();

  expect(done).toEqual(["a", "b", "c"]);
  expect(outbox.list).toEqual([]);
});

it("sends again under the same id after a loss, and nothing overtakes", async () => {
  answers = [refusal("unavailable")];
  const outbox = made();
  outbox.add("a");
  outbox.add("b");
  await vi.runAllTimersAsync();

  expect(sent.map((each) => each.payload)).toEqual(["a", "a", "b"]);
  expect(sent[0]?.id).toBe(sent[1]?.id);
});

it("waits as long as the server asks", async () => {
  answers = [refusal("rate_limited", 5_000)];
  made().add("a");
  await vi.advanceTimersByTimeAsync(4_999);
  expect(done).toEqual([]);

  await vi.advanceTimersByTimeAsync(1);
  expect(done).toEqual(["a"]);
});

it("keeps what is refused for good until it is tried again, and lets the next one pass", async () => {
  answers = [refusal("conflict")];
  const outbox = made();
  outbox.add("a");
  outbox.add("b");
  await vi.runAllTimersAsync();
  expect(outbox.list.map((each) => [each.payload, each.state])).toEqual([["a", "failed"]]);

  outbox.retry(outbox.list[0]?.id ?? "");
  await vi.runAllTimersAsync();
  expect(done).toEqual(["b", "a"]);
});
