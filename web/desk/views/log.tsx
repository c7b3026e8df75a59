/** What was said: a list inside a `log`, kept at its end unless somebody scrolled away from it. */

import type { JSX, RefObject } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { elapsed, timeOfDay, useSeconds } from "../../shared/clock";
import type { Message } from "../../shared/contract";
import { Icon } from "../../shared/icons";
import { hiddenIn } from "../../shared/kinds";
import { MessageText } from "../../shared/message";
import { self } from "../contacts";
import { firstSeq } from "../messages";
import type { Chat, Sending } from "../model";
import { refusalText } from "../refusals";
import { lastOwn, type Row, rowsOf } from "../rows";
import { customerName, useScene, type Scene } from "../scene";
import { outlined } from "../sending";
import { Initials, Name, useSayMasked } from "./parts";

const NEAR_PX = 48;

type Shown = Pick<Chat, "contact" | "messages" | "lines"> & Partial<Chat>;

export function Log({ chat }: { chat: Shown }): JSX.Element {
  const scene = useScene();
  const { desk, desktop, t, locale } = scene;
  const box = useRef<HTMLDivElement>(null);
  const inner = useRef<HTMLDivElement>(null);
  const { contact } = chat;
  const sending = outlined(desk, contact.id);
  const day = useMemo(() => new Intl.DateTimeFormat(locale, { dateStyle: "full" }), [locale]);
  const rows = rowsOf(chat, self(desk), sending, (at) => day.format(at));
  const below = useEnd(box, inner, contact.id, rows);
  useEffect(() => {
    const seen = () => {
      if (below.isAtEnd && document.visibilityState === "visible") desktop.reading.seen(contact.id);
    };
    seen();
    document.addEventListener("visibilitychange", seen);
    return () => document.removeEventListener("visibilitychange", seen);
  });
  return (
    <div class="log-holder">
      <div
        ref={box}
        class="log"
        role="log"
        tabIndex={0}
        aria-label={t("chat.log", { name: customerName(t, contact) })}
        aria-live={chat.earlier === "loading" ? "off" : "polite"}
        onScroll={below.scrolled}
      >
        <div ref={inner}>
          <Beginning chat={chat} />
          <ol>
            {rows.map((row) => (
              <RowItem key={row.key} row={row} chat={chat} />
            ))}
          </ol>
          <Typing chat={chat} />
        </div>
      </div>
      {below.count > 0 && (
        <button type="button" class="button edged log-new" onClick={below.toEnd}>
          {t("chat.newBelow", { n: below.count })} <Icon name="down" />
        </button>
      )}
    </div>
  );
}

interface End {
  readonly isAtEnd: boolean;
  /** How many messages came below what is seen. */
  readonly count: number;
  readonly scrolled: () => void;
  readonly toEnd: () => void;
}

/** Stays at the end within 48 px of it; elsewhere the place is kept, whatever comes above or below. */
function useEnd(
  box: RefObject<HTMLDivElement | null>,
  inner: RefObject<HTMLDivElement | null>,
  contact: string,
  rows: readonly Row[],
): End {
  const [isAtEnd, setAtEnd] = useState(true);
  const seen = useRef(rows.length);
  const place = useRef({ contact: "", fromEnd: 0, firstKey: "" });
  const firstKey = rows[0]?.key ?? "";
  useLayoutEffect(() => {
    const log = box.current;
    if (log === null) return;
    const isOther = place.current.contact !== contact;
    if (isOther || isAtEnd) {
      log.scrollTop = log.scrollHeight;
      if (isOther) setAtEnd(true);
    } else if (place.current.firstKey !== firstKey) {
      log.scrollTop = log.scrollHeight - place.current.fromEnd; // earlier ones came above
    }
    place.current = { contact, firstKey, fromEnd: log.scrollHeight - log.scrollTop };
  }, [contact, rows.length, firstKey, rows.at(-1)?.key]);
  useEffect(() => {
    const log = box.current;
    if (log === null) return;
    const keep = new ResizeObserver(() => {
      if (isAtEnd) log.scrollTop = log.scrollHeight;
    });
    keep.observe(log);
    if (inner.current !== null) keep.observe(inner.current);
    return () => keep.disconnect();
  }, [isAtEnd]);
  if (isAtEnd) seen.current = rows.length;
  const scrolled = () => {
    const log = box.current;
    if (log === null) return;
    place.current.fromEnd = log.scrollHeight - log.scrollTop;
    setAtEnd(log.scrollHeight - log.scrollTop - log.clientHeight <= NEAR_PX);
  };
  const toEnd = () => {
    if (box.current !== null) box.current.scrollTop = box.current.scrollHeight;
    box.current?.focus();
    setAtEnd(true);
  };
  return { isAtEnd, count: Math.max(0, rows.length - seen.current), scrolled, toEnd };
}

