// The screen on which a chat begins: what the site asks first, and the first message.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { cardNumbers, withStars } from "../../shared/cards";
import type { EntryPoint, WireError } from "../../shared/contract";
import type { Key } from "../texts";
import { CardWarning } from "./card-warning";
import { Length, runs, useLength } from "./composer";
import { useFrame, type Frame } from "./frame";

type Field = EntryPoint["pre_chat"][number];

const FIELDS: Readonly<Record<Field, { label: Key; type: "text" | "email" | "tel"; complete: string; max: number }>> = {
  name: { label: "name", type: "text", complete: "name", max: 200 },
  email: { label: "email", type: "email", complete: "email", max: 254 },
  phone: { label: "phone", type: "tel", complete: "tel", max: 40 },
  subject: { label: "subject", type: "text", complete: "off", max: 200 },
};

export function NewScreen(): JSX.Element {
  const { state, t } = useFrame();
  const place = state.session?.entry_point;
  if (place?.open === false) return <Closed greeting={place.greeting ?? ""} />;
  return (
    <div class="scroll">
      <h3 class="greeting">
        <bdi dir="auto">{place?.greeting || t("hello")}</bdi>
      </h3>
      <Form fields={place?.pre_chat ?? []} />
    </div>
  );
}

function Closed({ greeting }: { greeting: string }): JSX.Element {
  const { state, store, t } = useFrame();
  return (
    <div class="scroll">
      <h3 class="greeting">{t("closed")}</h3>
      {greeting !== "" && (
        <p class="plain">
          <bdi dir="auto">{greeting}</bdi>
        </p>
      )}
      {state.chats.length > 0 && (
        <>
          <p class="plain">{t("closedRead")}</p>
          <button class="button edged wide" type="button" data-first onClick={() => store.show({ at: "list" })}>
            {t("chats")}
          </button>
        </>
      )}
    </div>
  );
}

function Form({ fields }: { fields: readonly Field[] }): JSX.Element {
  const { state, session, t, isSigned } = useFrame();
  const [values, setValues] = useState<Record<string, string>>({});
  const [text, setText] = useState(() => session.drafts.get("new"));
  const [problem, setProblem] = useState<"empty" | "card" | "none">("none");
  const message = useRef<HTMLTextAreaElement>(null);
  const waiting = state.pending.find((each) => each.payload.conversation === undefined);
  const isBusy = waiting?.state === "waiting";
  const { over } = useLength(text);
  const asked = fields.filter((field) => !(isSigned && (field === "name" || field === "email")));
  useEffect(() => session.drafts.set("new", text), [text]);

  const start = (words: string): void => {
    if (waiting !== undefined) session.outbox.remove(waiting.id);
    const filled = Object.entries(values).filter(([, value]) => value.trim() !== "");
    session.send(undefined, words.trim(), Object.fromEntries(filled));
    session.drafts.drop("new");
  };
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    if (isBusy) return;
    if (text.trim() === "") {
      setProblem("empty");
      message.current?.focus();
    } else if (over > 0) message.current?.focus();
    else if (cardNumbers(text).length > 0) setProblem("card");
    else start(text);
  };
  return (
    <form class="form" noValidate onSubmit={onSubmit}>
      {asked.map((field, index) => (
        <label class="asked">
          <span>
            {t(FIELDS[field].label)} <i>{t("optional")}</i>
          </span>
          <input
            class="field"
            name={field}
            type={FIELDS[field].type as "text"}
            autocomplete={FIELDS[field].complete as AutoFill}
            maxLength={FIELDS[field].max}
            dir={runs(values[field] ?? "")}
            data-first={index === 0 ? "" : undefined}
            value={values[field] ?? ""}
            onInput={(event) => setValues({ ...values, [field]: event.currentTarget.value })}
          />
        </label>
      ))}
      <label class="asked">
        <span>{t("message")}</span>
        <textarea
          ref={message}
          class="field area"
          name="message"
          rows={3}
          dir={runs(text)}
          placeholder={t("help")}
          aria-invalid={problem === "empty" || over > 0}
          aria-describedby={problem === "empty" ? "empty" : "length"}
          data-first={asked.length === 0 ? "" : undefined}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setProblem("none");
          }}
        />
      </label>
      <Length of={text} />
      {problem === "empty" && (
        <p class="problem" id="empty">
          {t("empty")}
        </p>
      )}
      {problem === "card" && (
        <CardWarning hide={() => start(withStars(text))} send={() => start(text)} />
      )}
      {waiting?.error !== undefined && (
        <p class="problem" role="alert">
          <Refusal error={waiting.error} />
        </p>
      )}
      {problem !== "card" && (
        <button class="button primary wide" type="submit" aria-disabled={isBusy}>
          {t(isBusy ? "starting" : "start")}
        </button>
      )}
      <p class="under">{t("cards")}</p>
    </form>
  );
}

type AutoFill = "name" | "email" | "tel" | "off";

/** Why something was refused, and where to go instead. */
export function Refusal({ error, here }: { error: WireError; here?: string | undefined }): JSX.Element {
  const { t, store, session, state } = useFrame();
  const live = error.code === "conflict" ? error.details?.conversation : undefined;
  if (typeof live !== "string" || live === here) return <>{refusalText(error, t)}</>;
  const go = (): void => {
    for (const { id, payload } of state.pending) {
      if (payload.conversation === undefined) session.outbox.remove(id);
    }
    store.show({ at: "chat", conversation: live });
  };
  return (
    <>
      {t("busy")}{" "}
      <button class="inline" type="button" onClick={go}>
        {t("goThere")}
      </button>
    </>
  );
}

function refusalText(error: WireError, t: Frame["t"]): string {
  if (error.code === "queue_full") return t("full");
  if (error.code === "no_staff") return t("closed");
  return t("wrong", { code: error.code });
}
