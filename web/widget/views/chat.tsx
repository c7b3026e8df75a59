// One conversation: where one stands in the queue, what was said, and what may be done next.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Chat } from "../model";
import { Composer } from "./composer";
import { useFrame, type Frame } from "./frame";
import { Log } from "./log";
import { waitText } from "./wait";

export function ChatScreen({ chat }: { chat: Chat }): JSX.Element {
  const { session } = useFrame();
  useEffect(() => void session.load(chat.id), [chat.id]);
  useReading(chat);
  return (
    <>
      {chat.state === "queued" && <Queue chat={chat} />}
      <Log chat={chat} />
      <Foot chat={chat} />
    </>
  );
}

/** Marks the chat as read while somebody looks at it. */
function useReading(chat: Chat): void {
  const { session } = useFrame();
  const last = chat.messages.at(-1)?.seq;
  useEffect(() => {
    const look = (): void => {
      if (document.visibilityState === "visible" && chat.unread > 0) session.read(chat.id);
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [last, chat.unread]);
}

function Queue({ chat }: { chat: Chat }): JSX.Element {
  const { t } = useFrame();
  const { place } = chat;
  const { heading, line } = waitText(place, t);
  return (
    <div class="queue">
      <p class="place figures">{heading}</p>
      <p>
        {line} {t("keepWriting")}
      </p>
    </div>
  );
}

function Foot({ chat }: { chat: Chat }): JSX.Element {
  const { state } = useFrame();
  const [isAgain, setAgain] = useState(false);
  const isQuiet = chat.contact === undefined;
  // A new message of this tab is a start on its way.
  const isStarting = state.pending.some((each) => each.payload.conversation === chat.id);
  useEffect(() => {
    if (!isQuiet) setAgain(false);
  }, [isQuiet]);

  if (state.isEnding && !isQuiet) return <EndQuestion chat={chat} />;
  if (chat.isInterrupted) return <Interrupted chat={chat} />;
  if (isQuiet && !isAgain && !isStarting) return <Over chat={chat} again={() => setAgain(true)} />;
  return <Composer chat={chat} isFocused={isAgain} />;
}

function EndQuestion({ chat }: { chat: Chat }): JSX.Element {
  const { session, store, t } = useFrame();
  const stay = (): void => store.dispatch({ on: "ending", isEnding: false });
  const end = (): void => {
    stay();
    void session.end(chat.id);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    stay();
  };
  return (
    <div class="foot question" role="group" aria-labelledby="ending" onKeyDown={onKeyDown}>
      <p id="ending">{t("endQuestion")}</p>
      <div class="answers">
        <button class="button edged" type="button" ref={focused} onClick={stay}>
          {t("keep")}
        </button>
        <button class="button danger" type="button" onClick={end}>
          {t("end")}
        </button>
      </div>
    </div>
  );
}

function focused(element: HTMLElement | null): void {
  element?.focus();
}

function Interrupted({ chat }: { chat: Chat }): JSX.Element {
  const { session, t } = useFrame();
  return (
    <div class="foot question">
      <p role="alert">{t("interrupted")}</p>
      <button class="button edged wide" type="button" onClick={() => void session.end(chat.id)}>
        {t("end")}
      </button>
    </div>
  );
}

function Over({ chat, again }: { chat: Chat; again: () => void }): JSX.Element {
  const frame = useFrame();
  const isClosed = frame.state.session?.entry_point.open === false;
  return (
    <div class="foot question">
      <p>{isClosed ? frame.t("closed") : endText(chat, frame.t)}</p>
      {!isClosed && (
        <button class="button primary wide" type="button" data-first onClick={again}>
          {frame.t("again")}
        </button>
      )}
    </div>
  );
}

function endText({ end }: Chat, t: Frame["t"]): string {
  switch (end?.by) {
    case "customer":
      return t("youEnded");
    case "agent":
      return end.name === "" ? t("ended") : t("agentEnded", { name: end.name });
    case "system":
      return t("systemEnded");
    case undefined:
      return t("ended");
  }
}
