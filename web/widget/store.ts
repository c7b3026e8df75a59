// Holds the one state of a widget and tells those who draw it.
import { after, NOTHING, type Action, type State, type View } from "./model";

export class Store {
  state: State = NOTHING;
  readonly #watchers = new Set<(state: State, before: State) => void>();

  dispatch(action: Action): void {
    const before = this.state;
    this.state = after(before, action);
    if (this.state === before) return;
    for (const watcher of [...this.#watchers]) watcher(this.state, before);
  }

  show(view: View): void {
    this.dispatch({ on: "view", view });
  }

  /** Tells of each change; returns what stops it. */
  watch(watcher: (state: State, before: State) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}
