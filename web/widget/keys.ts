// What a browser keeps between visits: the token that all tabs of a visitor share, and one choice.
//
// The token is in localStorage, because tabs and later visits are to be the same customer; it opens
// nothing but this customer's own chats, whose texts are masked. No text is ever kept there.

const SOUND = "frontdesk:sound";

export class Keys {
  readonly #name: string;
  readonly #storage = localStorageOrNone();
  #token: string | undefined;

  constructor(server: string, entryPoint: string) {
    this.#name = `frontdesk:${entryPoint}@${server}`;
    this.#token = this.#storage?.getItem(this.#name) ?? undefined;
  }

  get token(): string | undefined {
    return this.#token;
  }

  set token(token: string | undefined) {
    this.#token = token;
    this.#keep(this.#name, token);
  }

  get hasSound(): boolean {
    return this.#storage?.getItem(SOUND) === "on";
  }

  set hasSound(isOn: boolean) {
    this.#keep(SOUND, isOn ? "on" : undefined);
  }

  /** What another tab has kept, which may be newer than what this one knows. */
  get kept(): string | undefined {
    return this.#storage?.getItem(this.#name) ?? undefined;
  }

  /** Tells when another tab keeps another token, or forgets it; returns what stops it. */
  watch(changed: (token: string | undefined) => void): () => void {
    const listener = (event: StorageEvent): void => {
      if (event.key !== this.#name || event.newValue === (this.#token ?? null)) return;
      this.#token = event.newValue ?? undefined;
      changed(this.#token);
    };
    addEventListener("storage", listener);
    return () => removeEventListener("storage", listener);
  }

  #keep(name: string, value: string | undefined): void {
    try {
      if (value === undefined) this.#storage?.removeItem(name);
      else this.#storage?.setItem(name, value);
    } catch {
      // Full or forbidden: this tab still knows it.
    }
  }
}

function localStorageOrNone(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined; // a frame that may keep nothing
  }
}
