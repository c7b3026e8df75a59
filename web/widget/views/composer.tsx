// Where one writes: Enter sends, Shift and Enter break the line, a card number is asked about first.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { cardNumbers, withStars } from "../../shared/cards";
import { Icon } from "./icon";
import type { Chat } from "../model";
import { CardWarning } from "./card-warning";
import { useFrame } from "./frame";

/** From here on the length is shown. */
const NEARLY = 0.9;

export function Composer({ chat, isFocused }: { chat: Chat; isFocused: boolean }): JSX.Element {
  const { session, t } = useFrame();
  const [text, setText] = useState(() => session.drafts.get(chat.id));
  const [isAsking, setAsking] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const { length, over } = useLength(text);
  useEffect(() => {
    if (isFocused) area.current?.focus();
  }, [isFocused]);

  const put = (words: string): void => {
    setText(words);
    session.drafts.set(chat.id, words);
  };
  const send = (words: string): void => {
    session.send(chat.id, words.trim());
    setText("");
    setAsking(false);
    area.current?.focus();
  };
  const trySend = (): void => {
    if (length === 0 || over > 0) return;
    if (cardNumbers(text).length > 0) setAsking(true);
    else send(text);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && isAsking) {
      event.preventDefault();
      setAsking(false);
    }
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    trySend();
  };
  const onInput = (event: { currentTarget: HTMLTextAreaElement }): void => {
    put(event.currentTarget.value);
    setAsking(false);
    session.typing(chat.id, event.currentTarget.value !== "");
  };
  return (
    <div class="foot">
      {isAsking && <CardWarning hide={() => send(withStars(text))} send={() => send(text)} />}
      <div class="composer">
        <textarea
          ref={area}
          rows={1}
          dir={runs(text)}
          enterkeyhint="send"
          aria-label={t("write")}
          aria-describedby="length"
          aria-invalid={over > 0}
          placeholder={t("write")}
          data-first
          value={text}
          onInput={onInput}
          onKeyDown={onKeyDown}
          onBlur={() => session.typing(chat.id, false)}
        />
        <button
          class="send"
          type="button"
          aria-label={t("send")}
          aria-disabled={length === 0 || over > 0}
          onClick={trySend}
        >
          <Icon name="send" />
        </button>
      </div>
      <Length of={text} />
    </div>
  );
}

/** An empty field runs as the page does, a text as it is written. */
export const runs = (text: string): "auto" | undefined => (text === "" ? undefined : "auto");

/** How long a text is as it would be sent, and how much too long. */
export function useLength(text: string): { length: number; max: number; over: number } {
  const max = useFrame().state.session?.limits.text ?? 1_000;
  const { length } = [...text.trim()];
  return { length, max, over: length - max };
}

/** Told when there is little room left, and when there is none. */
export function Length({ of }: { of: string }): JSX.Element {
  const { t } = useFrame();
  const { length, max, over } = useLength(of);
  return (
    <p class={over > 0 ? "length bad" : "length"} id="length" hidden={length < max * NEARLY}>
      {over > 0 ? t("tooLong", { n: over }) : `${length} / ${max}`}
    </p>
  );
}
