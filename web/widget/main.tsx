// Defines `<frontdesk-chat>`: the widget in a shadow root, and what a site may ask of it.
import { render } from "preact";
import base from "../shared/base.css?inline";
import { directionOf, localeFor, translator, type Catalogue, type Locale } from "../shared/i18n";
import { sheetOf } from "../shared/sheets";
import tokens from "../shared/tokens.css?inline";
import { heardCount, TitleCall } from "./calls";
import { Keys } from "./keys";
import { liveChat, unreadOf, type State } from "./model";
import { Session } from "./session";
import { Store } from "./store";
import { textsOf, type Key } from "./texts";
import { App } from "./views/app";
import { FrameContext, type Frame } from "./views/frame";
import styles from "./widget.css?inline";

const SHEETS = [tokens, base, styles].map(made);
const SMALL = "(max-width: 719px), (max-height: 480px)";

/** A page may have made `rem` smaller; letters here never fall below what people set themselves. */
function made(css: string): CSSStyleSheet {
  return sheetOf(css.replace(/([\d.]+)rem/g, "calc($1*max(16px,1rem))"));
}

type Listener = (detail: object) => void;

class FrontdeskChat extends HTMLElement {
  static readonly observedAttributes = ["accent", "locale", "theme"];

  readonly #store = new Store();
  readonly #title = new TitleCall();
  readonly #small = matchMedia(SMALL);
  readonly #dark = matchMedia("(prefers-color-scheme: dark)");
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #draw = (): void => this.#render();
  #session: Session | undefined;
  #root: HTMLElement | undefined;
  #signed = false;
  #painted = "";
  #panel: Frame["Panel"];
  #loading: Promise<void> | undefined;
  #texts: { readonly of: Locale; readonly words: Catalogue<Key> } | undefined;

  connectedCallback(): void {
    const keys = new Keys(this.#server, this.#entryPoint);
    const place = { server: this.#server, entryPoint: this.#entryPoint, queue: this.#read("queue") };
    this.#session = new Session(place, this.#store, keys);
    this.#makeRoot();
    this.#store.watch((state, before) => {
      this.#tell(state, before);
      if (state.hasSound !== before.hasSound) keys.hasSound = state.hasSound;
      this.#render();
    });
    this.#store.dispatch({ on: "sound", hasSound: keys.hasSound });
    this.#small.addEventListener("change", this.#draw);
    this.#dark.addEventListener("change", this.#draw);
    if (this.#isFrame) this.open();
    // Who has been here before may have an answer waiting; nobody else needs a connection yet.
    else if (keys.token !== undefined) this.#session.open();
    this.#render();
  }

  disconnectedCallback(): void {
    this.#small.removeEventListener("change", this.#draw);
    this.#dark.removeEventListener("change", this.#draw);
    this.#session?.close();
    if (this.#root !== undefined) render(null, this.#root);
  }

  attributeChangedCallback(): void {
    this.#render();
  }

  open(): void {
    this.#session?.open();
    this.#store.dispatch({ on: "shown", isOpen: true });
  }

  close(): void {
    if (!this.#isFrame) this.#store.dispatch({ on: "shown", isOpen: false });
  }

  /** Says who the visitor is, by a token that the site has signed. */
  identify(identity: string): Promise<void> | undefined {
    this.#signed = true;
    this.#render();
    return this.#session?.identify(identity);
  }

  /** What agents are told of the visitor with the next chat; `attributes` to a site. */
  describe(values: Record<string, string | number | boolean | null>): void {
    if (this.#session !== undefined) Object.assign(this.#session.attributes, values);
  }

  setLocale(tag: string): void {
    this.setAttribute("locale", tag);
  }

  /** Forgets the visitor, as when they sign out of the site. */
  reset(): void {
    this.#signed = false;
    this.#session?.reset();
    if (this.#session !== undefined) this.#session.attributes = {};
    this.close();
  }

  /** Tells of `open`, `close`, `unread`, `chat.started` and `chat.ended`. */
  on(event: string, listener: Listener): void {
    const known = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, known.add(listener));
  }

  get #server(): string {
    return this.#read("server") || location.origin;
  }

  get #entryPoint(): string {
    return this.#read("entry-point");
  }

  get #isFrame(): boolean {
    return this.hasAttribute("frame");
  }

  #read(name: string): string {
    return this.getAttribute(name) ?? "";
  }

