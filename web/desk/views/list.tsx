/** The left column's list: chats in hand, or the agent's closed ones. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { ago } from "../../shared/ago";
import { useSeconds } from "../../shared/clock";
import { lastSaid, partIn, self, waitingSince } from "../contacts";
import { BLANK, textOf } from "../drafting";
import type { Chat, Desk } from "../model";
import { chatOpened } from "../panels";
import { plainPreview } from "../preview";
import { customerName, useScene, type Scene } from "../scene";
import { Ago, Initials, Name } from "./parts";
import { NoChat } from "./nothing";
import { RecentList } from "./recent";

/** As many as a row is sure to hold beside its badge; the style cuts what has no masked value. */
const LINE_LETTERS = 30;
const PLAIN_LETTERS = 80;

export function ListColumn(): JSX.Element {
  const { desk, desktop, t } = useScene();
  const choose = (list: Desk["list"]) => {
    desktop.update((one) => ({
      ...one,
      list,
      recent: list === "chats" ? { ...one.recent, open: null } : one.recent,
    }));
    if (list === "recent") desktop.reading.renewRecent();
  };
  return (
    <nav class="list" aria-label={t("region.list")} data-region="list">
      <div class="list-choice">
        <ListChoice
          is={desk.list === "chats"}
          label={t("list.chats")}
          count={desk.chats.length}
          choose={() => choose("chats")}
        />
        <ListChoice
          is={desk.list === "recent"}
          label={t("list.recent")}
          choose={() => choose("recent")}
        />
      </div>
      {desk.list === "chats" ? <ChatList /> : <RecentList />}
    </nav>
  );
}

function ListChoice(props: {
  is: boolean;
  label: string;
  count?: number;
  choose: () => void;
}): JSX.Element {
  return (
    <button type="button" aria-pressed={props.is} onClick={props.choose}>
      {props.label}
      {props.count !== undefined && <span class="figures">{props.count}</span>}
    </button>
  );
}

function ChatList(): JSX.Element {
  const { desk, t, width } = useScene();
  const list = useRef<HTMLUListElement>(null);
  const stop = desk.chats.some((chat) => chat.contact.id === desk.current)
    ? desk.current
    : desk.chats[0]?.contact.id;
  if (desk.chats.length === 0)
    return width === "narrow" ? <NoChat /> : <p class="list-empty">{t("list.none")}</p>;
  return (
    <ul ref={list} class="rows" onKeyDown={(event) => moveIn(list.current, event)}>
      {desk.chats.map((chat) => (
        <ChatRow key={chat.contact.id} chat={chat} isStop={chat.contact.id === stop} />
      ))}
    </ul>
  );
}

/** The list is one tab stop: arrows, Home and End move inside it. */
export function moveIn(list: HTMLElement | null, event: KeyboardEvent): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const rows = [...(list?.querySelectorAll<HTMLElement>(".row-main") ?? [])];
  const from = rows.indexOf(document.activeElement as HTMLElement);
  const places: Record<string, number> = {
    ArrowDown: Math.min(from + 1, rows.length - 1),
    ArrowUp: Math.max(from - 1, 0),
    Home: 0,
    End: rows.length - 1,
  };
  const place = places[event.key];
  if (place === undefined || from < 0) return;
  event.preventDefault();
  rows[place]?.focus();
}

function ChatRow({ chat, isStop }: { chat: Chat; isStop: boolean }): JSX.Element {
  const scene = useScene();
  const { desk, desktop, t } = scene;
  const { contact } = chat;
  const isCurrent = desk.current === contact.id;
  const name = customerName(t, contact);
  const unread = chat.lost ? 0 : contact.unread;
  const main = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isCurrent) main.current?.scrollIntoView({ block: "nearest" });
  }, [isCurrent]);
  return (
    <li class={`row ${isCurrent ? "current" : ""} ${unread > 0 ? "unread" : ""}`}>
      <button
        ref={main}
        type="button"
        class="row-main"
        data-chat={contact.id}
        tabIndex={isStop ? 0 : -1}
        aria-current={isCurrent}
        onClick={() => desktop.update((one) => chatOpened(one, contact.id))}
      >
        <Initials name={contact.customer.name} />
        <span class="row-name">
          <Name>{name}</Name>
        </span>
        <RowMark chat={chat} me={self(desk)} />
        <span class="row-line" dir="auto">
          {lineOf(scene, chat)}
        </span>
        {unread > 0 && (
          <span class="badge figures">
            <span aria-hidden="true">{unread}</span>
            <span class="for-readers">{t("list.unread", { n: unread })}</span>
          </span>
        )}
      </button>
      {chat.lost && <CloseRow contact={contact.id} />}
    </li>
  );
}

function CloseRow({ contact }: { contact: string }): JSX.Element {
  const { desktop, t } = useScene();
  const close = () => {
    const next = desktop.closeRow(contact);
    requestAnimationFrame(() => focusRow(next));
  };
  return (
    <button type="button" class="button row-close" aria-label={t("list.closeLost")} onClick={close}>
      {t("list.close")}
    </button>
  );
}

/** Puts the focus on a chat's row, or where the list begins. */
export function focusRow(contact: string | null): void {
  const row = [...document.querySelectorAll<HTMLElement>("[data-chat]")].find(
    (one) => one.dataset["chat"] === contact,
  );
  (row ?? document.querySelector<HTMLElement>(".list-choice button"))?.focus();
}

function RowMark({ chat, me }: { chat: Chat; me: string }): JSX.Element {
  const { t } = useScene();
  if (chat.contact.interrupted) return <span class="tag">{t("list.interrupted")}</span>;
  if (partIn(chat.contact, me) === "wrapup") return <span class="tag">{t("list.wrapup")}</span>;
  const waits = waitingSince(chat);
  const since = waits ?? lastSaid(chat)?.at ?? chat.contact.connected_at;
  if (since === undefined) return <span class="row-time" />;
  if (waits === null)
    return (
      <span class="row-time">
        <Ago at={since} />
      </span>
    );
  return <Waiting since={since} />;
}

/** How long the customer has waited for an answer. */
function Waiting({ since }: { since: number }): JSX.Element {
  const { desktop, locale, t } = useScene();
  useSeconds();
  const time = ago(since, desktop.clock.now(), locale);
  return (
    <span class="row-time waits figures">
      <span aria-hidden="true">{time}</span>
      <span class="for-readers">{t("list.waiting", { time })}</span>
    </span>
  );
}

function lineOf({ desk, t }: Scene, chat: Chat): JSX.Element | string {
  const { contact } = chat;
  if (chat.lost) return t("list.lost");
  const draft = textOf(desk.drafts[contact.id] ?? BLANK).trim();
  if (draft !== "" && desk.current !== contact.id)
    return t("list.draft", { text: plainPreview({ text: draft, masked: [] }, PLAIN_LETTERS) });
  if (contact.ended_by === "customer") return t("chat.customerEnded");
  const last = lastSaid(chat);
  if (last === undefined) return contact.subject ?? t("list.noWords");
  const text = plainPreview(last, last.masked.length === 0 ? PLAIN_LETTERS : LINE_LETTERS);
  if (last.audience === "internal") return t("list.note", { text });
  return last.author.id === self(desk) ? t("list.you", { text }) : <bdi>{text}</bdi>;
}
