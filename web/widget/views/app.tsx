// The launcher, and the panel while it is open.
import type { JSX, RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "./icon";
import { unreadOf } from "../model";
import { useFrame } from "./frame";

export function App(): JSX.Element {
  const { state, isFrame, isFull, Panel } = useFrame();
  const launcher = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(state.isOpen);
  useEffect(() => {
    if (wasOpen.current && !state.isOpen) launcher.current?.focus();
    wasOpen.current = state.isOpen;
  }, [state.isOpen]);
  return (
    <>
      {state.isOpen && Panel !== undefined && <Panel />}
      {!isFrame && !(isFull && state.isOpen) && <Launcher button={launcher} />}
    </>
  );
}

function Launcher({ button }: { button: RefObject<HTMLButtonElement | null> }): JSX.Element {
  const { state, store, session, t, prepare } = useFrame();
  const unread = unreadOf(state);
  const toggle = (): void => {
    session.open();
    store.dispatch({ on: "shown", isOpen: !state.isOpen });
  };
  const closedLabel = unread > 0 ? t("chatUnread", { n: unread }) : t("chat");
  return (
    <button
      ref={button}
      class="launcher"
      type="button"
      aria-expanded={state.isOpen}
      aria-label={state.isOpen ? t("close") : closedLabel}
      onPointerEnter={prepare}
      onFocus={prepare}
      onClick={toggle}
    >
      <Icon name={state.isOpen ? "down" : "chat"} />
      {!state.isOpen && unread > 0 && (
        <span class="badge figures" aria-hidden="true">
          {unread > 99 ? "99+" : unread}
        </span>
      )}
    </button>
  );
}
