/** The centre: an open chat with its header, banners, log and composer, or what to do next. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { elapsed } from "../../shared/clock";
import { Icon } from "../../shared/icons";
import { partIn, self } from "../contacts";
import { type Chat, type ChatPanel, chatOf, type Refusal } from "../model";
import { abilities, chatOpened, panelOf, sideOf } from "../panels";
import { customerName, queueName, useScene, type Scene } from "../scene";
import { Banners } from "./banners";
import { Composer } from "./composer";
import { focusRow } from "./list";
import { Log } from "./log";
import { type Item, MenuButton } from "./menu";
import { NoChat } from "./nothing";
import { OfferDock } from "./offers";
import { Elapsed, Name, Refused } from "./parts";
import { TranscriptPane } from "./recent";

export function Centre(): JSX.Element {
  const { desk, t, width } = useScene();
  const chat = chatOf(desk, desk.current);
  const isReading = chat === undefined && desk.recent.open !== null;
  return (
    <main class="centre" id="chat" tabIndex={-1} aria-label={t("region.chat")} data-region="chat">
      <h1 class="for-readers">{t("title")}</h1>
      <div class="banners">
        <Banners />
      </div>
      {chat !== undefined ? (
        <OpenChat key={chat.contact.id} chat={chat} />
      ) : isReading ? (
        <TranscriptPane />
      ) : (
        width !== "narrow" && <NoChat />
      )}
    </main>
  );
}

function OpenChat({ chat }: { chat: Chat }): JSX.Element {
  const scene = useScene();
  const { desk, width } = scene;
  const talks = abilities(desk, chat.contact.id).reply;
  return (
    <>
      <Header chat={chat} />
      <Log chat={chat} />
      {width === "narrow" && <OfferDock isSheet />}
      {talks ? <Composer chat={chat} /> : <Replaced chat={chat} />}
    </>
  );
}

function Header({ chat }: { chat: Chat }): JSX.Element {
  const scene = useScene();
  const { desk, desktop, t, width } = scene;
  const { contact } = chat;
  const mine = contact.participants.find((one) => one.agent === self(desk));
  const back = () => {
    desktop.update((one) => chatOpened(one, null));
    requestAnimationFrame(() => focusRow(contact.id));
  };
  return (
    <header class="chat-header" aria-labelledby="chat-name">
      {width === "narrow" && (
        <button type="button" class="button square" aria-label={t("chat.back")} onClick={back}>
          <Icon name="back" />
        </button>
      )}
      <div class="chat-title">
        <h2 id="chat-name" tabIndex={-1}>
          <Name>{customerName(t, contact)}</Name>
        </h2>
        <p class="chat-facts">
          <bdi>{queueName(desk, contact.queue)}</bdi>
          {contact.subject !== undefined && (
            <span class="chat-subject">
              <bdi>{contact.subject}</bdi>
            </span>
          )}
          {mine !== undefined && (
            <span>
              <ChatTime since={mine.joined_at} />
            </span>
          )}
          {contact.state === "connected" && !contact.customer.connected && (
            <span>{t("chat.away")}</span>
          )}
        </p>
      </div>
      <Standing chat={chat} />
      <Actions chat={chat} />
    </header>
  );
}

function ChatTime({ since }: { since: number }): JSX.Element {
  const { desktop, t } = useScene();
  const time = elapsed(desktop.clock.now() - since);
  return <Elapsed since={since} label={t("chat.timer", { time })} />;
}

/** A request that waits for an answer, or who else takes part. */
function Standing({ chat }: { chat: Chat }): JSX.Element | null {
  const { desk, t } = useScene();
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const pending = chat.contact.pending_offers.find((offer) => offer.kind !== "contact");
  const { participants } = chat.contact;
  const others = participants.filter((one) => one.agent !== self(desk));
  const isInside = others.length < participants.length;
  if (pending !== undefined)
    return (
      <div class="standing">
        <span class="standing-words">
          {pending.kind === "transfer"
            ? t("chat.transferRequested", { name: pending.agent.name })
            : t("chat.conferenceRequested", { name: pending.agent.name })}{" "}
          <RequestTime since={pending.offered_at} />
        </span>
        {pending.from?.agent === self(desk) && (
          <CancelRequest offer={pending.id} refused={setRefusal} />
        )}
        <Refused refusal={refusal} />
      </div>
    );
  if (others.length === 0 || !isInside || chat.lost) return null;
  return (
    <div class="standing">
      <span class="standing-words">
        {t("chat.conferenceWith", { names: others.map((one) => one.name).join(", ") })}
      </span>
    </div>
  );
}

function RequestTime({ since }: { since: number }): JSX.Element {
  return <Elapsed since={since} label="" />;
}

