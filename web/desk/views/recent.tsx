/** Closed contacts of this agent, and the transcript of one. */

import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { Contact } from "../../shared/contract";
import { Icon } from "../../shared/icons";
import { chatOpened, panelOf } from "../panels";
import { customerName, queueName, useScene, type Scene } from "../scene";
import { moveIn } from "./list";
import { Log } from "./log";
import { Ago, Initials, Name } from "./parts";

export function RecentList(): JSX.Element {
  const { desk, desktop, t } = useScene();
  const { recent } = desk;
  const list = useRef<HTMLUListElement>(null);
  if (recent.state === "failed")
    return (
      <div class="list-empty">
        <p>{t("recent.failed")}</p>
        <button type="button" class="button edged" onClick={() => void desktop.reading.loadRecent()}>
          {t("recent.again")}
        </button>
      </div>
    );
  if (recent.contacts.length === 0)
    return (
      <p class="list-empty">{t(recent.state === "ready" ? "recent.none" : "recent.loading")}</p>
    );
  return (
    <ul ref={list} class="rows" onKeyDown={(event) => moveIn(list.current, event)}>
      {recent.contacts.map((contact, place) => (
        <RecentRow key={contact.id} contact={contact} isFirst={place === 0} />
      ))}
      {recent.more && (
        <li class="row-more">
          <button type="button" class="button" onClick={() => void desktop.reading.loadRecent()}>
            {t("recent.more")}
          </button>
        </li>
      )}
    </ul>
  );
}

function RecentRow({ contact, isFirst }: { contact: Contact; isFirst: boolean }): JSX.Element {
  const scene = useScene();
  const { desk, desktop, t } = scene;
  const open = desk.recent.open?.contact.id;
  const isCurrent = open === contact.id;
  const choose = () => {
    desktop.update((one) => ({ ...chatOpened(one, null), list: "recent" }));
    void desktop.reading.openRecent(contact.id);
  };
  return (
    <li class={`row ${isCurrent ? "current" : ""}`}>
      <button
        type="button"
        class="row-main"
        data-chat={contact.id}
        tabIndex={isCurrent || (open === undefined && isFirst) ? 0 : -1}
        aria-current={isCurrent}
        onClick={choose}
      >
        <Initials name={contact.customer.name} />
        <span class="row-name">
          <Name>{customerName(t, contact)}</Name>
        </span>
        <span class="row-time">
          {contact.ended_at !== undefined && <Ago at={contact.ended_at} />}
        </span>
        <span class="row-line">
          {queueName(desk, contact.queue)} · {codeOf(scene, contact)}
        </span>
      </button>
    </li>
  );
}

/** What this agent filed a contact under. */
export function codeOf({ desk, t }: Scene, contact: Contact): string {
  const leg = contact.legs.findLast((one) => one.agent === desk.agent?.id);
  const code = leg?.wrapup?.code;
  if (code === undefined) return t("recent.noCode");
  return desk.setup.wrapupCodes.find((one) => one.id === code)?.name ?? code;
}

const LATE_MS = 600_000; // how long after the end a code may still be filed

/** Whether a reason may still be filed for a contact that is over. */
export function mayFile(contact: Contact, agent: string, now: number): boolean {
  const leg = contact.legs.findLast((one) => one.agent === agent);
  const ended = contact.ended_at ?? 0;
  return leg !== undefined && leg.wrapup === undefined && now - ended < LATE_MS;
}

/** A closed contact's log, to read. */
export function TranscriptPane(): JSX.Element | null {
  const scene = useScene();
  const { desk, desktop, t, width } = scene;
  const { open } = desk.recent;
  if (open === null) return null;
  const { contact } = open;
  const close = () => desktop.update((one) => ({ ...one, recent: { ...one.recent, open: null } }));
  return (
    <>
      <header class="chat-header">
        {width === "narrow" && <Back close={close} />}
        <div class="chat-title">
          <h2 id="chat-name">
            <Name>{customerName(t, contact)}</Name>
          </h2>
          <p>
            {queueName(desk, contact.queue)} · {codeOf(scene, contact)}
          </p>
        </div>
        {mayFile(contact, desk.agent?.id ?? "", desktop.clock.now()) && (
          <button
            type="button"
            class="button edged"
            onClick={() => desktop.update((one) => panelOf(one, contact.id, "wrapup"))}
          >
            {t("recent.file")}
          </button>
        )}
      </header>
      {open.state === "ready" ? (
        <Log chat={{ contact, messages: open.messages, lines: [] }} />
      ) : (
        <p class="log-empty">{t(open.state === "loading" ? "panel.loading" : "panel.failed")}</p>
      )}
      <footer class="replaced">
        <p>{t("recent.readOnly")}</p>
      </footer>
    </>
  );
}

function Back({ close }: { close: () => void }): JSX.Element {
  const { t } = useScene();
  return (
    <button type="button" class="button square" aria-label={t("chat.back")} onClick={close}>
      <Icon name="back" />
    </button>
  );
}
