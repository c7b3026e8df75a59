// One visitor at one entry point: speaks with the server and puts what it says into the store.
import { ServerClock } from "../shared/clock";
import { Connection } from "../shared/connection";
import type { Ack, ChatStarted, CustomerCommands, Message, MessageSent } from "../shared/contract";
import { Drafts, mayBeStored, tabStorage } from "../shared/drafts";
import { newId, Outbox, type Pending } from "../shared/outbox";
import type { Keys } from "./keys";
import { chatOf, gapIn, type Heard, type Outgoing, type Told } from "./model";
import type { Store } from "./store";

const PAGE = 50;
const LATE_MS = 1_000;
const TYPING_EACH_MS = 3_000;
const TYPING_FADES_MS = 6_000;
const EVENTS: readonly Heard["on"][] = [
  "chat.queued",
  "contact.assigned",
  "participant.joined",
  "participant.left",
  "message",
  "message.redacted",
  "message.read",
  "typing",
  "contact.ended",
  "contact.interrupted",
];

type Sent = ChatStarted | MessageSent;
type Attributes = Record<string, string | number | boolean | null>;

export interface Place {
  readonly server: string;
  readonly entryPoint: string;
  readonly queue: string;
}

export class Session {
  readonly clock = new ServerClock();
  readonly drafts: Drafts;
  readonly outbox: Outbox<Outgoing, Sent>;
  attributes: Attributes = {};
  locale = "";
  /** Signed by the site; until the server has taken it. */
  identity: string | undefined;
  readonly #place: Place;
  readonly #store: Store;
  readonly #keys: Keys;
  readonly #connection: Connection<Told, CustomerCommands>;
  readonly #stops: (() => void)[] = [];
  readonly #fades = new Map<string, ReturnType<typeof setTimeout>>();
  #isOpen = false;
  #late: ReturnType<typeof setTimeout> | undefined;
  #typed = 0;
  #read = new Map<string, number>();