  /** Loads the panel, once. */
  #prepare(): void {
    this.#loading ??= import("./views/panel").then(({ Panel, SHEETS: sheets }) => {
      this.shadowRoot?.adoptedStyleSheets.push(...sheets.map(made));
      this.#panel = Panel;
      this.#render();
    });
    // Without a network there is a next time.
    this.#loading.catch(() => {
      this.#loading = undefined;
    });
  }

  #makeRoot(): void {
    const shadow = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = SHEETS;
    this.#root ??= shadow.appendChild(document.createElement("div"));
  }

  #render(): void {
    const root = this.#root;
    const session = this.#session;
    if (root === undefined || session === undefined) return;
    if (this.#store.state.isOpen) this.#prepare();
    const { tag, locale, region } = this.#language();
    session.locale = tag;
    if (this.#texts?.of !== locale) {
      void textsOf(locale).then((words) => {
        this.#texts = { of: locale, words };
        this.#render();
      });
    }
    if (this.#texts === undefined) return;
    root.lang = locale;
    // A page without a language of its own choosing says by itself which way it runs.
    root.dir = this.hasAttribute("locale") ? directionOf(tag) : "";
    this.#paint(root);
    render(
      <FrameContext.Provider value={this.#frame(session, this.#texts.words, region)}>
        <App />
      </FrameContext.Provider>,
      root,
    );
  }

  #frame(session: Session, words: Catalogue<Key>, locale: string): Frame {
    const direction = getComputedStyle(this).direction === "rtl" ? "rtl" : "ltr";
    return {
      session,
      store: this.#store,
      state: this.#store.state,
      t: translator(words, locale, this.#root?.dir === "rtl" ? "rtl" : direction),
      locale,
      isFull: this.#isFrame || this.#small.matches,
      isFrame: this.#isFrame,
      isSigned: this.#signed,
      close: () => this.close(),
      Panel: this.#panel,
      prepare: () => this.#prepare(),
    };
  }

  /**
   * The language asked for, by the site, by the page, then by the browser; the locale there are
   * texts in; and how its numbers and times are written where the visitor is.
   */
  #language(): { tag: string; locale: Locale; region: string } {
    const wanted = [this.#read("locale"), document.documentElement.lang, ...navigator.languages];
    const tags = wanted.filter((tag) => tag !== "");
    const locale = localeFor(tags);
    const region = tags.find((tag) => tag.startsWith(`${locale}-`)) ?? locale;
    return { tag: tags[0] ?? "en", locale, region };
  }

  /** Makes a site's colour fit for the scheme that is seen. */
  #paint(root: HTMLElement): void {
    const theme = this.#read("theme");
    const isDark = theme === "dark" || (theme !== "light" && this.#dark.matches);
    const own = this.#read("accent") || getComputedStyle(this).getPropertyValue("--accent");
    const colour = /^\s*(#|rgb)/.test(own) ? own : "";
    const painted = `${colour} ${isDark}`;
    if (painted === this.#painted) return;
    this.#painted = painted;
    root.removeAttribute("style");
    if (colour === "") return;
    void import("./accent").then(({ rolesOf }) => {
      const roles = Object.entries(rolesOf(colour, isDark ? "dark" : "light"));
      for (const [name, value] of roles) root.style.setProperty(name, value);
    });
  }

  #tell(state: State, before: State): void {
    const unread = unreadOf(state);
    if (state.isOpen !== before.isOpen) this.#emit(state.isOpen ? "open" : "close", {});
    if (unread !== unreadOf(before)) {
      this.#emit("unread", { count: unread });
      this.#title.update(unread, state.session?.entry_point.name ?? "");
    }
    const [live, was] = [liveChat(state)?.id, liveChat(before)?.id];
    if (live !== was && before.session !== undefined) {
      if (was !== undefined) this.#emit("chat.ended", { conversation: was });
      if (live !== undefined) this.#emit("chat.started", { conversation: live });
    }
    const isNew = heardCount(state) > heardCount(before) && unread > unreadOf(before);
    if (isNew && state.hasSound) void import("./sound").then(({ playNote }) => playNote());
  }

  #emit(event: string, detail: object): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(detail);
  }
}

if (customElements.get("frontdesk-chat") === undefined) {
  customElements.define("frontdesk-chat", FrontdeskChat);
}
