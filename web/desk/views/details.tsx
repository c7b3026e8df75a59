/** Who the customer is and how this chat came: what the server told, masked as it told it. */

import type { ComponentChildren, JSX } from "preact";
import { elapsed } from "../../shared/clock";
import type { Contact } from "../../shared/contract";
import { chatOf } from "../model";
import { queueName, useScene } from "../scene";
import { Name, Time, Value } from "./parts";
import { codeOf } from "./recent";

export function Details(): JSX.Element {
  const { desk, t } = useScene();
  const contact = chatOf(desk, desk.current)?.contact ?? desk.recent.open?.contact;
  if (contact === undefined) return <p class="side-empty">{t("details.none")}</p>;
  return (
    <div class="details">
      <CustomerFacts contact={contact} />
      <ChatFacts contact={contact} />
      <SiteFacts contact={contact} />
    </div>
  );
}

function Facts(props: { title: string; children: ComponentChildren }): JSX.Element {
  return (
    <section>
      <h3>{props.title}</h3>
      <dl>{props.children}</dl>
    </section>
  );
}

function Fact(props: { is: string; children: ComponentChildren }): JSX.Element {
  return (
    <div class="fact">
      <dt>{props.is}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function CustomerFacts({ contact }: { contact: Contact }): JSX.Element {
  const { t } = useScene();
  const { customer } = contact;
  return (
    <Facts title={t("details.customer")}>
      <Fact is={t("details.name")}>
        {customer.name === undefined ? (
          <span class="faint">{t("details.noName")}</span>
        ) : (
          <Value>{customer.name}</Value>
        )}
      </Fact>
      <Fact is={t("details.identity")}>
        {t(customer.verified ? "details.verified" : "details.anonymous")}
      </Fact>
      {contact.ended_at === undefined && (
        <Fact is={t("details.presence")}>
          {t(customer.connected ? "details.present" : "details.absent")}
        </Fact>
      )}
      {customer.email !== undefined && (
        <Fact is={t("details.email")}>
          <Value kind="email">{customer.email}</Value>
        </Fact>
      )}
      {customer.phone !== undefined && (
        <Fact is={t("details.phone")}>
          <Value kind="phone">{customer.phone}</Value>
        </Fact>
      )}
      {customer.external_id !== undefined && (
        <Fact is={t("details.reference")}>
          <Value>{customer.external_id}</Value>
        </Fact>
      )}
    </Facts>
  );
}

function ChatFacts({ contact }: { contact: Contact }): JSX.Element {
  const scene = useScene();
  const { desk, t } = scene;
  const waited = (contact.connected_at ?? contact.created_at) - contact.created_at;
  return (
    <Facts title={t("details.chat")}>
      {contact.subject !== undefined && (
        <Fact is={t("details.subject")}>
          <Value>{contact.subject}</Value>
        </Fact>
      )}
      <Fact is={t("details.queue")}>
        <Name>{queueName(desk, contact.queue)}</Name>
      </Fact>
      <Fact is={t("details.waited")}>
        <span class="figures">{elapsed(waited)}</span>
      </Fact>
      <Fact is={t("details.started")}>
        <Time at={contact.created_at} />
      </Fact>
      {contact.origin === "proactive" && (
        <Fact is={t("details.origin")}>{t("details.proactive")}</Fact>
      )}
      {contact.priority !== 0 && (
        <Fact is={t("details.priority")}>
          <span class="figures">{contact.priority}</span>
        </Fact>
      )}
      {contact.participants.length > 0 && (
        <Fact is={t("details.agents")}>
          {contact.participants.map((one) => one.name).join(", ")}
        </Fact>
      )}
      {contact.ended_at !== undefined && (
        <Fact is={t("details.reason")}>{codeOf(scene, contact)}</Fact>
      )}
    </Facts>
  );
}

function SiteFacts({ contact }: { contact: Contact }): JSX.Element | null {
  const { t } = useScene();
  const { page_url: page, referrer, locale } = contact.context;
  const told: (readonly [string, string | undefined])[] = [
    [t("details.page"), page],
    [t("details.referrer"), referrer],
    [t("details.language"), locale],
    ...Object.entries(contact.attributes).map(
      ([key, value]) => [key, value === null ? undefined : String(value)] as const,
    ),
  ];
  const known = told.filter((fact): fact is [string, string] => fact[1] !== undefined);
  if (known.length === 0) return null;
  return (
    <Facts title={t("details.site")}>
      {known.map(([is, value]) => (
        <Fact key={is} is={is}>
          <Value>{value.replace(/^https?:\/\//u, "")}</Value>
        </Fact>
      ))}
    </Facts>
  );
}
