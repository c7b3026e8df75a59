/** Where agents write: replies and notes apart, templates by `/`, a counter, and Enter to send. */

import type { JSX } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Template } from "../../shared/contract";
import { Icon } from "../../shared/icons";
import { countOf, lengthOf, type Mode, textOf, written } from "../drafting";
import { audienceOf } from "../desktop";
import type { Chat } from "../model";
import { customerName, queueName, useScene, type Scene } from "../scene";
import { held, refusedIn } from "../sending";
import { filled, matching, nextParameter, parameters, searched, unfilled } from "../templates";
import { Key_, Refused } from "./parts";

const TYPING_EVERY_MS = 3_000;

export function Composer({ chat }: { chat: Chat }): JSX.Element {
  const scene = useScene();
  const { desk, desktop, t, width } = scene;
  const contact = chat.contact.id;
  const draft = desktop.draft(contact);
  const text = textOf(draft);
  const field = useRef<HTMLTextAreaElement>(null);
  const [isAsking, setAsking] = useState(false);
  const [isTold, setTold] = useState(false);
  const open = unfilled(desk.setup.templates, text);
  const templates = useTemplates(scene, chat, field);
  const limit = draft.mode === "note" ? desk.setup.limits.note : desk.setup.limits.text;
  const isSending = held(desk, contact, audienceOf(draft.mode)) !== null;
  const told = useTyping(scene, contact);
  useGrowth(field, text);
  const send = () => {
    if (text.trim() === "" || lengthOf(text) > limit) return;
    setTold(open !== null);
    if (open !== null) {
      field.current?.setSelectionRange(...open);
      return;
    }
    if (draft.mode === "reply" && draft.wasNote) {
      setAsking(true);
      return;
    }
    desktop.send(contact);
    field.current?.setSelectionRange(text.length, text.length); // what is typed on comes behind
    told(false);
  };
  const confirm = () => {
    setAsking(false);
    desktop.setDraft(contact, { ...desktop.draft(contact), wasNote: false });
    desktop.send(contact);
    field.current?.focus();
  };
  const choose = (mode: Mode) => {
    setAsking(false);
    desktop.choose(contact, mode);
    field.current?.focus();
  };
  const write = (event: Event) => {
    const value = (event.currentTarget as HTMLTextAreaElement).value;
    desktop.setDraft(contact, written(desktop.draft(contact), value));
    if (draft.mode === "reply") told(value.trim() !== "");
  };
  const press = (event: KeyboardEvent) => {
    if (event.isComposing || templates.pressed(event)) return;
    if (event.key !== "Enter" || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (!event.repeat) send();
  };
  const name = customerName(t, chat.contact);
  const isNote = draft.mode === "note";
  const labelId = useId();
  return (
    <section class={`composer ${isNote ? "as-note" : ""}`} aria-labelledby={labelId}>
      <span id={labelId} class="for-readers">
        {isNote ? t("chat.noteTitle") : t("compose.label", { name })}
      </span>
      {templates.list}
      {isAsking && <AskFirst confirm={confirm} keep={() => choose("note")} />}
      <div class="composer-box">
        <Modes mode={draft.mode} choose={choose} />
        <textarea
          ref={field}
          rows={1}
          value={text}
          {...(text === "" ? {} : { dir: "auto" as const })}
          placeholder={
            isNote
              ? t("compose.noteTo")
              : t(width === "narrow" ? "compose.replyShort" : "compose.replyTo", { name })
          }
          aria-label={isNote ? t("compose.noteLabel") : t("compose.label", { name })}
          aria-autocomplete="list"
          aria-controls={templates.isOpen ? templates.id : undefined}
          aria-activedescendant={templates.active}
          aria-invalid={lengthOf(text) > limit}
          onInput={write}
          onKeyDown={press}
          onBlur={() => told(false)}
        />
        {isTold && open !== null && (
          <p class="refused" role="status">
            {t("compose.unfilled", { name: text.slice(...open) })}
          </p>
        )}
        <Refused refusal={refusedIn(desk, contact)} />
        <div class="composer-foot">
          <p class="hints" aria-hidden="true">
            <Key_>Enter</Key_> {t("compose.hintSend")} <Key_>Shift</Key_> <Key_>Enter</Key_>{" "}
            {t("compose.hintLine")}
          </p>
          <Counter text={text} limit={limit} />
          <button
            type="button"
            class="button primary"
            aria-disabled={isSending}
            onClick={() => {
              send();
              field.current?.focus();
            }}
          >
            {t(isSending ? "compose.sending" : isNote ? "compose.save" : "compose.send")}
          </button>
        </div>
      </div>
    </section>
  );
}

function Modes({ mode, choose }: { mode: Mode; choose: (mode: Mode) => void }): JSX.Element {
  const { t } = useScene();
  return (
    <div class="modes" role="group" aria-label={t("compose.modes")}>
      <button type="button" aria-pressed={mode === "reply"} onClick={() => choose("reply")}>
        {t("compose.reply")}
      </button>
      <button type="button" aria-pressed={mode === "note"} onClick={() => choose("note")}>
        <Icon name="lock" /> {t("compose.note")}
      </button>
    </div>
  );
}

function Counter({ text, limit }: { text: string; limit: number }): JSX.Element {
  const { t } = useScene();
  const { count, state } = countOf(text, limit);
  return (
    <p class={`counter figures ${state}`}>
      <span aria-hidden="true" dir="ltr">
        {count} / {limit}
      </span>
      <span class="for-readers">{t("compose.countLabel", { n: count, limit })}</span>
      {state === "over" && <span role="status">{t("compose.over", { n: count - limit })}</span>}
    </p>
  );
}

/** A text that was written as a note is not sent to a customer by one key. */
function AskFirst({ confirm, keep }: { confirm: () => void; keep: () => void }): JSX.Element {
  const { t } = useScene();
  const first = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => first.current?.focus(), []);
  return (
    <div class="ask" role="group" aria-labelledby="ask-note">
      <p id="ask-note">{t("compose.confirm")}</p>
      <button ref={first} type="button" class="button edged" onClick={keep}>
        {t("compose.confirmKeep")}
      </button>
      <button type="button" class="button edged" onClick={confirm}>
        {t("compose.confirmSend")}
      </button>
    </div>
  );
}

