// The visitor's chats, the one that is going on first, then by their last message.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { ago } from "../../shared/ago";
import { fullTime } from "../../shared/clock";
import { initialsOf } from "../../shared/text";
import { liveChat, type Chat } from "../model";
import { useFrame } from "./frame";

const PREVIEWS_MAX = 20;

export function ListScreen(): JSX.Element {
  const { state, store, session, t } = useFrame();
  useEffect(() => {
    for (const chat of state.chats.slice(0, PREVIEWS_MAX)) {
      if (chat.messages.length === 0) void session.preview(chat.id);
    }
  }, []);
  const isClosed = state.session?.entry_point.open === false;
  const mayBegin = liveChat(state) === undefined && !isClosed;
  return (
    <>
      <div class="scroll">
        <h3 class="heading" id="chats" tabIndex={-1}>
          {t("chats")}
        </h3>
        {isClosed && <p class="plain">{t("closed")}</p>}
        <ul class="chats" aria-labelledby="chats">
          {state.chats.map((chat, index) => (
            <li key={chat.id}>
              <Entry chat={chat} isFirst={index === 0} />
            </li>
          ))}
        </ul>
      </div>
      {mayBegin && (
        <div class="foot">
          <button class="button primary wide" type="button" onClick={() => store.show({ at: "new" })}>
            {t("fresh")}
          </button>
        </div>
      )}
    </>
  );
}

function Entry({ chat, isFirst }: { chat: Chat; isFirst: boolean }): JSX.Element {
  const { state, store, session, t, locale } = useFrame();
  const last = chat.messages.findLast((each) => each.author.role !== "system");
  const name = chat.messages.findLast((each) => each.author.role === "agent")?.author.name;
  const title = chat.subject || name || state.session?.entry_point.name || t("chat");
  const standing = t(chat.contact === undefined ? "over" : "going");
  const words = last?.author.role === "customer" ? t("you", { text: last.text }) : last?.text;
  return (
    <button
      class={chat.unread > 0 ? "entry unread" : "entry"}
      type="button"
      data-first={isFirst ? "" : undefined}
      onClick={() => store.show({ at: "chat", conversation: chat.id })}
    >
      <span class="initials" aria-hidden="true">
        {initialsOf(name) || "–"}
      </span>
      <span class="entry-words">
        <bdi>{title}</bdi>
        <span class="entry-line" dir="auto">
          {words}
        </span>
      </span>
      <span class="entry-side">
        <time dateTime={new Date(chat.lastAt).toISOString()} title={fullTime(chat.lastAt, locale)}>
          {ago(chat.lastAt, session.clock.now(), locale)}
        </time>
        {chat.unread > 0 ? (
          <span class="count figures">
            <span aria-hidden="true">{chat.unread}</span>
            <span class="for-readers">{t("unread", { n: chat.unread })}</span>
          </span>
        ) : (
          <span class="tag">{standing}</span>
        )}
      </span>
    </button>
  );
}
