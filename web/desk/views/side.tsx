/** The right column: one panel at a time, never in the way; without one, who the customer is. */

import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "../../shared/icons";
import { type ChatPanel, chatOf, type DeskPanel } from "../model";
import { lookedAt, sideClosed, sideOf } from "../panels";
import { useScene } from "../scene";
import { CommandsPanel } from "./commands";
import { ConferencePanel, LeavePanel } from "./conference";
import { Details } from "./details";
import { OfferDock } from "./offers";
import { SettingsPanel } from "./settings";
import { ShortcutsPanel } from "./shortcuts";
import { TransferPanel } from "./transfer";
import { WrapupPanel } from "./wrapup";

export function SideColumn(props: { run: (command: string) => void }): JSX.Element | null {
  const { desk, t, width } = useScene();
  const side = sideOf(desk);
  const isOpen = side.of !== "none";
  if (width !== "wide" && !isOpen) return null;
  const Column = width === "narrow" ? "main" : "aside"; // where it is all there is to see
  return (
    <Column class="side" aria-label={t("region.side")} data-region="side" tabIndex={-1}>
      {width === "narrow" && (
        <>
          <h1 class="for-readers">{t("title")}</h1>
          <OfferDock isSheet />
        </>
      )}
      {side.of === "desk" ? (
        <DeskSide panel={side.panel} run={props.run} />
      ) : side.of === "chat" && side.panel !== "details" ? (
        <ChatSide key={`${side.contact}/${side.panel}`} panel={side.panel} contact={side.contact} />
      ) : width === "wide" ? (
        <Details />
      ) : (
        <Panel title={t("chat.details")}>
          <Details />
        </Panel>
      )}
    </Column>
  );
}

function DeskSide(props: { panel: DeskPanel; run: (command: string) => void }): JSX.Element {
  switch (props.panel) {
    case "shortcuts":
      return <ShortcutsPanel />;
    case "settings":
      return <SettingsPanel />;
    case "commands":
      return <CommandsPanel run={props.run} />;
  }
}

function ChatSide(props: {
  panel: Exclude<ChatPanel, "details">;
  contact: string;
}): JSX.Element | null {
  const { desk } = useScene();
  const contact =
    chatOf(desk, props.contact)?.contact ??
    (desk.recent.open?.contact.id === props.contact ? desk.recent.open.contact : undefined);
  if (contact === undefined) return null;
  switch (props.panel) {
    case "transfer":
      return <TransferPanel contact={contact} />;
    case "conference":
      return <ConferencePanel contact={contact} />;
    case "leave":
      return <LeavePanel contact={contact} />;
    case "end":
    case "wrapup":
      return <WrapupPanel contact={contact} isEnding={props.panel === "end"} />;
  }
}

/** A panel with its title; it takes the focus when it opens and gives it back when it closes. */
export function Panel(props: {
  title: ComponentChildren;
  beside?: ComponentChildren;
  children: ComponentChildren;
}): JSX.Element {
  const { desktop, t } = useScene();
  const box = useRef<HTMLElement>(null);
  useFocusBack(box);
  const close = () => desktop.update(sideClosed);
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    close();
  };
  return (
    <section ref={box} class="panel" aria-labelledby="panel-title" onKeyDown={press}>
      <header class="panel-header">
        <h2 id="panel-title" tabIndex={-1}>
          {props.title}
        </h2>
        {props.beside}
        <button type="button" class="button square" aria-label={t("panel.close")} onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      {props.children}
    </section>
  );
}

/** The focus goes to the search field, and back to what opened the panel. */
function useFocusBack(box: { current: HTMLElement | null }): void {
  const { desk, desktop } = useScene();
  const contact = useRef(lookedAt(desk));
  useLayoutEffect(() => {
    const opener = document.activeElement as HTMLElement | null;
    const panel = opener?.dataset["panel"];
    const find = (what: string) => box.current?.querySelector<HTMLElement>(what);
    (find("[data-first]") ?? find("input") ?? find("h2"))?.focus();
    return () => {
      const active = document.activeElement;
      const isLost = active === document.body || active === null || !active.isConnected;
      if (!isLost && box.current?.contains(active) !== true) return;
      requestAnimationFrame(() => {
        const hasNext = sideOf(desktop.desk).of !== "none";
        if (hasNext || lookedAt(desktop.desk) !== contact.current) return;
        const again =
          panel === undefined
            ? opener
            : document.querySelector<HTMLElement>(`[data-panel="${panel}"]`);
        const fallback =
          document.getElementById("chat-name") ?? document.querySelector<HTMLElement>("#chat");
        (again?.isConnected === true && again !== document.body ? again : fallback)?.focus();
      });
    };
  }, []);
}
