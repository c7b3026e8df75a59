// Who is there, and what may be done: the row on top of every screen.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icon";
import { initialsOf } from "../../shared/text";
import { chatOf, type Chat } from "../model";
import { useFrame } from "./frame";

export function Header(): JSX.Element {
  const { state, store, t, isFrame, close, locale } = useFrame();
  const chat = state.view.at === "chat" ? chatOf(state, state.view.conversation) : undefined;
  const site = state.session?.entry_point.name ?? t("chat");
  const agents = chat?.agents ?? [];
  const isBackShown = state.view.at === "chat" ? state.chats.length > 1 : state.view.at === "new" && state.chats.length > 0;
  const title = agents.length > 0 ? new Intl.ListFormat(locale, { type: "unit" }).format(agents) : site;
  return (
    <div class="header">
      {isBackShown && (
        <button class="tool" type="button" aria-label={t("back")} onClick={() => store.show({ at: "list" })}>
          <Icon name="back" />
        </button>
      )}
      {agents.length > 0 && (
        <span class="initials agent" aria-hidden="true">
          {initialsOf(agents[0])}
        </span>
      )}
      <div class="who">
        <h2>
          <bdi>{title}</bdi>
        </h2>
        <p>{underTitle(chat, site, t)}</p>
      </div>
      {state.session !== undefined && <Menu chat={chat} />}
      {!isFrame && (
        <button class="tool" type="button" aria-label={t("close")} onClick={close}>
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}

function underTitle(chat: Chat | undefined, site: string, t: ReturnType<typeof useFrame>["t"]): string {
  if (chat === undefined) return t("here");
  if (chat.agents.length > 0) return site;
  return t(chat.state === "closed" ? "over" : "waiting");
}

interface Item {
  readonly label: string;
  readonly icon: IconName;
  readonly isOn?: boolean;
  readonly run: () => void;
}

function useItems(chat: Chat | undefined): Item[] {
  const { state, store, t, isFull } = useFrame();
  const items: Item[] = [];
  if (state.view.at !== "list" && state.chats.length > 0) {
    const run = (): void => store.show({ at: "list" });
    items.push({ label: t("chats"), icon: "chat", run });
  }
  if (!isFull) {
    const run = (): void => store.dispatch({ on: "large", isLarge: !state.isLarge });
    items.push({ label: t(state.isLarge ? "shrink" : "expand"), icon: state.isLarge ? "shrink" : "expand", run });
  }
  const flip = (): void => store.dispatch({ on: "sound", hasSound: !state.hasSound });
  items.push({ label: t("sound"), icon: "bell", isOn: state.hasSound, run: flip });
  if (chat?.contact !== undefined) {
    const run = (): void => store.dispatch({ on: "ending", isEnding: true });
    items.push({ label: t("end"), icon: "close", run });
  }
  return items;
}

/** The menu behind the dots: arrows move, Escape closes. */
function Menu({ chat }: { chat: Chat | undefined }): JSX.Element {
  const { t } = useFrame();
  const [isOpen, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const items = useItems(chat);
  useEffect(() => {
    if (isOpen) box.current?.querySelector<HTMLElement>("[role^=menuitem]")?.focus();
  }, [isOpen]);

  const shut = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!isOpen) return;
    if (event.key === "Escape") {
      event.preventDefault();
      shut();
    } else if (event.key === "Tab") setOpen(false);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(box.current, event.key === "ArrowDown" ? 1 : -1);
    }
  };
  const onFocusOut = (event: FocusEvent): void => {
    if (isOpen && !box.current?.contains(event.relatedTarget as Node | null)) setOpen(false);
  };
  return (
    <div class="menu-place" ref={box} onKeyDown={onKeyDown} onFocusOut={onFocusOut}>
      <button
        ref={button}
        class="tool"
        type="button"
        aria-label={t("more")}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name="more" />
      </button>
      {isOpen && (
        <div class="menu" role="menu" aria-label={t("more")}>
          {items.map((item) => (
            <button
              type="button"
              role={item.isOn === undefined ? "menuitem" : "menuitemcheckbox"}
              aria-checked={item.isOn}
              tabIndex={-1}
              onClick={() => {
                shut();
                item.run();
              }}
            >
              <Icon name={item.icon} />
              <span>{item.label}</span>
              {item.isOn === true && <Icon name="check" />}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

function step(box: HTMLElement | null, by: number): void {
  const items = [...(box?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
  const root = box?.getRootNode() as ShadowRoot | undefined;
  const at = items.indexOf(root?.activeElement as HTMLElement);
  items[(at + by + items.length) % items.length]?.focus();
}
