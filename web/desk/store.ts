/** Holds what a desk knows, and tells who draws it of every change. */

import { type Desk, EMPTY } from "./model";

export class Store {
  desk: Desk = EMPTY;
  readonly #watchers = new Set<() => void>();

  /** Changes what is known here; the server knows nothing of it. */
  update(change: (desk: Desk) => Desk): void {
    const before = this.desk;
    this.desk = change(before);
    if (this.desk !== before) this.changed();
  }

  /** Calls back after every change; returns what stops it. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Tells of a change that is not the desk's, such as the connection's. */
  changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  /** Tells nobody any more. */
  close(): void {
    this.#watchers.clear();
  }
}
