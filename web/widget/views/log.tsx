// What was said, the newest at the end; it follows the end only for who is there.
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { fullTime, timeOfDay } from "../../shared/clock";
import { Icon } from "./icon";
import { hiddenIn, sayMasked } from "../../shared/kinds";
import { MessageText } from "../../shared/message";
import type { Pending } from "../../shared/outbox";
import type { Chat, Outgoing } from "../model";
import { rowsOf, type Row } from "../rows";
import type { Key } from "../texts";
import { useFrame } from "./frame";
import { Refusal } from "./new";

/** Whoever is this near to the end wants to see the next message. */
const NEAR_PX = 48;

export function Log({ chat }: { chat: Chat }): JSX.Element {
  const { state, t } = useFrame();
  const box = useRef<HTMLDivElement>(null);
  const pending = state.pending.filter(
    (each) => each.payload.conversation === chat.id && each.id !== state.covered,
  );
  const { missed, onScroll, toEnd } = useEnd(box, chat, pending.length);
  const rows = rowsOf(chat);
  return (
    <div class="log-place">
      <div
        ref={box}
        class={chat.state === "queued" ? "log" : "log low"}
        role="log"
        aria-label={t("log")}
        aria-live={chat.isLoaded ? "polite" : "off"}
        tabIndex={0}
        onScroll={onScroll}
      >
        <Beginning chat={chat} />
        <ol>
          {rows.map((row) => (
            <Line key={row.message.seq} row={row} />
          ))}
          {pending.map((each) => (
            <Unsent key={each.id} pending={each} />
          ))}
        </ol>
        {chat.typing !== undefined && <Typing name={chat.typing} />}
      </div>
      {missed > 0 && (
        <button class="button edged missed" type="button" onClick={toEnd}>
          {t("newMessages", { n: missed })}
          <Icon name="down" />
        </button>
      )}
    </div>
  );
}

function useEnd(
  box: { readonly current: HTMLElement | null },
  chat: Chat,
  pending: number,
): { missed: number; onScroll: () => void; toEnd: () => void } {
  const isNear = useRef(true);
  const first = useRef<number | undefined>(undefined);
  const height = useRef(0);
  const [seen, setSeen] = useState(0);
  const last = chat.messages.at(-1)?.seq ?? 0;
  const toEnd = (): void => {
    const element = box.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
    isNear.current = true;
    setSeen(last);
  };
  const onScroll = (): void => {
    const element = box.current;
    if (element === null) return;
    isNear.current = element.scrollHeight - element.scrollTop - element.clientHeight <= NEAR_PX;
    if (isNear.current) setSeen(last);
  };
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const earliest = chat.messages[0]?.seq;
    if (isNear.current || pending > 0) toEnd();
    // What was put before the first line moves nothing that one reads.
    else if (earliest !== first.current) element.scrollTop += element.scrollHeight - height.current;
    first.current = earliest;
    height.current = element.scrollHeight;
  }, [last, chat.messages, pending, chat.typing]);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    // The keyboard of a phone, or a strip above, makes the log shorter: its end stays in sight.
    const watcher = new ResizeObserver(() => {
      if (isNear.current) element.scrollTop = element.scrollHeight;
    });
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);
  const missed = chat.messages.filter(
    (each) => each.seq > seen && each.author.role !== "customer" && each.author.role !== "system",
  ).length;
  return { missed: isNear.current ? 0 : missed, onScroll, toEnd };
}

function Beginning({ chat }: { chat: Chat }): JSX.Element | null {
  const { session, t } = useFrame();
  const [isLoading, setLoading] = useState(false);
  if (!chat.isLoaded) return <p class="beginning late">{t("loading")}</p>;
  if (!chat.hasEarlier) return null;
  const load = (): void => {
    setLoading(true);
    void session.loadEarlier(chat.id).finally(() => setLoading(false));
  };
  return (
    <p class="beginning">
      <button class="inline" type="button" aria-disabled={isLoading} onClick={isLoading ? undefined : load}>
        {t(isLoading ? "loading" : "earlier")}
      </button>
    </p>
  );
}

