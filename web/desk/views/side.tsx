/** The right column: one panel at a time, never in the way; without one, who the customer is. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
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
  return (
    <aside class="side" aria-label={t("region.side")} data-region="side" tabIndex={-1}>
      {width === "narrow" && <OfferDock isSheet />}
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
    </aside>
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
  useEffect(() => {
    const opener = document.activeElement as HTMLElement | null;
    const panel = opener?.dataset["panel"];
    const target = box.current?.querySelector<HTMLElement>("[data-first], input, h2");
    target?.focus();
    return () => {
      const active = document.activeElement;
      const isLost = active === document.body || active === null || !active.isConnected;
      if (!isLost && box.current?.contains(active) !== true) return;
      requestAnimationFrame(() => {
        if (lookedAt(desktop.desk) !== contact.current) return;
        const again =
          panel === undefined
            ? opener
            : document.querySelector<HTMLElement>(`[data-panel="${panel}"]`);
        const fallback = document.querySelector<HTMLElement>("#chat-name, #chat");
        (again?.isConnected === true && again !== document.body ? again : fallback)?.focus();
      });
    };
  }, []);
}
