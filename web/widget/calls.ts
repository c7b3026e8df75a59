// What calls for attention when nobody looks: the page's title, and a tone for who asked for one.
import type { State } from "./model";

const TITLE_EACH_MS = 2_000;

/** Changes the page's title every two seconds while it is hidden and something is unread. */
export class TitleCall {
  #own = "";
  #timer: ReturnType<typeof setInterval> | undefined;
  readonly #stop = (): void => this.#end();

  update(unread: number, name: string): void {
    if (document.visibilityState === "visible" || unread === 0) {
      this.#end();
      return;
    }
    const called = `(${unread}) ${name}`;
    this.#end();
    this.#own = document.title;
    document.title = called;
    this.#timer = setInterval(() => {
      document.title = document.title === called ? this.#own : called;
    }, TITLE_EACH_MS);
    document.addEventListener("visibilitychange", this.#stop);
    addEventListener("focus", this.#stop);
  }

  #end(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    document.title = this.#own;
    document.removeEventListener("visibilitychange", this.#stop);
    removeEventListener("focus", this.#stop);
  }
}

/** How many messages of others have come, to tell a new one from a read mark. */
export function heardCount(state: State): number {
  return state.chats.reduce(
    (sum, chat) => sum + chat.messages.filter((each) => each.author.role === "agent").length,
    0,
  );
}
