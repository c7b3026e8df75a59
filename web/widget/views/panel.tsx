// The panel: a header, word of the connection, and one of three screens.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { chatOf } from "../model";
import styles from "../panel.css?inline";
import { ChatScreen } from "./chat";
import { useFrame } from "./frame";
import { Header } from "./header";
import { Icon } from "./icon";
import { useLater } from "./later";
import { NewScreen } from "./new";

export const SHEETS = [styles];

const STOPS = "a[href], button:not(:disabled), input, textarea, [tabindex='0']";

export function Panel(): JSX.Element {
  const { state, t, isFull, isFrame, close } = useFrame();
  const panel = useRef<HTMLElement>(null);
  useKeyboardRoom(panel, isFull && !isFrame);
  useFirstFocus(panel, `${state.view.at}${state.session === undefined}`);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && !event.defaultPrevented && !isFrame) close();
    if (event.key === "Tab" && isFull && !isFrame) keepInside(event, panel.current);
  };
  const name = state.session?.entry_point.name ?? t("chat");
  return (
    <section
      ref={panel}
      class={`panel${state.isLarge ? " large" : ""}${isFull ? " full" : ""}`}
      role={isFrame ? "region" : "dialog"}
      aria-modal={isFull && !isFrame ? "true" : undefined}
      aria-label={name}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <Header />
      <Strip />
      <Screen />
    </section>
  );
}

function Screen(): JSX.Element {
  const { state, t } = useFrame();
  if (state.session === undefined) {
    const isRefused = state.status.standing === "refused";
    return <p class="plain quiet-start">{t(isRefused ? "refused" : "connecting")}</p>;
  }
  const chat = state.view.at === "chat" ? chatOf(state, state.view.conversation) : undefined;
  if (chat !== undefined) return <ChatScreen key={chat.id} chat={chat} />;
  return state.view.at === "list" ? <List /> : <NewScreen />;
}

/** Only who has been here before has a list, so only they load it. */
function List(): JSX.Element | null {
  const ListScreen = useLater(() => import("./list").then((module) => module.ListScreen));
  return ListScreen === undefined ? null : <ListScreen />;
}

/** Says that there is no connection, once it has been away for more than a moment. */
function Strip(): JSX.Element {
  const { state, t } = useFrame();
  const { shown, standing } = state.status;
  const isTold = shown !== "quiet" && standing !== "refused" && state.session !== undefined;
  const isOffline = isTold && (shown === "banner" || !navigator.onLine);
  return (
    <div role="status">
      {isTold && (
        <p class={isOffline ? "strip warn" : "strip"}>
          <Icon name="cloudOff" />
          {t(isOffline ? "offline" : "reconnecting")}
        </p>
      )}
    </div>
  );
}

/** On a phone the keyboard covers part of the page; the panel takes what is left. */
function useKeyboardRoom(panel: { readonly current: HTMLElement | null }, isOn: boolean): void {
  useEffect(() => {
    const room = window.visualViewport;
    const element = panel.current;
    if (!isOn || room === null || element === null) return;
    const fit = (): void => {
      element.style.setProperty("--room", `${room.height}px`);
      element.style.setProperty("--from", `${room.offsetTop}px`);
    };
    fit();
    room.addEventListener("resize", fit);
    room.addEventListener("scroll", fit);
    return () => {
      room.removeEventListener("resize", fit);
      room.removeEventListener("scroll", fit);
      element.style.removeProperty("--room");
      element.style.removeProperty("--from");
    };
  }, [isOn]);
}

/** Puts the focus where one goes on: the marked part of a screen that was opened. */
function useFirstFocus(panel: { readonly current: HTMLElement | null }, screen: string): void {
  const { isFrame, state } = useFrame();
  const isHere = useRef(!isFrame);
  useEffect(() => {
    if (!isHere.current) {
      isHere.current = state.session !== undefined;
      return; // a frame that is loaded takes no focus from the page around it
    }
    const target = panel.current?.querySelector<HTMLElement>("[data-first]") ?? panel.current;
    target?.focus({ preventScroll: true });
  }, [screen]);
}

function keepInside(event: KeyboardEvent, panel: HTMLElement | null): void {
  const stops = [...(panel?.querySelectorAll<HTMLElement>(STOPS) ?? [])].filter(
    (each) => each.tabIndex >= 0 && each.offsetParent !== null,
  );
  const root = panel?.getRootNode() as ShadowRoot | undefined;
  const active = root?.activeElement;
  const [first, last] = [stops[0], stops.at(-1)];
  const isLeaving = event.shiftKey ? active === first || active === panel : active === last;
  if (!isLeaving) return;
  event.preventDefault();
  (event.shiftKey ? last : first)?.focus();
}