function Beginning({ chat }: { chat: Shown }): JSX.Element | null {
  const { desktop, t } = useScene();
  if (chat.earlier === undefined) return null;
  if (chat.earlier === "loading") return <p class="log-top">{t("chat.loadingEarlier")}</p>;
  const isWhole = firstSeq(chat.messages, chat.contact.conversation) === 1;
  if (chat.earlier === "none" || isWhole) return <p class="log-top">{t("chat.start")}</p>;
  return (
    <p class="log-top">
      <button
        type="button"
        class="link"
        onClick={() => void desktop.reading.loadEarlier(chat.contact.id)}
      >
        {t("chat.loadEarlier")}
      </button>
    </p>
  );
}

function RowItem({ row, chat }: { row: Row; chat: Shown }): JSX.Element {
  switch (row.kind) {
    case "date":
      return <DateRow at={row.at} />;
    case "notice":
      return (
        <li class="notice">
          <span>
            <NoticeText message={row.message} chat={chat} />
          </span>
        </li>
      );
    case "line":
      return <LineRow line={row.line} />;
    case "note":
      return <NoteRow message={row.message} isMine={row.mine} />;
    case "bubble":
      return <BubbleRow row={row} chat={chat} />;
    case "sending":
      return <SendingRow sending={row.sending} />;
  }
}

function DateRow({ at }: { at: number }): JSX.Element {
  const { locale } = useScene();
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "full" }).format(at);
  return (
    <li class="notice">
      <span>{day}</span>
    </li>
  );
}

function LineRow({ line }: { line: Chat["lines"][number] }): JSX.Element {
  const { t } = useScene();
  return (
    <li class="notice">
      <span>{t(`line.${line.kind}.${line.outcome}`, { name: line.name })}</span>
    </li>
  );
}

function NoticeText({ message, chat }: { message: Message; chat: Shown }): JSX.Element {
  const scene = useScene();
  return <>{noticeText(scene, message, chat)}</>;
}

/** A notice in this locale; one this page does not know says what the server wrote. */
export function noticeText(scene: Scene, message: Message, chat: Shown): string {
  const { desk, t, locale } = scene;
  const time = timeOfDay(message.at, locale);
  const name = message.author.name ?? "";
  const isMe = name !== "" && name === desk.agent?.name;
  switch (message.event) {
    case "contact.assigned":
      return isMe ? youJoined(scene, message, chat) : t("line.joined", { name, time });
    case "participant.joined":
      return isMe
        ? t("line.youJoinedConference", { time })
        : t("line.joinedConference", { name, time });
    case "participant.left":
      return t("line.left", { name, time });
    case "contact.transferred":
      return t("line.transferred", { time });
    case "contact.ended":
      return t("line.ended", { time });
    case "contact.interrupted":
      return t("line.interrupted", { time });
    case "customer.silent":
      return t("line.silent");
    case "customer.left":
      return t("line.customerLeft", { time });
    case "customer.returned":
      return t("line.customerReturned", { time });
    default:
      return chat.contact.id === message.contact ? message.text : "";
  }
}

/** The first time in a contact, how long the customer had waited stands beside. */
function youJoined({ t, locale }: Scene, message: Message, { contact }: Shown): string {
  const time = timeOfDay(message.at, locale);
  const isFirst = message.contact === contact.id && message.at === contact.connected_at;
  const waitedMs = message.at - contact.created_at;
  if (!isFirst || waitedMs < 1_000) return t("line.youJoined", { time });
  const waited = elapsed(waitedMs);
  return t("line.waited", { name: customerName(t, contact), waited, time });
}

