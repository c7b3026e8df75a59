/** Handing a chat on: to an agent who has to accept, or to a queue at once. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Agent, Contact, QueueStanding } from "../../shared/contract";
import { useChoice } from "../choices";
import { self } from "../contacts";
import type { Refusal } from "../model";
import { sideClosed } from "../panels";
import { customerName, useScene } from "../scene";
import { agentChoice, Chosen, type Directory, queueChoice, SearchBar, useDirectory } from "./directory";
import { Refused } from "./parts";
import { Panel } from "./side";
import { codesFor } from "./wrapup";

type Target = "queue" | "agent";

export function TransferPanel({ contact }: { contact: Contact }): JSX.Element {
  const scene = useScene();
  const { t, desktop } = scene;
  const [target, setTarget] = useChoice<Target>(`${contact.id}/transfer/target`, "agent");
  const [code, setCode, forgetCode] = useChoice(`${contact.id}/transfer/code`, "");
  const [search, setSearch] = useState("");
  const [chosen, choose] = useChoice<string | null>(`${contact.id}/transfer/${target}`, null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setBusy] = useState(false);
  const agents = useDirectory<Agent>(() => desktop.agents(), "agents");
  const queues = useDirectory<QueueStanding>(() => desktop.queues(), "queues");
  const list: Directory<Agent | QueueStanding> = target === "agent" ? agents : queues;
  const name = list.entries?.find((one) => one.id === chosen)?.name ?? "";
  const send = (force: boolean) => {
    if (chosen === null || isBusy) return;
    setBusy(true);
    const to = target === "agent" ? { agent: chosen } : { queue: chosen };
    const wrapup = code === "" ? {} : { wrapup: { code } };
    void desktop
      .transfer(contact.id, to, { ...wrapup, ...(force ? { force } : {}) })
      .then((refused) => {
        setBusy(false);
        setRefusal(refused);
        if (refused !== null) return list.reload();
        forgetCode();
        desktop.update(sideClosed);
      });
  };
  const pick = (id: string | null) => {
    setRefusal(null);
    choose(id);
  };
  const turn = (next: Target) => {
    setRefusal(null);
    setSearch("");
    setTarget(next);
  };
  const me = self(scene.desk);
  const taking = new Set(contact.participants.map((one) => one.agent));
  const isPending = contact.pending_offers.some((offer) => offer.kind !== "contact");
  const hasMembers = target === "queue" && contact.participants.length > 1;
  const choices =
    target === "agent"
      ? (agents.entries ?? [])
          .filter((agent) => agent.id !== me)
          .map((agent) => agentChoice(scene, agent, taking))
      : (queues.entries ?? []).map((queue) => queueChoice(scene, queue));
  const isOff = chosen === null || isBusy || isPending || hasMembers;
  return (
    <Panel title={t("transfer.title", { name: customerName(t, contact) })}>
      <Targets key={target} target={target} turn={turn} />
      <SearchBar
        label={t(target === "agent" ? "transfer.searchAgents" : "transfer.searchQueues")}
        value={search}
        change={setSearch}
        reload={list.reload}
      />
      <Chosen
        directory={list}
        choices={choices}
        search={search}
        empty={t(target === "agent" ? "transfer.noAgents" : "transfer.noQueues")}
        name="transfer-to"
        label={t(target === "agent" ? "transfer.agents" : "transfer.queues")}
        chosen={chosen}
        choose={pick}
      />
      <ReasonSelect contact={contact} code={code} choose={setCode} />
      <p class="hint">{hint()}</p>
      <Refused refusal={refusal} name={name} />
      <div class="panel-foot">
        <button type="button" class="button" onClick={() => desktop.update(sideClosed)}>
          {t("panel.cancel")}
        </button>
        {refusal?.code === "no_staff" ? (
          <button type="button" class="button primary" onClick={() => send(true)}>
            {t("transfer.force")}
          </button>
        ) : (
          <button
            type="button"
            class="button primary"
            aria-disabled={isOff}
            onClick={() => !isOff && send(false)}
          >
            {t(isBusy ? "transfer.submitting" : "transfer.submit")}
          </button>
        )}
      </div>
    </Panel>
  );

  function hint(): string {
    if (isPending) return t("transfer.pending");
    if (hasMembers) return t("transfer.members");
    if (name === "") return t("transfer.choose");
    if (target === "queue") return t("transfer.release");
    return t("transfer.keep", { name });
  }
}

function Targets({ target, turn }: { target: Target; turn: (next: Target) => void }): JSX.Element {
  const { t } = useScene();
  const kinds: readonly Target[] = ["queue", "agent"];
  return (
    <div class="segments" role="group" aria-label={t("transfer.to")}>
      {kinds.map((kind) => (
        <button key={kind} type="button" aria-pressed={target === kind} onClick={() => turn(kind)}>
          {t(`transfer.${kind}`)}
        </button>
      ))}
    </div>
  );
}

/** A reason given beforehand, so that nothing is owed after. */
export function ReasonSelect(props: {
  contact: Contact;
  code: string;
  choose: (code: string) => void;
}): JSX.Element | null {
  const { desk, t } = useScene();
  const codes = codesFor(desk, props.contact);
  if (codes.length === 0) return null;
  return (
    <label class="labelled">
      <span>
        {t("transfer.reason")} <span class="faint">{t("transfer.reasonLater")}</span>
      </span>
      <select
        class="field"
        value={props.code}
        onChange={(event) => props.choose(event.currentTarget.value)}
      >
        <option value="">{t("transfer.chooseReason")}</option>
        {codes.map((code) => (
          <option key={code.id} value={code.id}>
            {code.name}
          </option>
        ))}
      </select>
    </label>
  );
}

