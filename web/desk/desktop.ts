/** One desktop: what it knows, what it asks the server, and what it tells who draws it. */

import { ServerClock } from "../shared/clock";
import { Connection, type Status } from "../shared/connection";
import type {
  Ack,
  Agent,
  AgentCommands,
  AgentMessageSent,
  Destination,
  QueueStanding,
  Refused,
  SendToContact,
  Wrapup,
} from "../shared/contract";
import type { Drafts } from "../shared/drafts";
import { newId, Outbox } from "../shared/outbox";
import { assigned, dropped, neighbour } from "./contacts";
import { BLANK, type Draft, type Mode, switched, textOf, without } from "./drafting";
import { type Audience, chatOf, type Desk, type Heard, type Refusal } from "./model";
import { type News, newsOf } from "./news";
import { answering, answerRefused, CLOSED_SHOWN_MS, withoutCard } from "./offers";
import { chatOpened } from "./panels";
import { Reading } from "./reading";
import { hear } from "./reduce";
import { refusalOf } from "./refusals";
import { Store } from "./store";
import { acknowledged, held, retried, sendRefused, sent, waited } from "./sending";

/** After this a message that has no answer yet shows as not sent. */
const HELD_MS = 1_500;
const RETRY_MS = 2_000;
const AGAIN_MS = 1_000;
const RETRIES_MAX = 60;

const EVENTS = [
  "snapshot",
  "presence.changed",
  "offer.created",
  "offer.closed",
  "contact.assigned",
  "contact.updated",
  "contact.ended",
  "contact.interrupted",
  "participant.joined",
  "participant.left",
  "message",
  "message.redacted",
  "message.read",
  "typing",
  "wrapup.started",
  "wrapup.completed",
  "connection.closed",
  "server.draining",
] as const satisfies readonly Heard["name"][];

type Text = Pick<SendToContact, "contact" | "text" | "audience">;
type Asked = keyof AgentCommands & string;
type Failed = Refusal | null;

/** What a desktop needs of the world. */
export interface Place {
  readonly origin: string;
  readonly token: string;
  readonly drafts: Drafts;
  /** Whether a pointer or the focus is on requests: then no card may move. */
  readonly isBusyWithOffers: () => boolean;
}

export class Desktop {
  readonly clock = new ServerClock();
  readonly reading: Reading;
  readonly #store = new Store();
  readonly #connection: Connection<Record<string, Heard["payload"]>, AgentCommands>;
  readonly #outbox: Outbox<Text, AgentMessageSent>;
  readonly #drafts: Drafts;
  readonly #isBusyWithOffers: () => boolean;
  readonly #listeners = new Set<(news: News) => void>();