/** The field is as high as its text, up to six lines. */
function useGrowth(field: { current: HTMLTextAreaElement | null }, text: string): void {
  useLayoutEffect(() => {
    const box = field.current;
    if (box === null) return;
    box.style.blockSize = "auto";
    box.style.blockSize = `${box.scrollHeight}px`;
  }, [text]);
}

/** Tells that the agent types at most every three seconds, and that it stopped. */
function useTyping({ desktop }: Scene, contact: string): (on: boolean) => void {
  const last = useRef(0);
  return (on) => {
    const now = performance.now();
    if (on && now - last.current < TYPING_EVERY_MS) return;
    if (!on && last.current === 0) return;
    last.current = on ? now : 0;
    desktop.typing(contact, on);
  };
}

interface Templates {
  readonly id: string;
  readonly isOpen: boolean;
  readonly active: string | undefined;
  readonly list: JSX.Element | null;
  /** Whether a key was for the list. */
  readonly pressed: (event: KeyboardEvent) => boolean;
}

function useTemplates(
  scene: Scene,
  chat: Chat,
  field: { current: HTMLTextAreaElement | null },
): Templates {
  const { desk, desktop, t } = scene;
  const id = useId();
  const [place, setPlace] = useState(0);
  const [closedFor, setClosedFor] = useState("");
  const contact = chat.contact.id;
  const text = textOf(desktop.draft(contact));
  const search = searched(text);
  const isOpen = search !== null && closedFor !== text;
  const found = isOpen ? matching(desk.setup.templates, search) : [];
  const chosen = Math.min(place, found.length - 1);
  useEffect(() => setPlace(0), [search]);
  const put = (value: string, select: readonly [number, number] | null) => {
    desktop.setDraft(contact, written(desktop.draft(contact), value));
    requestAnimationFrame(() => {
      const box = field.current;
      if (box === null) return;
      box.focus();
      box.setSelectionRange(...(select ?? [value.length, value.length]));
    });
  };
  const use = (template: Template | undefined) => {
    if (template === undefined || desk.agent === null) return;
    const queue = queueName(desk, chat.contact.queue);
    const value = filled(template.text, parameters(desk.agent, chat.contact, queue));
    put(value, nextParameter(value, 0));
  };
  const pressed = (event: KeyboardEvent): boolean => {
    if (isOpen && found.length > 0 && move(event)) return true;
    if (isOpen && event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      setClosedFor(text);
      return true;
    }
    if (event.key !== "Tab" || event.shiftKey) return false;
    const next = nextParameter(text, field.current?.selectionEnd ?? 0);
    if (next === null) return false;
    event.preventDefault();
    field.current?.setSelectionRange(...next);
    return true;
  };
  const move = (event: KeyboardEvent): boolean => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setPlace((chosen + step + found.length) % found.length);
    else if (event.key === "Enter" && !event.shiftKey) use(found[chosen]);
    else return false;
    event.preventDefault();
    return true;
  };
  return {
    id,
    isOpen,
    active: found.length > 0 ? `${id}-${chosen}` : undefined,
    pressed,
    list: !isOpen ? null : found.length === 0 ? (
      <p id={id} class="templates none" role="status">
        {desk.setup.templates.length === 0
          ? t("compose.noTemplates")
          : t("panel.nothing", { search: search ?? "" })}
      </p>
    ) : (
      <TemplateList id={id} found={found} chosen={chosen} use={use} />
    ),
  };
}

function TemplateList(props: {
  id: string;
  found: readonly Template[];
  chosen: number;
  use: (template: Template) => void;
}): JSX.Element {
  const { t } = useScene();
  return (
    <ul id={props.id} class="templates" role="listbox" aria-label={t("compose.templates")}>
      {props.found.map((template, place) => (
        <li
          key={template.id}
          id={`${props.id}-${place}`}
          role="option"
          aria-selected={place === props.chosen}
          onMouseDown={(event) => {
            event.preventDefault();
            props.use(template);
          }}
        >
          <strong>/{template.id}</strong>
          <span>{template.text}</span>
        </li>
      ))}
    </ul>
  );
}
