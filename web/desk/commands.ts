/** Every action of the desk by name: what the list of commands shows and what keys do. */

import { shownState } from "./presence";
import { type ChatPanel, type Desk } from "./model";
import { abilities, chatOpened, panelOf, sideOpened } from "./panels";
import { customerName, type Scene } from "./scene";

export interface Command {
  readonly id: string;
  readonly label: string;
  readonly run: () => void;
}

/** Puts the focus on something, once it is drawn. */
export function focusOn(selector: string): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(selector)?.focus());
}

/** What can be done now, in the order of the list. */
export function commandsOf(scene: Scene): readonly Command[] {
  return [...requestCommands(scene), ...chatCommands(scene), ...stateCommands(scene), ...moves(scene)];
}

function requestCommands({ desk, t }: Scene): readonly Command[] {
  const isOpen = desk.cards.some((card) => card.closed === null);
  return isOpen ? [{ id: "oldest", label: t("commands.oldest"), run: focusOldest }] : [];
}

/** Goes to the Accept of the oldest request; it takes another key to accept. */
export function focusOldest(): void {
  [...document.querySelectorAll<HTMLElement>(".card:not(.gone) .card-accept")].at(-1)?.focus();
}

function chatCommands({ desk, desktop, t }: Scene): readonly Command[] {
  const contact = desk.current;
  if (contact === null) return [];
  const can = abilities(desk, contact);
  const panel = (id: ChatPanel, label: string): Command => ({
    id,
    label,
    run: () => desktop.update((one) => panelOf(one, contact, id)),
  });
  const write = (mode: "reply" | "note", label: string): Command => ({
    id: mode,
    label,
    run: () => {
      desktop.choose(contact, mode);
      focusOn(".composer textarea");
    },
  });
  return [
    ...(can.reply ? [write("reply", t("shortcuts.reply")), write("note", t("shortcuts.note"))] : []),
    ...(can.transfer ? [panel("transfer", t("chat.transfer"))] : []),
    ...(can.conference ? [panel("conference", t("chat.conference"))] : []),
    ...(can.leave ? [panel("leave", t("chat.endConference"))] : []),
    ...(can.end ? [panel("end", t("chat.end"))] : []),
    ...(can.wrapup ? [panel("wrapup", t("chat.wrapup"))] : []),
    panel("details", t("chat.details")),
  ];
}

function stateCommands({ desk, desktop, t }: Scene): readonly Command[] {
  if (desk.agent === null) return [];
  const shown = shownState(desk.agent);
  const isWorking = shown === "available" || shown === "busy";
  const go: Command = {
    id: "available",
    label: t("state.go"),
    run: () => void desktop.setPresence("available"),
  };
  const idle = [{ id: undefined, name: "" }, ...desk.setup.idleCodes].map(
    ({ id, name }): Command => ({
      id: `idle/${id ?? ""}`,
      label: id === undefined ? t("state.idle") : t("commands.setIdle", { code: name }),
      run: () => void desktop.setPresence("idle", id),
    }),
  );
  return [...(isWorking ? [] : [go]), ...idle];
}

function moves({ desk, desktop, t }: Scene): readonly Command[] {
  const side = (id: "shortcuts" | "settings", label: string): Command => ({
    id,
    label,
    run: () => desktop.update((one) => sideOpened(one, id)),
  });
  return [
    ...desk.chats.map(
      ({ contact }): Command => ({
        id: `chat/${contact.id}`,
        label: t("commands.goTo", { name: customerName(t, contact) }),
        run: () => {
          desktop.update((one) => chatOpened(one, contact.id));
          focusOn(".composer textarea, #chat-name");
        },
      }),
    ),
    {
      id: "recent",
      label: t("commands.recent"),
      run: () => {
        desktop.update((one) => ({ ...one, list: "recent", side: null }));
        desktop.reading.renewRecent();
        focusOn(".list-choice [aria-pressed=true]");
      },
    },
    side("shortcuts", t("shortcuts.open")),
    side("settings", t("state.settings")),
  ];
}

/** The chat before or after the open one. */
export function neighbourChat(desk: Desk, step: 1 | -1): string | null {
  const place = desk.chats.findIndex((chat) => chat.contact.id === desk.current);
  const next = place < 0 ? (step === 1 ? 0 : desk.chats.length - 1) : place + step;
  return desk.chats[next]?.contact.id ?? null;
}