function Line({ row }: { row: Row }): JSX.Element {
  return row.kind === "notice" ? <NoticeLine row={row} /> : <MessageLine row={row} />;
}

const NOTICES: Readonly<Record<string, Key>> = {
  "contact.assigned": "joined",
  "participant.joined": "joined",
  "participant.left": "left",
  "contact.transferred": "handed",
  "contact.ended": "ended",
  "contact.interrupted": "interrupted",
  "customer.silent": "silent",
};
const TIMED = new Set(["participant.left", "contact.ended"]);

function NoticeLine({ row }: { row: Extract<Row, { kind: "notice" }> }): JSX.Element {
  const { t, locale } = useFrame();
  const { event = "", author, text, at } = row.message;
  const key = NOTICES[event];
  const needsName = key === "joined" || key === "left";
  const known = key !== undefined && (!needsName || author.name !== undefined);
  const words = known ? t(key, { name: author.name ?? "" }) : text;
  return (
    <li class="notice">
      <span dir="auto">
        {words}
        {TIMED.has(event) && (
          <>
            {" "}
            <time class="figures" dateTime={new Date(at).toISOString()}>
              {timeOfDay(at, locale)}
            </time>
          </>
        )}
      </span>
    </li>
  );
}

const TICKS = { sent: "sent", delivered: "delivered", read: "delivered" } as const;

function MessageLine({ row }: { row: Extract<Row, { kind: "message" }> }): JSX.Element {
  const { t, locale } = useFrame();
  const { message, side, receipt } = row;
  const place = `line ${side}${row.isFirst ? " first" : ""}`;
  return (
    <li class={place}>
      {(row.name !== "" || (row.isAutomatic && row.isFirst)) && (
        <span class="said-by">
          <bdi>{row.name}</bdi>
          {row.isAutomatic && <span class="tag">{t("automatic")}</span>}
        </span>
      )}
      <span class="said">
        {side === "theirs" && (
          <span class={row.isLast ? "initials agent" : "initials agent blank"} aria-hidden="true">
            {row.isLast ? row.initials : ""}
          </span>
        )}
        <span class={`bubble ${side}`}>
          <MessageText message={message} say={sayMasked(t)} />
        </span>
      </span>
      {side === "mine" && message.masked.length > 0 && (
        <span class="under-line">{t(hiddenIn(message.masked))}</span>
      )}
      {receipt !== undefined && (
        <span class="under-line figures">
          <Icon name={TICKS[receipt]} />
          <bdi>
            {t(receipt)}{" "}
            <time dateTime={new Date(message.at).toISOString()} title={fullTime(message.at, locale)}>
              {timeOfDay(message.at, locale)}
            </time>
          </bdi>
        </span>
      )}
    </li>
  );
}

/** A message on its way; a moment later, or without a connection, it says that it is not sent. */
function Unsent({ pending }: { pending: Pending<Outgoing> }): JSX.Element {
  const { state, session, t } = useFrame();
  const { error } = pending;
  const isTold = error !== undefined || state.late || state.status.standing !== "online";
  return (
    <li class="line mine first">
      <span class="said">
        <span class={isTold ? "bubble mine unsent" : "bubble mine"}>
          <MessageText message={{ text: pending.payload.text, masked: [] }} say={sayMasked(t)} />
        </span>
      </span>
      {isTold && error === undefined && <span class="under-line">{t("unsent")}</span>}
      {error !== undefined && (
        <span class="under-line bad" role="alert">
          {t("failed")}{" "}
          <button class="inline" type="button" onClick={() => session.outbox.retry(pending.id)}>
            {t("retry")}
          </button>
        </span>
      )}
      {error !== undefined && (
        <span class="under-line">
          <Refusal error={error} here={pending.payload.conversation} />
        </span>
      )}
    </li>
  );
}

function Typing({ name }: { name: string }): JSX.Element {
  const { t } = useFrame();
  return (
    <p class="typing">
      <span class="bubble theirs dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <span class="for-readers">{t("typing", { name })}</span>
    </p>
  );
}