function NoteRow({ message, isMine }: { message: Message; isMine: boolean }): JSX.Element {
  const { t } = useScene();
  const say = useSayMasked();
  return (
    <li class="note">
      <p class="note-title">
        <Icon name="lock" /> {t("chat.noteTitle")}
        {!isMine && message.author.name !== undefined && (
          <>
            {" · "}
            <Name>{message.author.name}</Name>
          </>
        )}
      </p>
      <p class="note-text">
        <MessageText message={message} say={say} />
      </p>
    </li>
  );
}

function BubbleRow(props: { row: Extract<Row, { kind: "bubble" }>; chat: Shown }): JSX.Element {
  const { row, chat } = props;
  const { t } = useScene();
  const say = useSayMasked();
  const { message, side } = row;
  const kind = { customer: "theirs", bot: "theirs", me: "mine", colleague: "colleague" }[side];
  const who =
    side === "customer"
      ? customerName(t, chat.contact)
      : side === "me"
        ? t("chat.ownText")
        : (message.author.name ?? t("chat.automatic"));
  return (
    <li class={`said ${side} ${row.first ? "first" : ""} ${row.last ? "last" : ""}`}>
      {row.first && (
        <p class={side === "colleague" || side === "bot" ? "said-by" : "for-readers"}>
          <Name>{who}</Name>
          {side === "bot" && <> · {t("chat.automatic")}</>}
        </p>
      )}
      <div class="said-row">
        {row.last && side !== "me" && (
          <Initials
            name={side === "customer" ? chat.contact.customer.name : message.author.name}
            {...(side === "colleague" ? { tone: "colleague" as const } : {})}
          />
        )}
        <div class={`bubble ${kind}`}>
          <MessageText message={message} say={say} />
        </div>
      </div>
      {side === "me" && message.masked.length > 0 && (
        <p class="receipt">
          {t(hiddenIn(message.masked))}
        </p>
      )}
      <Receipt message={message} chat={chat} />
    </li>
  );
}

function Receipt({ message, chat }: { message: Message; chat: Shown }): JSX.Element | null {
  const { desk, t, locale } = useScene();
  if (lastOwn(chat, self(desk)) !== message) return null;
  const isRead = (chat.customerRead ?? 0) >= message.seq;
  const time = timeOfDay(message.at, locale);
  return (
    <p class="receipt">
      <Icon name={isRead ? "delivered" : "sent"} />
      {isRead ? t("chat.read", { time }) : t("chat.sent", { time })}
    </p>
  );
}

function SendingRow({ sending }: { sending: Sending }): JSX.Element {
  const { desktop, t } = useScene();
  const isFailed = sending.state === "failed";
  return (
    <li class={`said me first last ${sending.audience === "internal" ? "as-note" : ""}`}>
      <div class="said-row">
        <div class="bubble unsent" dir="auto">
          {sending.text}
        </div>
      </div>
      {isFailed ? (
        <p class="receipt failed">
          {t("chat.failed")} {sending.refusal !== null && refusalText(t, sending.refusal)}{" "}
          <button type="button" class="link" onClick={() => desktop.retry(sending.id)}>
            {t("chat.retry")}
          </button>
          <button type="button" class="link" onClick={() => desktop.discard(sending.id)}>
            {t("chat.discard")}
          </button>
        </p>
      ) : (
        <p class="receipt">{t("chat.unsent")}</p>
      )}
    </li>
  );
}

function Typing({ chat }: { chat: Shown }): JSX.Element | null {
  const { desktop, t } = useScene();
  useSeconds((chat.typists ?? []).length > 0);
  const typists = (chat.typists ?? []).filter((one) => one.until > desktop.clock.now());
  const first = typists[0];
  if (first === undefined) return null;
  const words =
    first.name === "" || first.agent === null
      ? t("chat.customerTyping")
      : t("chat.typing", { name: first.name });
  return (
    <p class="typing" aria-live="off">
      <span class="dots" aria-hidden="true">
        <span />
        <span />
        <span />
      </span>
      {words}
    </p>
  );
}

