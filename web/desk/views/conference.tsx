/** Talking with a colleague to one customer: asking somebody in, and ending it for one of them. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Agent, Contact } from "../../shared/contract";
import { useChoice } from "../choices";
import { partIn, self } from "../contacts";
import type { Refusal } from "../model";
import { sideClosed } from "../panels";
import { useScene } from "../scene";
import { agentChoice, Chosen, SearchBar, useDirectory } from "./directory";
import { Initials, Name, Refused } from "./parts";
import { Panel } from "./side";
import { ReasonSelect } from "./transfer";

export function ConferencePanel({ contact }: { contact: Contact }): JSX.Element {
  const scene = useScene();
  const { t, desktop } = scene;
  const [chosen, choose, forget] = useChoice<string | null>(`${contact.id}/conference`, null);
  const [search, setSearch] = useState("");
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setBusy] = useState(false);
  const agents = useDirectory<Agent>(() => desktop.agents(), "agents");
  const taking = new Set(contact.participants.map((one) => one.agent));
  const me = self(scene.desk);
  const isPending = contact.pending_offers.some((offer) => offer.kind !== "contact");
  const isOff = chosen === null || isBusy || isPending;
  const send = () => {
    if (chosen === null || isOff) return;
    setBusy(true);
    void desktop.conference(contact.id, chosen).then((refused) => {
      setBusy(false);
      setRefusal(refused);
      if (refused !== null) return agents.reload();
      forget();
      desktop.update(sideClosed);
    });
  };
  return (
    <Panel title={t("conference.title")}>
      <SearchBar
        label={t("transfer.searchAgents")}
        value={search}
        change={setSearch}
        reload={agents.reload}
      />
      <Chosen
        directory={agents}
        choices={(agents.entries ?? [])
          .filter((agent) => agent.id !== me)
          .map((agent) => agentChoice(scene, agent, taking))}
        search={search}
        empty={t("transfer.noAgents")}
        name="conference-with"
        label={t("transfer.agents")}
        chosen={chosen}
        choose={(id) => {
          setRefusal(null);
          choose(id);
        }}
      />
      <p class="hint">
        {t(isPending ? "transfer.pending" : chosen === null ? "conference.choose" : "conference.owner")}
      </p>
      <Refused
        refusal={refusal}
        name={agents.entries?.find((one) => one.id === chosen)?.name ?? ""}
      />
      <div class="panel-foot">
        <button type="button" class="button" onClick={() => desktop.update(sideClosed)}>
          {t("panel.cancel")}
        </button>
        <button type="button" class="button primary" aria-disabled={isOff} onClick={send}>
          {t(isBusy ? "conference.submitting" : "conference.submit")}
        </button>
      </div>
    </Panel>
  );
}

/** Ends a conference: somebody is removed, or the agent leaves and the others stay. */
export function LeavePanel({ contact }: { contact: Contact }): JSX.Element {
  const { desk, desktop, t } = useScene();
  const me = self(desk);
  const [code, setCode, forget] = useChoice(`${contact.id}/leave/code`, "");
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setBusy] = useState(false);
  const isOwner = partIn(contact, me) === "owner";
  const others = contact.participants.filter((one) => one.agent !== me);
  const next = others[0]?.name ?? "";
  const leave = () => {
    if (isBusy) return;
    setBusy(true);
    void desktop.leave(contact.id, code === "" ? undefined : { code }).then((refused) => {
      setBusy(false);
      setRefusal(refused);
      if (refused === null) forget();
    });
  };
  return (
    <Panel title={t("conference.leaveTitle")}>
      <h3 class="panel-part">{t("conference.in")}</h3>
      <ul class="participants">
        {contact.participants.map((one) => (
          <li key={one.agent}>
            <Initials name={one.name} tone="colleague" />
            <span>
              {one.agent === me ? t("conference.you", { name: one.name }) : <Name>{one.name}</Name>}
              {one.role === "owner" && <small>{t("conference.ownerMark")}</small>}
            </span>
            {isOwner && one.agent !== me && (
              <button
                type="button"
                class="button edged"
                aria-label={t("conference.remove", { name: one.name })}
                onClick={() => void desktop.remove(contact.id, one.agent).then(setRefusal)}
              >
                {t("conference.removeShort")}
              </button>
            )}
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <>
          <ReasonSelect contact={contact} code={code} choose={setCode} />
          <p class="hint">
            {isOwner ? t("conference.leaveOwner", { name: next }) : t("conference.leaveMember")}
          </p>
        </>
      )}
      <Refused refusal={refusal} />
      <div class="panel-foot">
        <button type="button" class="button" onClick={() => desktop.update(sideClosed)}>
          {t("panel.cancel")}
        </button>
        {others.length > 0 && (
          <button type="button" class="button danger" aria-disabled={isBusy} onClick={leave}>
            {t(isBusy ? "conference.leaving" : "conference.leave")}
          </button>
        )}
      </div>
    </Panel>
  );
}
