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
import { BLANK, type Draft, type Mode, textOf, without } from "./drafting";
import { firstSeq, gapIn, merged, toRead } from "./messages";
import { type Audience, chatOf, type Desk, EMPTY, type Heard, type Refusal, withChat } from "./model";
import { type News, newsOf } from "./news";
import { answering, answerRefused, CLOSED_SHOWN_MS, withoutCard } from "./offers";
import { chatOpened } from "./panels";
import { hear } from "./reduce";
import { refusalOf } from "./refusals";
import { acknowledged, held, retried, sendRefused, sent, waited } from "./sending";

/** After this a message that has no answer yet shows as not sent. */
const HELD_MS = 1_500;
const RETRY_MS = 2_000;
const AGAIN_MS = 1_000;
const RETRIES_MAX = 60;
const PAGE = 50;

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
  desk: Desk = EMPTY;
  readonly #connection: Connection<Record<string, Heard["payload"]>, AgentCommands>;
  readonly #outbox: Outbox<Text, AgentMessageSent>;
  readonly #drafts: Drafts;
  readonly #isBusyWithOffers: () => boolean;
  readonly #watchers = new Set<() => void>();
  readonly #listeners = new Set<(news: News) => void>();
  readonly #filling = new Set<string>();
  readonly #reported = new Map<string, number>();

  constructor(place: Place) {
    this.#drafts = place.drafts;
    this.#isBusyWithOffers = place.isBusyWithOffers;
    this.#connection = new Connection({
      origin: place.origin,
      namespace: "/agent",
      auth: () => ({ token: place.token }),
      clock: this.clock,
    });
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

  get status(): Status {
    return this.#connection.status;
  }

  /** Connects and begins to listen. */
  open(): void {
    for (const name of EVENTS)
      this.#connection.on(name, (payload) => this.#hear({ name, payload } as Heard));
    this.#connection.watch(() => this.#changed());
    this.#connection.open();
  }

  close(): void {
    this.#connection.close();
    this.#outbox.clear();
    this.#watchers.clear();
    this.#listeners.clear();
  }

  /** Calls back after every change; returns what stops it. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Calls back with what is worth a sound or a word. */
  listen(listener: (news: News) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Changes what is known here; the server knows nothing of it. */
  update(change: (desk: Desk) => Desk): void {
    const before = this.desk;
    this.desk = change(before);
    if (this.desk !== before) this.#changed();
  }

  // -- hearing ----------------------------------------------------------------------------------

  #hear(heard: Heard): void {
    const before = this.desk;
    this.update((desk) => hear(this.#draftsRead(desk, heard), heard));
    for (const chat of before.chats)
      if (chatOf(this.desk, chat.contact.id) === undefined) this.#forget(chat.contact.id);
    if (heard.name === "snapshot") void this.#outbox.flush();
    if (heard.name === "offer.closed") this.#letGo(heard.payload.offer);
    if (heard.name === "message" || heard.name === "snapshot") this.#fillGaps();
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

  #fillGaps(): void {
    for (const chat of this.desk.chats) {
      const gap = gapIn(chat.messages);
      if (gap === null || this.#filling.has(gap.conversation)) continue;
      this.#filling.add(gap.conversation);
      void this.#connection.ask("history", { ...gap, limit: 200 }).then((answer) => {
        this.#filling.delete(gap.conversation);
        if (!answer.ok || answer.messages.length === 0) return;
        this.#addMessages(chat.contact.id, answer.messages);
        this.#fillGaps();
      });
    }
  }

  #addMessages(contact: string, messages: Parameters<typeof merged>[1]): void {
    this.update((desk) =>
      withChat(desk, contact, (chat) => ({
        ...chat,
        messages: merged(messages, chat.messages),
      })),
    );
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

  // -- reading ----------------------------------------------------------------------------------

  /** The agent looks at a chat's last message: whoever wrote it is told. */
  seen(contact: string): void {
    const chat = chatOf(this.desk, contact);
    const seq = chat === undefined || chat.lost ? null : toRead(chat);
    if (seq === null || (this.#reported.get(contact) ?? 0) >= seq) return;
    this.#reported.set(contact, seq);
    void this.#connection.ask("message.read", { contact, seq }).then((answer) => {
      if (!answer.ok) this.#reported.delete(contact);
    });
  }

  /** Reads what was said before the first message shown. */
  async loadEarlier(contact: string): Promise<void> {
    const chat = chatOf(this.desk, contact);
    if (chat === undefined || chat.earlier !== "unknown") return;
    const set = (earlier: "unknown" | "loading" | "none") =>
      this.update((desk) => withChat(desk, contact, (one) => ({ ...one, earlier })));
    const before = firstSeq(chat.messages, chat.contact.conversation);
    if (before === 1) {
      set("none");
      return;
    }
    set("loading");
    const asked = { conversation: chat.contact.conversation, limit: PAGE };
    const answer = await this.#connection.ask(
      "history",
      before === null ? asked : { ...asked, before },
    );
    if (answer.ok) this.#addMessages(contact, answer.messages);
    set(answer.ok && !answer.more ? "none" : "unknown");
  }

  /** Asks for the agent's closed contacts; further ones when some are there. */
  async loadRecent(): Promise<void> {
    const { contacts } = this.desk.recent;
    const set = (change: Partial<Desk["recent"]>) =>
      this.update((desk) => ({ ...desk, recent: { ...desk.recent, ...change } }));
    set({ state: "loading" });
    const before = contacts.at(-1)?.ended_at;
    const asked = before === undefined ? { limit: PAGE } : { limit: PAGE, before };
    const answer = await this.#connection.ask("contacts.recent", asked);
    if (!answer.ok) return set({ state: "failed" });
    const known = new Set(contacts.map((contact) => contact.id));
    const fresh = answer.contacts.filter((contact) => !known.has(contact.id));
    set({
      state: "ready",
      contacts: [...contacts, ...fresh],
      more: answer.contacts.length === PAGE,
    });
  }

  /** Forgets the list, so that it is asked for again. */
  renewRecent(): void {
    const recent = { state: "unknown", contacts: [], more: false } as const;
    this.update((desk) => ({ ...desk, recent: { ...desk.recent, ...recent } }));
    void this.loadRecent();
  }

  /** Reads a closed contact's transcript, its notes among it. */
  async openRecent(contact: string): Promise<void> {
    const found = this.desk.recent.contacts.find((one) => one.id === contact);
    if (found === undefined) return;
    const set = (state: "loading" | "ready" | "failed", messages: readonly never[] | Parameters<typeof merged>[0]) =>
      this.update((desk) => ({
        ...desk,
        recent: { ...desk.recent, open: { contact: found, state, messages } },
      }));
    set("loading", []);
    const names = [found.conversation, ...(found.internal === undefined ? [] : [found.internal])];
    const answers = await Promise.all(
      names.map((conversation) => this.#connection.ask("history", { conversation, limit: 200 })),
    );
    if (this.desk.recent.open?.contact.id !== contact) return;
    const said = answers.flatMap((answer) => (answer.ok ? answer.messages : []));
    const isWhole = answers.every((answer) => answer.ok);
    set(isWhole ? "ready" : "failed", merged([], said.filter((one) => one.contact === contact)));
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
    this.#reported.delete(contact);
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

/** Who reads what is written in a mode. */
export function audienceOf(mode: Mode): Audience {
  return mode === "note" ? "internal" : "everyone";
}

function shouldRetry(answer: { ok: true } | Refused): answer is Refused {
  return !answer.ok && (answer.error.code === "unavailable" || answer.error.code === "rate_limited");
}