  constructor(place: Place, store: Store, keys: Keys) {
    this.#place = place;
    this.#store = store;
    this.#keys = keys;
    const prefix = `frontdesk:${place.entryPoint}:`;
    this.drafts = new Drafts(`${prefix}draft:`);
    this.outbox = new Outbox(this.#carrier(), restored(`${prefix}outbox`));
    store.dispatch({ on: "pending", pending: this.outbox.list });
    this.#connection = new Connection({
      origin: place.server,
      namespace: "/customer",
      auth: () => this.#auth(),
      clock: this.clock,
    });
    this.#listen();
  }

  /** Connects, once. */
  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#connection.open();
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#connection.close();
  }

  /** Says who the visitor is; a signed one who was somebody else begins anew. */
  async identify(identity: string): Promise<void> {
    this.identity = identity;
    if (this.#connection.status.standing !== "online") return;
    const answer = await this.#connection.ask("customer.identify", { identity });
    if (answer.ok) {
      this.identity = undefined;
      this.#keys.token = answer.token;
      this.#connection.renew();
    } else if (answer.error.code === "forbidden") {
      this.reset(identity);
    }
  }

  /** Forgets the visitor, as when they sign out of the site; the next one may be signed. */
  reset(identity?: string): void {
    this.#keys.token = undefined;
    this.#forget();
    this.identity = identity;
    if (this.#isOpen) this.#connection.renew();
  }

  /** Sends a text into a chat, or begins one with it; gives the id it is waited for under. */
  send(conversation: string | undefined, text: string, form: Record<string, string> = {}): string {
    const chat = conversation === undefined ? undefined : chatOf(this.#store.state, conversation);
    const isGoing = chat?.contact !== undefined;
    const id = newId();
    const into = conversation === undefined ? {} : { conversation };
    this.outbox.add(isGoing ? { ...into, text } : { ...into, text, start: form }, id);
    if (conversation !== undefined) this.drafts.drop(conversation);
    this.#typed = 0;
    return id;
  }

  end(conversation: string): Promise<Ack<unknown>> {
    return this.#connection.ask("chat.end", { conversation, id: newId() });
  }

  /** Tells that the visitor types, at most every three seconds, or stopped. */
  typing(conversation: string, on: boolean): void {
    const now = Date.now();
    if (on ? now - this.#typed < TYPING_EACH_MS : this.#typed === 0) return;
    this.#typed = on ? now : 0;
    void this.#connection.ask("typing", { conversation, on });
  }

  /** Marks all of a chat as seen. */
  read(conversation: string): void {
    const last = chatOf(this.#store.state, conversation)?.messages.at(-1)?.seq ?? 0;
    if (last === 0 || (this.#read.get(conversation) ?? 0) >= last) return;
    this.#read.set(conversation, last);
    void this.#connection.ask("message.read", { conversation, seq: last }).then((answer) => {
      if (!answer.ok) this.#read.delete(conversation);
    });
  }

  /** Fetches the last page of a chat, or what came after the last message here. */
  async load(conversation: string): Promise<void> {
    const chat = chatOf(this.#store.state, conversation);
    const last = chat?.isLoaded === true ? chat.messages.at(-1)?.seq : undefined;
    if (last === undefined) await this.#page(conversation, "last", {});
    else await this.#fill(conversation, last);
  }

  /** Fetches the page before the first message here. */
  async loadEarlier(conversation: string): Promise<void> {
    const first = chatOf(this.#store.state, conversation)?.messages[0]?.seq;
    if (first !== undefined) await this.#page(conversation, "before", { before: first });
  }

  /** Fetches the last message of chats that are listed. */
  async preview(conversation: string): Promise<void> {
    await this.#page(conversation, "preview", { limit: 3 });
  }

  async #fill(conversation: string, from: number): Promise<void> {
    let last = from;
    for (let more = true; more; ) {
      const messages = await this.#page(conversation, "after", { after: last, limit: 200 });
      last = messages.at(-1)?.seq ?? last;
      more = messages.length === 200;
    }
  }

  async #page(
    conversation: string,
    page: "last" | "before" | "after" | "preview",
    range: { after?: number; before?: number; limit?: number },
  ): Promise<readonly Message[]> {
    const answer = await this.#connection.ask("history", { conversation, limit: PAGE, ...range });
    if (!answer.ok) return [];
    const { messages, more } = answer;
    this.#store.dispatch({ on: "history", conversation, messages, page, more });
    return messages;
  }

  #auth(): Record<string, string> {
    const { token } = this.#keys;
    return {
      entry_point: this.#place.entryPoint,
      ...(token === undefined ? {} : { token }),
      ...(this.identity === undefined ? {} : { identity: this.identity }),
    };
  }

  #listen(): void {
    this.#connection.watch((status) => {
      this.#store.dispatch({ on: "status", status });
      if (this.identity !== undefined && status.error !== undefined) this.#unwanted(status.error.code);
    });
    this.#connection.on("session", (session) => {
      const { kept } = this.#keys;
      // Two tabs that were opened at once: the one whose token was kept last is the visitor.
      if (this.#keys.token === undefined && kept !== undefined && kept !== session.token) {
        this.#keys.token = kept;
        this.#connection.renew();
        return;
      }
      this.#keys.token = session.token;
      this.identity = undefined; // from now on the token says it, which lives longer
      this.#read = new Map();
      this.#store.dispatch({ on: "session", session });
      for (const chat of this.#store.state.chats) {
        if (chat.isLoaded || chat.contact !== undefined) void this.load(chat.id);
      }
      void this.outbox.flush();
    });
    for (const name of EVENTS) {
      this.#connection.on(name, (event) => {
        this.#store.dispatch({ on: name, event } as Heard);
        this.#mind(name, event.conversation);
      });
    }
    this.#stops.push(
      this.#keys.watch((token) => {
        if (token === undefined) this.#forget(); // another tab was reset
        if (this.#isOpen) this.#connection.renew();
      }),
    );
  }

  /** A token of somebody else is dropped for who is signed in; an old identity for the token. */
  #unwanted(code: string): void {
    if (code === "forbidden" && this.#keys.token !== undefined) this.reset(this.identity);
    if (code !== "unauthenticated") return;
    this.identity = undefined;
    this.#connection.renew();
  }

  /** What an event asks for beside being noted. */
  #mind(name: Heard["on"], conversation: string): void {
    if (name === "typing") {
      clearTimeout(this.#fades.get(conversation));
      const fade = (): void => this.#store.dispatch({ on: "faded", conversation });
      this.#fades.set(conversation, setTimeout(fade, TYPING_FADES_MS));
    }
    const chat = chatOf(this.#store.state, conversation);
    const gap = name === "message" && chat?.isLoaded ? gapIn(chat.messages) : undefined;
    if (gap !== undefined) void this.#fill(conversation, gap);
  }

  #forget(): void {
    this.identity = undefined;
    this.outbox.clear();
    this.drafts.clear();
    this.#store.dispatch({ on: "forget" });
  }

  #carrier(): ConstructorParameters<typeof Outbox<Outgoing, Sent>>[0] {
    return {
      send: (pending) => this.#deliver(pending),
      done: (pending, answer) => {
        if ("contact" in answer) {
          this.#store.dispatch({ on: "started", conversation: answer.conversation, contact: answer.contact });
          if (pending.payload.conversation === undefined) {
            this.#store.show({ at: "chat", conversation: answer.conversation });
          }
        }
      },
      changed: (list) => {
        this.#store.dispatch({ on: "pending", pending: list });
        keep(`frontdesk:${this.#place.entryPoint}:outbox`, list);
        this.#watchLate(list);
      },
    };
  }

  #deliver({ id, payload }: Pending<Outgoing>): Promise<Ack<Sent>> {
    const { conversation, text, start } = payload;
    if (start === undefined) {
      return this.#connection.ask("message.send", { id, conversation: conversation ?? "", text });
    }
    const queue = this.#place.queue === "" ? {} : { queue: this.#place.queue };
    return this.#connection.ask("chat.start", {
      id,
      text,
      ...start,
      ...(conversation === undefined ? {} : { conversation }),
      ...queue,
      ...(Object.keys(this.attributes).length === 0 ? {} : { attributes: this.attributes }),
      context: contextOf(this.locale),
    });
  }

  /** After a moment an unsent message says so. */
  #watchLate(list: readonly Pending<Outgoing>[]): void {
    clearTimeout(this.#late);
    if (this.#store.state.late) this.#store.dispatch({ on: "late", late: false });
    if (list.length === 0) return;
    this.#late = setTimeout(() => this.#store.dispatch({ on: "late", late: true }), LATE_MS);
  }
}

/** Where the visitor is; addresses without what follows `?` and `#`, which may hold anything. */
function contextOf(locale: string): Record<string, string> {
  const bare = (address: string): string => (URL.canParse(address) ? address.split(/[?#]/)[0] ?? "" : "");
  return Object.fromEntries(
    Object.entries({ page_url: bare(location.href), referrer: bare(document.referrer), locale }).filter(
      ([, value]) => value !== "",
    ),
  );
}

/** Keeps what is not sent for a reload of this tab, unless anything in it might need a mask. */
function keep(name: string, list: readonly Pending<Outgoing>[]): void {
  const safe = list.filter(({ payload }) =>
    [payload.text, ...Object.values(payload.start ?? {})].every(mayBeStored),
  );
  try {
    if (safe.length === 0) tabStorage()?.removeItem(name);
    else tabStorage()?.setItem(name, JSON.stringify(safe));
  } catch {
    // Full or forbidden: it stays in memory.
  }
}

function restored(name: string): readonly Pending<Outgoing>[] {
  try {
    return JSON.parse(tabStorage()?.getItem(name) ?? "[]") as Pending<Outgoing>[];
  } catch {
    return [];
  }
}
