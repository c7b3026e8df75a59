/** What a desktop reads back: older messages, read marks, closed contacts and their transcripts. */

import type { Connection } from "../shared/connection";
import type { AgentCommands, Message } from "../shared/contract";
import { firstSeq, gapIn, merged, toRead } from "./messages";
import { chatOf, type Desk, type Transcript, withChat } from "./model";
import type { Store } from "./store";

const PAGE = 50;
const GAP_MAX = 200;

/** Asks for what was said before, beside or while nobody listened. */
export class Reading {
  readonly #store: Store;
  readonly #ask: Connection<never, AgentCommands>["ask"];
  readonly #filling = new Set<string>();
  readonly #reported = new Map<string, number>();

  constructor(store: Store, ask: Connection<never, AgentCommands>["ask"]) {
    this.#store = store;
    this.#ask = ask;
  }

  /** Asks for what is missing between messages, until nothing is. */
  fillGaps(): void {
    for (const chat of this.#store.desk.chats) {
      const gap = gapIn(chat.messages);
      if (gap === null || this.#filling.has(gap.conversation)) continue;
      this.#filling.add(gap.conversation);
      void this.#ask("history", { ...gap, limit: GAP_MAX }).then((answer) => {
        this.#filling.delete(gap.conversation);
        if (!answer.ok || answer.messages.length === 0) return;
        addMessages(this.#store, chat.contact.id, answer.messages);
        this.fillGaps();
      });
    }
  }

  /** The agent looks at a chat's last message: whoever wrote it is told. */
  seen(contact: string): void {
    const chat = chatOf(this.#store.desk, contact);
    const seq = chat === undefined || chat.lost ? null : toRead(chat);
    if (seq === null || (this.#reported.get(contact) ?? 0) >= seq) return;
    this.#reported.set(contact, seq);
    void this.#ask("message.read", { contact, seq }).then((answer) => {
      if (!answer.ok) this.#reported.delete(contact);
    });
  }

  /** Reads what was said before the first message shown. */
  async loadEarlier(contact: string): Promise<void> {
    const chat = chatOf(this.#store.desk, contact);
    if (chat === undefined || chat.earlier !== "unknown") return;
    const set = (earlier: "unknown" | "loading" | "none") =>
      this.#store.update((desk) => withChat(desk, contact, (one) => ({ ...one, earlier })));
    const before = firstSeq(chat.messages, chat.contact.conversation);
    if (before === 1) {
      set("none");
      return;
    }
    set("loading");
    const asked = { conversation: chat.contact.conversation, limit: PAGE };
    const answer = await this.#ask(
      "history",
      before === null ? asked : { ...asked, before },
    );
    if (answer.ok) addMessages(this.#store, contact, answer.messages);
    set(answer.ok && !answer.more ? "none" : "unknown");
  }

  /** Asks for the agent's closed contacts; further ones when some are there. */
  async loadRecent(): Promise<void> {
    const { contacts } = this.#store.desk.recent;
    const set = (change: Partial<Desk["recent"]>) =>
      this.#store.update((desk) => ({ ...desk, recent: { ...desk.recent, ...change } }));
    set({ state: "loading" });
    const before = contacts.at(-1)?.ended_at;
    const asked = before === undefined ? { limit: PAGE } : { limit: PAGE, before };
    const answer = await this.#ask("contacts.recent", asked);
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
    this.#store.update((desk) => ({ ...desk, recent: { ...desk.recent, ...recent } }));
    void this.loadRecent();
  }

  /** Reads a closed contact's transcript, its notes among it. */
  async openRecent(contact: string): Promise<void> {
    const found = this.#store.desk.recent.contacts.find((one) => one.id === contact);
    if (found === undefined) return;
    const set = (state: Transcript["state"], messages: readonly Message[]) =>
      this.#store.update((desk) => ({
        ...desk,
        recent: { ...desk.recent, open: { contact: found, state, messages } },
      }));
    set("loading", []);
    const names = [found.conversation, ...(found.internal === undefined ? [] : [found.internal])];
    const answers = await Promise.all(
      names.map((conversation) => this.#ask("history", { conversation, limit: GAP_MAX })),
    );
    if (this.#store.desk.recent.open?.contact.id !== contact) return;
    const said = answers.flatMap((answer) => (answer.ok ? answer.messages : []));
    const isWhole = answers.every((answer) => answer.ok);
    set(isWhole ? "ready" : "failed", merged([], said.filter((one) => one.contact === contact)));
  }

  /** Forgets what was reported of a chat that is gone. */
  forget(contact: string): void {
    this.#reported.delete(contact);
  }
}

function addMessages(store: Store, contact: string, messages: readonly Message[]): void {
  store.update((desk) =>
    withChat(desk, contact, (chat) => ({ ...chat, messages: merged(messages, chat.messages) })),
  );
}
