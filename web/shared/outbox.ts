// What was written and not yet acknowledged: sent in order, again after a loss, never twice.
import type { Ack, WireError } from "./contract";

const RETRY_MS = 2_000;

export interface Pending<Payload> {
  /** Made once; the server answers the same id the same way and does nothing twice. */
  readonly id: string;
  readonly payload: Payload;
  readonly state: "waiting" | "failed";
  /** Why it failed for good. */
  readonly error?: WireError;
}

export interface Carrier<Payload, Done> {
  /** Hands one to the server. */
  send(pending: Pending<Payload>): Promise<Ack<Done>>;
  /** The server has taken it. */
  done(pending: Pending<Payload>, answer: Done): void;
  /** Something about the list has changed. */
  changed(list: readonly Pending<Payload>[]): void;
}

/** A random id that fits the contract. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A queue to the server, one at a time; `flush` when a connection is there again. */
export class Outbox<Payload, Done extends { ok: true }> {
  readonly #carrier: Carrier<Payload, Done>;
  #list: readonly Pending<Payload>[];
  #isBusy = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(carrier: Carrier<Payload, Done>, restored: readonly Pending<Payload>[] = []) {
    this.#carrier = carrier;
    this.#list = restored;
  }

  get list(): readonly Pending<Payload>[] {
    return this.#list;
  }

  /** Adds one and tries at once. */
  add(payload: Payload, id = newId()): void {
    this.#set([...this.#list, { id, payload, state: "waiting" }]);
    void this.flush();
  }

  /** Tries a failed one again, as something new: refusals are not remembered. */
  retry(id: string): void {
    this.#set(
      this.#list.map((each) =>
        each.id === id ? { id: each.id, payload: each.payload, state: "waiting" } : each,
      ),
    );
    void this.flush();
  }

  remove(id: string): void {
    this.#set(this.#list.filter((each) => each.id !== id));
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#set([]);
  }

  /** Sends what waits, in order, until something has to wait longer. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      for (let next = this.#next(); next !== undefined; next = this.#next()) {
        if (!(await this.#deliver(next))) return;
      }
    } finally {
      this.#isBusy = false;
    }
  }

  #next(): Pending<Payload> | undefined {
    return this.#list.find((each) => each.state === "waiting");
  }

  async #deliver(pending: Pending<Payload>): Promise<boolean> {
    const answer = await this.#carrier.send(pending);
    if (!this.#list.some((each) => each.id === pending.id)) return true; // taken back meanwhile
    if (answer.ok) {
      this.remove(pending.id);
      this.#carrier.done(pending, answer);
      return true;
    }
    const { error } = answer;
    if (error.code === "unavailable" || error.code === "rate_limited") {
      const wait = error.details?.retry_after_ms;
      this.#timer = setTimeout(() => void this.flush(), typeof wait === "number" ? wait : RETRY_MS);
      return false;
    }
    this.#set(
      this.#list.map((each) => (each.id === pending.id ? { ...pending, state: "failed", error } : each)),
    );
    return true;
  }

  #set(list: readonly Pending<Payload>[]): void {
    this.#list = list;
    this.#carrier.changed(list);
  }
}
