// Holds what people are told of a connection, and when it is tried again.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ServerClock } from "./clock";
import { Connection, type Status } from "./connection";
import type { CustomerCommands, CustomerEvents, WireError } from "./contract";

type Listener = (...values: never[]) => void;

/** A socket of the client library, as far as it is used; a test says what happens to it. */
class Socket {
  connected = false;
  active = true;
  attempts = 0;
  delays: number[] = [];
  readonly io = { reconnectionDelay: (ms: number) => void this.delays.push(ms) };
  readonly #listeners = new Map<string, Listener[]>();
  on(name: string, listener: Listener): void {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
  }
  once(name: string, listener: Listener): void {
    this.on(name, listener);
  }
  connect(): void {
    this.attempts += 1;
  }
  disconnect(): void {
    this.connected = false;
  }
  tell(name: string, ...values: unknown[]): void {
    for (const listener of this.#listeners.get(name) ?? []) listener(...(values as never[]));
  }
}

let socket: Socket;
vi.mock("socket.io-client", () => ({
  Manager: class {
    socket(): Socket {
      return socket;
    }
  },
}));

let connection: Connection<CustomerEvents, CustomerCommands>;
let seen: Status[];

beforeEach(() => {
  vi.useFakeTimers();
  socket = new Socket();
  const auth = (): object => ({});
  connection = new Connection({ origin: "http://chat", namespace: "/customer", auth, clock: new ServerClock() });
  connection.open();
  socket.tell("connect");
  seen = [];
  connection.watch((status) => seen.push(status));
});
afterEach(() => vi.useRealTimers());

const refused = (error: Partial<WireError>): Error => Object.assign(new Error(""), { data: error });

it("says nothing for a moment, then a word, then a sentence", () => {
  socket.tell("disconnect", "transport close");
  expect(connection.status).toMatchObject({ standing: "lost", shown: "quiet" });
  vi.advanceTimersByTime(1_499);
  expect(connection.status.shown).toBe("quiet");
  vi.advanceTimersByTime(1);
  expect(connection.status.shown).toBe("notice");
  vi.advanceTimersByTime(8_500);
  expect(connection.status.shown).toBe("banner");

  socket.tell("connect");
  vi.advanceTimersByTime(60_000);
  expect(connection.status).toEqual({ standing: "online", shown: "quiet" });
});

it("says nothing of a server that is replaced, and comes back at a moment of its own", () => {
  socket.tell("server.draining", { reconnect_within_ms: 5_000 });
  socket.tell("disconnect", "transport close");
  vi.advanceTimersByTime(6_400);
  expect(seen.every(({ shown }) => shown === "quiet")).toBe(true);
  expect(socket.delays[0]).toBeLessThanOrEqual(4_000);

  vi.advanceTimersByTime(200);
  expect(connection.status.shown).toBe("notice");
});

it("tries again when it was shown out, and as late as it was asked to", () => {
  socket.tell("disconnect", "io server disconnect");
  vi.advanceTimersByTime(500);
  expect(socket.attempts).toBe(2);

  socket.active = false;
  socket.tell("connect_error", refused({ code: "rate_limited", retryable: true, details: { retry_after_ms: 9_000 } }));
  vi.advanceTimersByTime(8_999);
  expect(socket.attempts).toBe(2);
  vi.advanceTimersByTime(5_000);
  expect(socket.attempts).toBe(3);
});

it("gives up where it is not wanted, and says why", () => {
  socket.active = false;
  socket.tell("connect_error", refused({ code: "forbidden", retryable: false }));
  vi.advanceTimersByTime(60_000);

  expect(connection.status).toMatchObject({ standing: "refused", error: { code: "forbidden" } });
  expect(socket.attempts).toBe(1);
});

it("answers at once that nothing was sent while it is away", async () => {
  const answer = await connection.ask("typing", { conversation: "c", on: true });

  expect(answer).toMatchObject({ ok: false, error: { code: "unavailable", retryable: true } });
});