function CancelRequest(props: {
  offer: string;
  refused: (refusal: Refusal | null) => void;
}): JSX.Element {
  const { desktop, t } = useScene();
  return (
    <button
      type="button"
      class="link"
      onClick={() => void desktop.cancel(props.offer).then(props.refused)}
    >
      {t("chat.cancelRequest")}
    </button>
  );
}

function Actions({ chat }: { chat: Chat }): JSX.Element {
  const scene = useScene();
  const { desk, t } = scene;
  const { id } = chat.contact;
  const can = abilities(desk, id);
  const open = (panel: ChatPanel) => openPanel(scene, id, panel);
  const side = sideOf(desk);
  const shown = side.of === "chat" ? side.panel : null;
  return (
    <div class="chat-actions">
      <div class="chat-actions-wide">
        {can.conference && (
          <PanelButton is={shown === "conference"} panel="conference" open={open}>
            <Icon name="people" /> {t("chat.conference")}
          </PanelButton>
        )}
        {can.leave && (
          <PanelButton is={shown === "leave"} panel="leave" open={open}>
            {t("chat.endConference")}
          </PanelButton>
        )}
        {can.transfer && (
          <PanelButton is={shown === "transfer"} panel="transfer" open={open}>
            <Icon name="arrow" /> {t("chat.transfer")}
          </PanelButton>
        )}
      </div>
      <MenuButton
        class="button square chat-actions-folded"
        label={t("chat.more")}
        items={actionItems(scene, id, open)}
      >
        <Icon name="more" />
      </MenuButton>
      {can.end && !chat.contact.interrupted && (
        <button
          type="button"
          class="button edged"
          data-panel="end"
          aria-expanded={shown === "end"}
          onClick={() => open("end")}
        >
          {t("chat.end")}
        </button>
      )}
    </div>
  );
}

function PanelButton(props: {
  is: boolean;
  panel: ChatPanel;
  open: (panel: ChatPanel) => void;
  children: JSX.Element | string | (JSX.Element | string)[];
}): JSX.Element {
  return (
    <button
      type="button"
      class="button"
      data-panel={props.panel}
      aria-expanded={props.is}
      onClick={() => props.open(props.panel)}
    >
      {props.children}
    </button>
  );
}

/** The actions of a chat as a menu, where the header has no room for them. */
function actionItems(
  { desk, t }: Scene,
  contact: string,
  open: (panel: ChatPanel) => void,
): readonly Item[] {
  const can = abilities(desk, contact);
  const item = (panel: ChatPanel, label: string, icon?: Item["icon"]): Item => ({
    label,
    ...(icon === undefined ? {} : { icon }),
    choose: () => open(panel),
  });
  return [
    ...(can.conference ? [item("conference", t("chat.conference"), "people")] : []),
    ...(can.leave ? [item("leave", t("chat.endConference"), "people")] : []),
    ...(can.transfer ? [item("transfer", t("chat.transfer"), "arrow")] : []),
    item("details", t("chat.details")),
  ];
}

/** Opens a panel beside a chat; it takes the focus by itself. */
export function openPanel({ desktop }: Scene, contact: string, panel: ChatPanel): void {
  desktop.update((desk) =>
    panelOf(desk.current === contact ? desk : chatOpened(desk, contact), contact, panel),
  );
}

/** What stands where the composer was: nothing can be written any more, and this is left to do. */
function Replaced({ chat }: { chat: Chat }): JSX.Element {
  const scene = useScene();
  const { desk, t } = scene;
  const { id } = chat.contact;
  const can = abilities(desk, id);
  const isOwed = partIn(chat.contact, self(desk)) === "wrapup";
  const isOpen = desk.panels[id] === "wrapup" || desk.panels[id] === "end";
  return (
    <footer class="replaced">
      <p>{whyReplaced(scene, chat)}</p>
      {can.end && (
        <button
          type="button"
          class={`button ${isOpen ? "edged" : "primary"}`}
          data-panel="end"
          aria-expanded={isOpen}
          onClick={() => openPanel(scene, id, "end")}
        >
          {t("chat.end")}
        </button>
      )}
      {isOwed && (
        <button
          type="button"
          class={`button ${isOpen ? "edged" : "primary"}`}
          data-panel="wrapup"
          aria-expanded={isOpen}
          onClick={() => openPanel(scene, id, "wrapup")}
        >
          {t("chat.wrapup")}
        </button>
      )}
    </footer>
  );
}

function whyReplaced({ t }: Scene, chat: Chat): string {
  const { contact } = chat;
  if (chat.lost) return t("chat.lost");
  if (contact.interrupted) return t("chat.interrupted", { name: contact.entry_point });
  if (contact.ended_at === undefined) return t("chat.handedOver");
  if (contact.ended_by === "customer") return t("chat.customerEnded");
  return t(contact.ended_by === "system" ? "chat.systemEnded" : "chat.agentEnded");
}
