// What was typed and not sent, by chat: in memory, and in the tab's storage only when nothing in it
// could need a mask, because only the server masks.

/** Seven digits are a phone number, an @ is an address, three or four alone a security code. */
export function mayBeStored(text: string): boolean {
  const digits = text.match(/\p{Nd}/gu)?.length ?? 0;
  return digits < 7 && !/[@\uff20]/.test(text) && !/^\s*\p{Nd}{3,4}\s*$/u.test(text);
}

/** The tab's storage, or nothing where a browser forbids it. */
export function tabStorage(): Storage | undefined {
  try {
    return globalThis.sessionStorage;
  } catch {
    return undefined;
  }
}

/** Drafts by a key of the caller, such as a chat and its mode. */
export class Drafts {
  readonly #texts = new Map<string, string>();
  readonly #prefix: string;
  readonly #storage: Storage | undefined;

  constructor(prefix: string, storage: Storage | undefined = tabStorage()) {
    this.#prefix = prefix;
    this.#storage = storage;
  }

  get(key: string): string {
    return this.#texts.get(key) ?? this.#storage?.getItem(this.#prefix + key) ?? "";
  }

  set(key: string, text: string): void {
    this.#texts.set(key, text);
    if (text !== "" && mayBeStored(text)) this.#write(key, text);
    else this.#storage?.removeItem(this.#prefix + key);
  }

  drop(key: string): void {
    this.#texts.delete(key);
    this.#storage?.removeItem(this.#prefix + key);
  }

  /** Forgets all of them, as on signing out. */
  clear(): void {
    this.#texts.clear();
    const storage = this.#storage;
    if (storage === undefined) return;
    for (const key of Object.keys(storage)) {
      if (key.startsWith(this.#prefix)) storage.removeItem(key);
    }
  }

  #write(key: string, text: string): void {
    try {
      this.#storage?.setItem(this.#prefix + key, text);
    } catch {
      // Full or forbidden: it stays in memory.
    }
  }
}
