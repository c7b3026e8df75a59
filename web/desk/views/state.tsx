/** The agent's own state in word, shape and colour, the meter, and the menu that changes it. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { timeOfDay } from "../../shared/clock";
import { Icon } from "../../shared/icons";
import type { Translate } from "../../shared/i18n";
import type { Agent } from "../../shared/contract";
import type { Desk, Refusal } from "../model";
import { sideOpened } from "../panels";
import { shownState, slots } from "../presence";
import { isCutOff, useScene, type Scene } from "../scene";
import type { Key } from "../words";
import { type Item, MenuButton } from "./menu";
import { Refused, useAgo } from "./parts";

/** The word for an agent's state, with the idle code where there is one. */
export function stateWord(t: Translate<Key>, desk: Desk, agent: Agent): string {
  const shown = shownState(agent);
  const code = desk.setup.idleCodes.find((one) => one.id === agent.idle_code)?.name;
  return shown === "idle" && code !== undefined
    ? t("state.idleCode", { code })
    : t(`state.${shown}`);
}

export function StateControl({ signOut }: { signOut: () => void }): JSX.Element | null {
  const scene = useScene();
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const { desk, t } = scene;
  if (desk.agent === null) return null;
  const set = (state: "available" | "idle" | "offline", code?: string) =>
    void scene.desktop.setPresence(state, code).then(setRefusal);
  const word = stateWord(t, desk, desk.agent);
  return (
    <div class="state">
      <MenuButton
        class="state-button"
        items={choices(scene, set, signOut)}
      >
        <span class="for-readers">{t("state.menu")} </span>
        <StateFace agent={desk.agent} word={word} />
        <Meter />
        <Icon name="down" />
      </MenuButton>
      <Refused refusal={refusal} />
    </div>
  );
}

function StateFace({ agent, word }: { agent: Agent; word: string }): JSX.Element {
  const { status, t } = useScene();
  const shown = shownState(agent);
  const away = isCutOff(status);
  return (
    <>
      <span class={`state-icon tone-${away ? "away" : shown}`}>
        <Icon name={shown} />
      </span>
      <span class="state-words">
        <strong>{word}</strong>
        <small>{away ? t("state.unconnected") : <StateTime agent={agent} />}</small>
      </span>
    </>
  );
}

function StateTime({ agent }: { agent: Agent }): JSX.Element {
  const { t, locale } = useScene();
  const passed = useAgo();
  if (agent.state === "offline")
    return <>{t("state.since", { time: timeOfDay(agent.since, locale) })}</>;
  const time = passed(agent.since);
  if (agent.state === "rona")
    return <>{time === null ? t("state.noNewNow") : t("state.noNew", { time })}</>;
  return <>{time === null ? t("state.forNow") : t("state.for", { time })}</>;
}

const SHOWN_MAX = 10; // more bars than that say nothing that the words do not

function Meter(): JSX.Element {
  const { desk, t } = useScene();
  const { chats, capacity, meter } = slots(desk);
  return (
    <span class="meter-holder">
      <span class="meter" aria-hidden="true">
        {meter.slice(0, SHOWN_MAX).map((slot, place) => (
          <span key={place} class={`slot ${slot}`} />
        ))}
      </span>
      <small class="figures">{t("state.chats", { count: chats, capacity })}</small>
    </span>
  );
}

function choices(
  { desk, desktop, t }: Scene,
  set: (state: "available" | "idle" | "offline", code?: string) => void,
  signOut: () => void,
): readonly Item[] {
  const agent = desk.agent;
  const { chats } = slots(desk);
  const reason = chats > 0 ? { reason: t("state.signOutChats", { n: chats }) } : {};
  const idle = (label: string, code?: string): Item => ({
    label,
    icon: "idle",
    tone: "idle",
    isChosen: agent?.state === "idle" && agent.idle_code === code,
    choose: () => set("idle", code),
  });
  return [
    {
      label: t("state.available"),
      icon: "available",
      tone: "available",
      isChosen: agent?.state === "available",
      choose: () => set("available"),
    },
    idle(t("state.idle")),
    ...desk.setup.idleCodes.map(({ id, name }) => idle(t("state.idleCode", { code: name }), id)),
    {
      label: t("state.offline"),
      icon: "offline",
      tone: "offline",
      isChosen: agent?.state === "offline",
      choose: () => set("offline"),
      ...reason,
    },
    {
      label: t("state.settings"),
      begins: true,
      choose: () => desktop.update((one) => sideOpened(one, "settings")),
    },
    { label: t("state.signOut"), choose: signOut, ...reason },
  ];
}
