// One namespace of the server: commands answered in time, events with their times noted, and
// coming back by chance and without a word when the connection was away for a moment.
import { Manager, type Socket } from "socket.io-client";
import type { Ack, Command, Refused, WireError } from "./contract";
import type { ServerClock } from "./clock";

/** People see nothing of a connection that is back sooner than this. */
export const SILENT_MS = 1_500;
/** From then on they are told in a banner. */
export const BANNER_MS = 10_000;
/** The server answers within five seconds, or says that it could not. */
const ANSWER_MS = 8_000;
const RETRY_MS_MIN = 300;
const RETRY_MS_MAX = 5_000;

export type Standing = "connecting" | "online" | "lost" | "refused";

/** How a connection stands, as far as people are told. */
export interface Status {
  readonly standing: Standing;
  /** `quiet` says nothing, `notice` a word at the edge, `banner` a sentence. */
  readonly shown: "quiet" | "notice" | "banner";
  /** Why it is refused, for good. */
  readonly error?: WireError;
}

type Commands<Map> = { [Name in keyof Map]: Command<unknown, unknown> };

export interface Options {
  /** Where the server is, without a path. */
  readonly origin: string;
  readonly namespace: "/customer" | "/agent" | "/supervisor";
  /** Asked again for each attempt. */
  readonly auth: () => object;
  readonly clock: ServerClock;
}

const AWAY: Refused = {
  ok: false,
  error: { code: "unavailable", message: "not connected", retryable: true },
};

/** A socket of one namespace, typed by the contract's events and commands. */
export class Connection<Events, Asked extends Commands<Asked>> {
  status: Status = { standing: "connecting", shown: "quiet" };
  readonly #socket: Socket;
  readonly #clock: ServerClock;
  readonly #watchers = new Set<(status: Status) => void>();
  #timers: ReturnType<typeof setTimeout>[] = [];
  #quietUntil = 0;

  constructor(options: Options) {
    this.#clock = options.clock;
    const manager = new Manager(options.origin, {
      path: "/socket.io",
      transports: ["websocket"],
      autoConnect: false,
      reconnectionDelay: RETRY_MS_MIN,
      reconnectionDelayMax: RETRY_MS_MAX,
    });
    this.#socket = manager.socket(options.namespace, {
      auth: (done: (auth: object) => void) => done(options.auth()),
    });
    this.#listen();
  }

  /** Begins; what is to be heard must be asked for before. */
  open(): void {
    this.#lost("connecting");
    this.#socket.connect();
  }

  /** Ends for good. */
  close(): void {
    this.#clear();
    this.#watchers.clear();
    this.#socket.disconnect();
    this.#socket.off();
  }

  /** Leaves and comes back at once, with what `auth` says now. */
  renew(): void {
    this.#socket.disconnect();
    this.open();
  }

  on<Name extends keyof Events & string>(name: Name, listener: (event: Events[Name]) => void): void {
    this.#socket.on(name as string, (event: Events[Name] & { at?: number }) => {
      if (typeof event.at === "number") this.#clock.heard(event.at);
      listener(event);
    });
  }

  /** Tells of each change of `status`; returns what stops it. */
  watch(watcher: (status: Status) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Gives a command; what is not answered in time is `unavailable`, and may have been done. */
  ask<Name extends keyof Asked & string>(
    name: Name,
    payload: Asked[Name]["payload"],
  ): Promise<Ack<Asked[Name]["answer"]>> {
    if (!this.#socket.connected) return Promise.resolve(AWAY);
    return new Promise((resolve) => {
      this.#socket
        .timeout(ANSWER_MS)
        .emit(name, payload, (error: Error | null, answer: Ack<Asked[Name]["answer"]>) =>
          resolve(error === null ? answer : AWAY),
        );
    });
  }

  #listen(): void {
    this.#socket.on("connect", () => {
      this.#quietUntil = 0;
      this.#clear();
      this.#set({ standing: "online", shown: "quiet" });
    });
    this.#socket.on("disconnect", (reason: string) => {
      if (reason === "io client disconnect") return;
      this.#lost("lost");
      // The client comes back by itself unless it was shown out.
      if (reason === "io server disconnect") this.#again(RETRY_MS_MIN);
    });
    this.#socket.on("connect_error", (error: Error & { data?: WireError }) => {
      if (this.#socket.active) return; // no network: the client tries again by itself
      if (error.data !== undefined && !error.data.retryable) {
        this.#clear();
        this.#set({ standing: "refused", shown: "banner", error: error.data });
        return;
      }
      const wait = error.data?.details?.retry_after_ms;
      this.#again(typeof wait === "number" ? wait : RETRY_MS_MAX);
    });
    this.#socket.on("server.draining", ({ reconnect_within_ms: within }: { reconnect_within_ms: number }) => {
      // Everybody comes back at a moment of their own, and nobody is told meanwhile.
      this.#quietUntil = Date.now() + within;
      const delay = Math.min(Math.random() * within, Math.max(0, within - 1_000));
      this.#socket.io.reconnectionDelay(delay);
      this.#socket.once("connect", () => this.#socket.io.reconnectionDelay(RETRY_MS_MIN));
    });
  }

  #again(afterMs: number): void {
    this.#timers.push(setTimeout(() => this.#socket.connect(), afterMs * (1 + Math.random() / 2)));
  }

  #lost(standing: Standing): void {
    this.#clear();
    this.#set({ standing, shown: "quiet" });
    const quiet = Math.max(0, this.#quietUntil - Date.now());
    const show = (shown: Status["shown"], afterMs: number): void => {
      this.#timers.push(setTimeout(() => this.#set({ standing, shown }), quiet + afterMs));
    };
    show("notice", SILENT_MS);
    show("banner", BANNER_MS);
  }

  #clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
  }

  #set(status: Status): void {
    this.status = status;
    for (const watcher of [...this.#watchers]) watcher(status);
  }
}

