/** Ending a chat and saying what it was about: reasons to search, a note, and the timer when one runs. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { countdown, useSeconds } from "../../shared/clock";
import type { Contact, WrapupCode } from "../../shared/contract";
import { isFound, useChoice } from "../choices";
import { openLeg, self } from "../contacts";
import { lengthOf } from "../drafting";
import type { Desk, Refusal } from "../model";
import { neighbour } from "../contacts";
import { sideClosed } from "../panels";
import { customerName, useScene } from "../scene";
import { ChoiceList, SearchBar } from "./directory";
import { focusRow } from "./list";
import { Refused } from "./parts";
import { Panel } from "./side";

/** The reasons that fit a contact's queue. */
export function codesFor(desk: Desk, contact: Contact): readonly WrapupCode[] {
  return desk.setup.wrapupCodes.filter(
    ({ queues }) => queues === undefined || queues.length === 0 || queues.includes(contact.queue),
  );
}

export function WrapupPanel(props: { contact: Contact; isEnding: boolean }): JSX.Element {
  const { contact } = props;
  const { desk, desktop, t } = useScene();
  const [search, setSearch] = useState("");
  const codes = codesFor(desk, contact);
  const only = codes.length === 1 ? (codes[0]?.id ?? null) : null;
  const [code, setCode, forgetCode] = useChoice<string | null>(`${contact.id}/wrapup/code`, only);
  const [note, setNote, forgetNote] = useChoice(`${contact.id}/wrapup/note`, "");
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, setBusy] = useState<"submit" | "later" | null>(null);
  const isEnding = props.isEnding && contact.ended_at === undefined;
  const limit = desk.setup.limits.note;
  const isOver = lengthOf(note) > limit;
  const found = codes.filter(({ name }) => isFound(name, search));
  const done = (refused: Refusal | null) => {
    setBusy(null);
    setRefusal(refused);
    if (refused !== null) return;
    forgetCode();
    forgetNote();
    desktop.update(sideClosed);
    if (desktop.desk.list === "recent") desktop.reading.renewRecent();
  };
  const submit = () => {
    if (code === null || busy !== null || isOver) return;
    setBusy("submit");
    const next = neighbour(desk, contact.id);
    const wrapup = note.trim() === "" ? { code } : { code, note };
    const asked = isEnding ? desktop.end(contact.id, wrapup) : desktop.wrapUp(contact.id, wrapup);
    void asked.then((refused) => {
      done(refused);
      if (refused === null) requestAnimationFrame(() => focusRow(next));
    });
  };
  const later = () => {
    if (busy !== null) return;
    setBusy("later");
    void desktop.end(contact.id).then((refused) => {
      setBusy(null);
      setRefusal(refused);
    });
  };
  const name = customerName(t, contact);
  const deadline = openLeg(contact, self(desk))?.deadline_at ?? null;
  return (
    <Panel
      title={t(isEnding ? "wrapup.endTitle" : "wrapup.title", { name })}
      beside={deadline !== null && <Deadline at={deadline} />}
    >
      {isEnding && <p class="hint">{t("wrapup.endNow")}</p>}
      <SearchBar label={t("wrapup.search")} value={search} change={setSearch} />
      {codes.length === 0 ? (
        <p class="side-empty">{t("wrapup.noReasons")}</p>
      ) : found.length === 0 ? (
        <p class="side-empty" role="status">
          {t("panel.nothing", { search })}
        </p>
      ) : (
        <ChoiceList
          name="wrapup-code"
          label={t("wrapup.reasons")}
          choices={found.map(({ id, name: called }) => ({ id, name: called, facts: [], isOff: false }))}
          chosen={code}
          choose={setCode}
        />
      )}
      <label class="labelled">
        <span>
          {t("wrapup.note")} <span class="faint">{t("wrapup.optional")}</span>
        </span>
        <textarea
          class="field"
          rows={3}
          value={note}
          dir="auto"
          aria-invalid={isOver}
          onInput={(event) => setNote(event.currentTarget.value)}
        />
      </label>
      {isOver && (
        <p class="refused" role="status">
          {t("compose.over", { n: lengthOf(note) - limit })}
        </p>
      )}
      {deadline !== null && <ByItself at={deadline} />}
      {code === null && codes.length > 0 && <p class="hint">{t("wrapup.choose")}</p>}
      <Refused refusal={refusal} />
      <div class="panel-foot">
        {isEnding && (
          <button type="button" class="button" aria-disabled={busy !== null} onClick={later}>
            {t(busy === "later" ? "wrapup.ending" : "wrapup.endLater")}
          </button>
        )}
        <button
          type="button"
          class={`button ${isEnding ? "danger" : "primary"}`}
          aria-disabled={code === null || busy !== null || isOver}
          onClick={submit}
        >
          {t(busy === "submit" ? "wrapup.submitting" : isEnding ? "wrapup.endSubmit" : "wrapup.submit")}
        </button>
      </div>
    </Panel>
  );
}

function Deadline({ at }: { at: number }): JSX.Element {
  const { desktop } = useScene();
  useSeconds();
  return (
    <span class="deadline figures" dir="ltr">
      {countdown(at - desktop.clock.now())}
    </span>
  );
}

function ByItself({ at }: { at: number }): JSX.Element {
  const { desktop, t } = useScene();
  useSeconds();
  return (
    <p class="hint figures">
      {t("wrapup.byItself", { time: countdown(at - desktop.clock.now()) })}
    </p>
  );
}
