/** Lists to choose one from: agents with their live state, queues with who waits. */

import type { JSX } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Agent, QueueStanding } from "../../shared/contract";
import { Icon } from "../../shared/icons";
import { isFound } from "../choices";
import { canTake, shownState } from "../presence";
import { queueName, useScene, type Scene } from "../scene";
import { Name } from "./parts";
import { stateWord } from "./state";

const AGAIN_MS = 5_000;

/** A list of the server's, read now, each few seconds, and when somebody asks. */
export interface Directory<Entry> {
  readonly entries: readonly Entry[] | null;
  readonly isFailed: boolean;
  readonly reload: () => void;
}

export function useDirectory<Entry>(
  read: () => Promise<readonly Entry[] | null>,
  name: string,
): Directory<Entry> {
  const [entries, setEntries] = useState<readonly Entry[] | null>(null);
  const [isFailed, setFailed] = useState(false);
  const isHere = useRef(true);
  const reload = useCallback(() => {
    void read().then((found) => {
      if (!isHere.current) return;
      setFailed(found === null);
      if (found !== null) setEntries((before) => inPlace(before, found));
    });
  }, [name]);
  useEffect(() => {
    isHere.current = true;
    setEntries(null);
    reload();
    const timer = setInterval(reload, AGAIN_MS);
    return () => {
      isHere.current = false;
      clearInterval(timer);
    };
  }, [name]);
  return { entries, isFailed, reload };
}

/** Entries keep the order they were first shown in: nothing moves under the pointer. */
function inPlace<Entry>(
  before: readonly Entry[] | null,
  found: readonly Entry[],
): readonly Entry[] {
  if (before === null) return found;
  const id = (entry: Entry) => (entry as { id: string }).id;
  const order = new Map(before.map((entry, place) => [id(entry), place]));
  const place = (entry: Entry) => order.get(id(entry)) ?? before.length;
  return [...found].sort((one, other) => place(one) - place(other));
}

export function SearchBar(props: {
  label: string;
  value: string;
  change: (value: string) => void;
  reload?: () => void;
}): JSX.Element {
  const { t } = useScene();
  return (
    <div class="search">
      <input
        class="field"
        type="search"
        data-first
        value={props.value}
        placeholder={props.label}
        aria-label={props.label}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => props.change(event.currentTarget.value)}
      />
      {props.reload !== undefined && (
        <button type="button" class="button edged" onClick={props.reload}>
          {t("panel.reload")}
        </button>
      )}
    </div>
  );
}

/** One thing to choose, with what is known of it and why it cannot be chosen. */
export interface Choice {
  readonly id: string;
  readonly name: string;
  readonly icon?: JSX.Element;
  readonly line?: string;
  readonly facts: readonly string[];
  readonly isOff: boolean;
}

export function ChoiceList(props: {
  name: string;
  label: string;
  choices: readonly Choice[];
  chosen: string | null;
  choose: (id: string) => void;
}): JSX.Element {
  return (
    <fieldset class="choices">
      <legend class="for-readers">{props.label}</legend>
      {props.choices.map((choice) => (
        <label
          key={choice.id}
          class={`choice ${choice.isOff ? "off" : ""} ${props.chosen === choice.id ? "chosen" : ""}`}
        >
          <input
            type="radio"
            name={props.name}
            checked={props.chosen === choice.id}
            disabled={choice.isOff}
            onChange={() => props.choose(choice.id)}
          />
          {choice.icon}
          <span class="choice-words">
            <strong>
              <Name>{choice.name}</Name>
            </strong>
            {choice.line !== undefined && <small>{choice.line}</small>}
          </span>
          <span class="choice-facts figures">
            {choice.facts.map((fact) => (
              <small key={fact}>{fact}</small>
            ))}
          </span>
          {choice.icon !== undefined && props.chosen === choice.id && <Icon name="check" />}
        </label>
      ))}
    </fieldset>
  );
}

/** An agent of the directory as a choice; `taking` are those who take part already. */
export function agentChoice(
  { desk, t }: Scene,
  agent: Agent,
  taking: ReadonlySet<string>,
): Choice {
  const shown = shownState(agent);
  const load = t("transfer.load", { count: agent.load, capacity: agent.capacity });
  const isIn = taking.has(agent.id);
  const why = isIn
    ? [t("transfer.inChat")]
    : shown === "busy"
      ? [load, t("transfer.full")]
      : canTake(agent)
        ? [load]
        : [t("transfer.notTaking")];
  return {
    id: agent.id,
    name: agent.name,
    icon: (
      <span class={`tone-${shown}`}>
        <Icon name={shown} />
      </span>
    ),
    line:
      shown === "available"
        ? agent.queues.map((queue) => queueName(desk, queue)).join(", ")
        : stateWord(t, desk, agent),
    facts: why,
    isOff: isIn || !canTake(agent),
  };
}

/** A queue of the directory as a choice. */
export function queueChoice(scene: Scene, queue: QueueStanding): Choice {
  const { t } = scene;
  return {
    id: queue.id,
    name: queue.name,
    line: waitText(scene, queue.estimated_wait_ms),
    facts: [
      t("transfer.waiting", { n: queue.waiting }),
      t("transfer.free", { n: queue.available_agents }),
    ],
    isOff: false,
  };
}

const MINUTE_MS = 60_000;

/** A wait in honest steps: exact up to five minutes, then rounded up, then only "more than". */
export function waitText({ t }: Pick<Scene, "t">, ms: number | null): string {
  if (ms === null) return t("wait.unknown");
  const minutes = Math.ceil(ms / MINUTE_MS);
  if (ms < MINUTE_MS) return t("wait.short");
  if (minutes > 30) return t("wait.long");
  return t("wait.minutes", { n: minutes <= 5 ? minutes : Math.ceil(minutes / 5) * 5 });
}

/** The list of a panel, or why there is none. */
export function Chosen(props: {
  directory: Directory<unknown>;
  choices: readonly Choice[];
  search: string;
  empty: string;
  name: string;
  label: string;
  chosen: string | null;
  choose: (id: string) => void;
}): JSX.Element {
  const { t } = useScene();
  const found = props.choices.filter(({ name, line }) => isFound(`${name} ${line}`, props.search));
  if (props.directory.isFailed && props.directory.entries === null)
    return <p class="side-empty">{t("panel.failed")}</p>;
  if (props.directory.entries === null) return <p class="side-empty">{t("panel.loading")}</p>;
  if (props.choices.length === 0) return <p class="side-empty">{props.empty}</p>;
  if (found.length === 0)
    return (
      <p class="side-empty" role="status">
        {t("panel.nothing", { search: props.search })}
      </p>
    );
  return <ChoiceList {...props} choices={found} />;
}