  constructor(place: Place) {
    this.#drafts = place.drafts;
    this.#isBusyWithOffers = place.isBusyWithOffers;
    this.#connection = new Connection({
      origin: place.origin,
      namespace: "/agent",
      auth: () => ({ token: place.token }),
      clock: this.clock,
    });
    this.reading = new Reading(this.#store, this.#connection.ask.bind(this.#connection));
    this.#outbox = new Outbox<Text, AgentMessageSent>({
      send: ({ id, payload }) => this.#connection.ask("message.send", { id, ...payload }),
      done: ({ id, payload }) => this.#delivered(id, payload),
      changed: (list) => {
        for (const one of list) {
          if (one.state === "failed" && one.error !== undefined) {
            const refusal = refusalOf(one.error);
            this.update((desk) => sendRefused(desk, one.id, refusal));
          }
        }
      },
    });
  }

  get desk(): Desk {
    return this.#store.desk;
  }

  get status(): Status {
    return this.#connection.status;
  }

  /** Connects and begins to listen. */
  open(): void {
    for (const name of EVENTS)
      this.#connection.on(name, (payload) => this.#hear({ name, payload } as Heard));
    this.#connection.watch(() => this.#store.changed());
    this.#connection.open();
  }

  close(): void {
    this.#connection.close();
    this.#outbox.clear();
    this.#store.close();
    this.#listeners.clear();
  }

  /** Calls back after every change; returns what stops it. */
  watch(watcher: () => void): () => void {
    return this.#store.watch(watcher);
  }

  /** Calls back with what is worth a sound or a word. */
  listen(listener: (news: News) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Changes what is known here; the server knows nothing of it. */
  update(change: (desk: Desk) => Desk): void {
    this.#store.update(change);
  }

  // -- hearing ----------------------------------------------------------------------------------

  #hear(heard: Heard): void {
    const before = this.desk;
    this.update((desk) => hear(this.#draftsRead(desk, heard), heard));
    for (const chat of before.chats)
      if (chatOf(this.desk, chat.contact.id) === undefined) this.#forget(chat.contact.id);
    if (heard.name === "snapshot") void this.#outbox.flush();
    if (heard.name === "offer.closed") this.#letGo(heard.payload.offer);
    if (heard.name === "message" || heard.name === "snapshot") this.reading.fillGaps();
    for (const news of newsOf(before, heard)) for (const each of this.#listeners) each(news);
  }

  /** Drafts of chats that come into view are read from where they were kept. */
  #draftsRead(desk: Desk, heard: Heard): Desk {
    const contacts =
      heard.name === "snapshot"
        ? heard.payload.contacts.map((contact) => contact.id)
        : heard.name === "contact.assigned"
          ? [heard.payload.contact.id]
          : [];
    const drafts = { ...desk.drafts };
    for (const contact of contacts) drafts[contact] ??= this.#kept(contact);
    return contacts.length === 0 ? desk : { ...desk, drafts };
  }

  #kept(contact: string): Draft {
    const reply = this.#drafts.get(`${contact}/reply`);
    const note = this.#drafts.get(`${contact}/note`);
    return { ...BLANK, reply, note, mode: note !== "" && reply === "" ? "note" : "reply" };
  }

  #letGo(offer: string): void {
    const card = this.desk.cards.find((one) => one.offer.id === offer);
    if (card?.closed == null) return;
    const remove = () => {
      const now = this.desk.cards.find((one) => one.offer.id === offer);
      if (now?.closed !== card.closed) return;
      if (this.#isBusyWithOffers()) setTimeout(remove, AGAIN_MS);
      else this.update((desk) => withoutCard(desk, offer));
    };
    setTimeout(remove, CLOSED_SHOWN_MS);
  }

  // -- asking -----------------------------------------------------------------------------------

  /** Gives a command until it is answered for good; null when it was done. */
  async #insist<Name extends Asked>(
    name: Name,
    payload: AgentCommands[Name]["payload"],
    waiting: (refusal: Refusal) => void = () => undefined,
  ): Promise<Ack<AgentCommands[Name]["answer"]>> {
    const named = { ...payload, id: newId() };
    let answer = await this.#connection.ask(name, named);
    for (let tried = 1; tried < RETRIES_MAX && shouldRetry(answer); tried += 1) {
      const refusal = refusalOf(answer.error);
      waiting(refusal);
      await new Promise((done) => setTimeout(done, refusal.retryAfterMs ?? RETRY_MS));
      answer = await this.#connection.ask(name, named);
    }
    return answer;
  }

  async #done<Name extends Asked>(
    name: Name,
    payload: AgentCommands[Name]["payload"],
  ): Promise<Failed> {
    const answer = await this.#insist(name, payload);
    return answer.ok ? null : refusalOf(answer.error);
  }

  async setPresence(state: "available" | "idle" | "offline", code?: string): Promise<Failed> {
    const payload = code === undefined ? { state } : { state, idle_code: code };
    const answer = await this.#insist("presence.set", payload);
    if (!answer.ok) return refusalOf(answer.error);
    this.update((desk) => ({ ...desk, agent: answer.agent }));
    return null;
  }

  /** Takes an offer; its chat opens. */
  async accept(offer: string): Promise<Failed> {
    const answer = await this.#answer(offer, "accept", "offer.accept");
    if (!answer.ok) return refusalOf(answer.error);
    this.update((desk) =>
      chatOpened(assigned(withoutCard(desk, offer), answer.contact, answer.messages), answer.contact.id),
    );
    return null;
  }

  async decline(offer: string): Promise<Failed> {
    const answer = await this.#answer(offer, "decline", "offer.decline");
    return answer.ok ? null : refusalOf(answer.error);
  }

  async #answer<Name extends "offer.accept" | "offer.decline">(
    offer: string,
    kind: "accept" | "decline",
    name: Name,
  ): Promise<Ack<AgentCommands[Name]["answer"]>> {
    this.update((desk) => answering(desk, offer, kind));
    const refused = (refusal: Refusal) =>
      this.update((desk) => answerRefused(desk, offer, refusal));
    const answer = await this.#insist(name, { offer }, refused);
    if (!answer.ok) refused(refusalOf(answer.error));
    return answer;
  }

  transfer(contact: string, to: Destination, more: { wrapup?: Wrapup; force?: boolean } = {}) {
    return this.#done("contact.transfer", { contact, to, ...more });
  }

  conference(contact: string, agent: string): Promise<Failed> {
    return this.#done("contact.conference", { contact, agent });
  }

  cancel(offer: string): Promise<Failed> {
    return this.#done("offer.cancel", { offer });
  }

  leave(contact: string, wrapup?: Wrapup): Promise<Failed> {
    return this.#done("conference.leave", wrapup === undefined ? { contact } : { contact, wrapup });
  }

  remove(contact: string, agent: string): Promise<Failed> {
    return this.#done("conference.remove", { contact, agent });
  }

  end(contact: string, wrapup?: Wrapup): Promise<Failed> {
    return this.#done("contact.end", wrapup === undefined ? { contact } : { contact, wrapup });
  }

  wrapUp(contact: string, wrapup: Wrapup): Promise<Failed> {
    return this.#done("contact.wrapup", { contact, ...wrapup });
  }

  async queues(): Promise<readonly QueueStanding[] | null> {
    const answer = await this.#connection.ask("directory.queues", {});
    return answer.ok ? answer.queues : null;
  }

  async agents(): Promise<readonly Agent[] | null> {
    const answer = await this.#connection.ask("directory.agents", {});
    return answer.ok ? answer.agents : null;
  }

  // -- writing ----------------------------------------------------------------------------------

  draft(contact: string): Draft {
    return this.desk.drafts[contact] ?? BLANK;
  }

  setDraft(contact: string, draft: Draft): void {
    this.#drafts.set(`${contact}/reply`, draft.reply);
    this.#drafts.set(`${contact}/note`, draft.note);
    this.update((desk) => ({
      ...desk,
      drafts: { ...desk.drafts, [contact]: draft },
      sending: desk.sending.filter((one) => one.contact !== contact || one.state !== "refused"),
    }));
  }

  /** Goes on as a reply or as a note; what was sent already stays what it was. */
  choose(contact: string, mode: Mode): void {
    const already = held(this.desk, contact, audienceOf(this.draft(contact).mode));
    if (already !== null) this.#release(already.id);
    this.setDraft(contact, switched(this.draft(contact), mode));
  }

  /** Sends what stands in the composer; it stays there until the server has it. */
  send(contact: string): void {
    const draft = this.draft(contact);
    const audience = audienceOf(draft.mode);
    const already = held(this.desk, contact, audience);
    const all = textOf(draft);
    const text = already !== null && all.startsWith(already.text) ? all.slice(already.text.length) : all;
    if (text.trim() === "") return;
    if (already !== null) this.#release(already.id);
    const id = newId();
    const one = { id, contact, audience, text, at: this.clock.now() };
    this.update((desk) => sent(desk, one, "held"));
    this.#outbox.add({ contact, text, audience }, id);
    if (this.status.standing === "online") setTimeout(() => this.#release(id), HELD_MS);
    else this.#release(id);
  }

  /** The composer lets go of a message that has no answer yet: it shows in the log. */
  #release(id: string): void {
    const one = this.desk.sending.find((each) => each.id === id);
    if (one?.state !== "held") return;
    this.update((desk) => waited(desk, id));
    this.#taken(one.contact, one.audience, one.text);
  }

  #delivered(id: string, payload: Text): void {
    const one = this.desk.sending.find((each) => each.id === id);
    this.update((desk) => acknowledged(desk, id));
    if (one?.state === "held")
      this.#taken(payload.contact, payload.audience ?? "everyone", payload.text);
  }

  #taken(contact: string, audience: Audience, text: string): void {
    const mode: Mode = audience === "internal" ? "note" : "reply";
    this.setDraft(contact, without(this.draft(contact), mode, text));
  }

  retry(id: string): void {
    this.update((desk) => retried(desk, id));
    this.#outbox.retry(id);
  }

  discard(id: string): void {
    this.update((desk) => acknowledged(desk, id));
    this.#outbox.remove(id);
  }

  /** Tells the others that the agent types, or stopped. */
  typing(contact: string, on: boolean): void {
    if (this.status.standing === "online") void this.#connection.ask("typing", { contact, on });
  }

  // -- leaving ----------------------------------------------------------------------------------

  /** Closes the row of a chat that went to somebody else. */
  closeRow(contact: string): string | null {
    const next = neighbour(this.desk, contact);
    this.update((desk) => dropped(desk, contact));
    this.#forget(contact);
    return next;
  }

  /** Goes offline and forgets everything; refused while chats are in hand. */
  async signOut(): Promise<Failed> {
    const answer = await this.#connection.ask("presence.set", { state: "offline", id: newId() });
    if (!answer.ok && answer.error.code === "conflict") return refusalOf(answer.error);
    this.#drafts.clear();
    this.close();
    return null;
  }

  #forget(contact: string): void {
    this.#drafts.drop(`${contact}/reply`);
    this.#drafts.drop(`${contact}/note`);
    this.reading.forget(contact);
  }
}

/** Who reads what is written in a mode. */
export function audienceOf(mode: Mode): Audience {
  return mode === "note" ? "internal" : "everyone";
}

function shouldRetry(answer: { ok: true } | Refused): answer is Refused {
  return !answer.ok && (answer.error.code === "unavailable" || answer.error.code === "rate_limited");
}
