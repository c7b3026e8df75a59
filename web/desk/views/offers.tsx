/** Requests: the oldest lowest and whole, newer ones above it; nothing moves when one comes or goes. */

import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { countdown, elapsed, useSeconds } from "../../shared/clock";
import type { Offer } from "../../shared/contract";
import { MaskedChip } from "../../shared/message";
import type { Card } from "../model";
import { oldestOpen } from "../offers";
import { preview } from "../preview";
import { customerName, isCutOff, useScene, type Scene } from "../scene";
import type { Key } from "../words";
import { focusRow } from "./list";
import { Initials, Key_, Name, Refused, Time, useSayMasked } from "./parts";

const WARN_MS = 8_000;
/** What the column keeps for the state, three rows and the foot, and what cards take. */
const KEPT_PX = 354;
const WHOLE_PX = 236;
const COMPACT_PX = 158;

/** How many cards fit into a column of a height; one always does. */
export function cardsShown(height: number): number {
  return 1 + Math.max(0, Math.floor((height - KEPT_PX - WHOLE_PX) / COMPACT_PX));
}

export function OfferDock({ isSheet = false }: { isSheet?: boolean }): JSX.Element | null {
  const { desk, t } = useScene();
  const [isWhole, setWhole] = useState(false);
  const room = isSheet ? 1 : cardsShown(innerHeight);
  const shown = isWhole ? desk.cards : desk.cards.slice(0, room);
  const more = desk.cards.length - shown.length;
  if (desk.cards.length === 0) return null;
  const oldest = oldestOpen(desk);
  const drawn = [...shown].reverse(); // the oldest is the lowest, and the last to be reached
  return (
    <section
      class={`dock ${isSheet ? "sheet" : ""} ${isWhole ? "whole" : ""}`}
      aria-label={t("region.offers")}
      data-region="offers"
      onKeyDown={moveBetweenCards}
    >
      {(more > 0 || (isWhole && desk.cards.length > room)) && (
        <p class="dock-more">
          {more > 0 && <span>{t("offer.more", { n: more })} · </span>}
          <button type="button" class="link" onClick={() => setWhole(!isWhole)}>
            {t(isWhole ? "offer.hide" : "offer.show")}
          </button>
        </p>
      )}
      {drawn.map((card) => (
        <OfferCard key={card.offer.id} card={card} isWhole={card === oldest} />
      ))}
    </section>
  );
}

function moveBetweenCards(event: KeyboardEvent): void {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const dock = event.currentTarget as HTMLElement;
  const cards = [...dock.querySelectorAll<HTMLElement>("article")];
  const from = cards.findIndex((card) => card.contains(document.activeElement));
  if (step === undefined || from < 0) return;
  event.preventDefault();
  cards[from + step]?.querySelector<HTMLElement>("button")?.focus();
}

function OfferCard({ card, isWhole }: { card: Card; isWhole: boolean }): JSX.Element {
  const scene = useScene();
  const box = useRef<HTMLElement>(null);
  const [height, setHeight] = useState(0);
  useLayoutEffect(() => {
    if (card.closed === null && box.current !== null) setHeight(box.current.offsetHeight);
  });
  useFocusKept(box, card.closed !== null);
  if (card.closed !== null)
    return (
      <article class="card gone" ref={box} style={{ minBlockSize: `${height}px` }} tabIndex={-1}>
        <p>
          <Name>{customerName(scene.t, card.offer.contact)}</Name>
        </p>
        <p>{whyGone(scene, card)}</p>
      </article>
    );
  const name = customerName(scene.t, card.offer.contact);
  const title = `offer-${card.offer.id}`;
  return (
    <article class={`card ${isWhole ? "whole" : "compact"}`} ref={box} aria-labelledby={title}>
      <Initials name={card.offer.contact.customer.name} />
      <h2 id={title}>
        <Name>{name}</Name>
      </h2>
      <p class="card-from">{from(scene, card.offer)}</p>
      <Countdown offer={card.offer} />
      <Preview offer={card.offer} isWhole={isWhole} />
      {isWhole && <Why offer={card.offer} />}
      <Bar offer={card.offer} />
      <Answers card={card} isWhole={isWhole} />
    </article>
  );
}

/** When a card closes under the focus, the focus goes to the next one, else to the list. */
function useFocusKept(box: { current: HTMLElement | null }, isGone: boolean): void {
  const had = useRef(false);
  had.current ||= box.current?.contains(document.activeElement) === true;
  useEffect(() => {
    if (!isGone || !had.current || document.activeElement !== document.body) return;
    const next = [...document.querySelectorAll<HTMLElement>(".card:not(.gone) .card-accept")].at(-1);
    if (next !== undefined) next.focus();
    else focusRow(null);
  }, [isGone]);
}

/** Where a request comes from; a chat that the business began is marked. */
export function from({ t }: Pick<Scene, "t">, offer: Offer): JSX.Element {
  const asked = offer.from?.name;
  const words =
    offer.kind === "contact"
      ? t("offer.new")
      : asked === undefined
        ? t("offer.requested")
        : t(`offer.${offer.kind}`, { name: asked });
  return (
    <>
      {words} · <bdi>{offer.queue.name}</bdi>
      {offer.contact.origin === "proactive" && (
        <span class="tag">{t("offer.proactive")}</span>
      )}
    </>
  );
}

function Countdown({ offer }: { offer: Offer }): JSX.Element {
  const { desktop, t } = useScene();
  useSeconds();
  const left = offer.expires_at - desktop.clock.now();
  if (left <= 0) return <span class="card-left warn">{t("offer.checking")}</span>;
  const time = countdown(left);
  return (
    <span class={`card-left figures ${left <= WARN_MS ? "warn" : ""}`}>
      <span aria-hidden="true" dir="ltr">
        {time}
      </span>
      <span class="for-readers">{t("offer.left", { time })}</span>
    </span>
  );
}

function Bar({ offer }: { offer: Offer }): JSX.Element {
  const { desktop } = useScene();
  useSeconds();
  const left = Math.max(0, offer.expires_at - desktop.clock.now());
  const share = Math.min(1, left / Math.max(1, offer.expires_at - offer.offered_at));
  return (
    <span class={`bar ${left <= WARN_MS ? "warn" : ""}`} aria-hidden="true">
      <span style={{ inlineSize: `${(share * 100).toFixed(1)}%` }} />
    </span>
  );
}

/** Three lines and one line; the style cuts plain text, but no masked value. */
const WHOLE_LETTERS = { wide: 102, medium: 84, narrow: 118 };
const COMPACT_LETTERS = { wide: 36, medium: 30, narrow: 40 };
const PLAIN_LETTERS = 80;

function Preview({ offer, isWhole }: { offer: Offer; isWhole: boolean }): JSX.Element | null {
  const { t, width } = useScene();
  const say = useSayMasked();
  const said = offer.preview.filter((message) => message.author.role === "customer");
  const last = (isWhole ? said : said.slice(-1)).slice(-2);
  if (last.length === 0)
    return <p class="card-preview none">{offer.contact.subject ?? t("offer.noWords")}</p>;
  const most = Math.floor((isWhole ? WHOLE_LETTERS : COMPACT_LETTERS)[width] / last.length);
  return (
    <div class="card-preview">
      {last.map((message) => {
        const isPlain = !isWhole && message.masked.length === 0;
        const { pieces, isCut } = preview(message, isPlain ? PLAIN_LETTERS : most);
        return (
          <p key={message.seq} dir="auto">
            {pieces.map((piece) =>
              piece.kind === "masked" ? (
                <MaskedChip text={piece.text} of={piece.of} say={say} />
              ) : (
                piece.text
              ),
            )}
            {isCut && "…"}
          </p>
        );
      })}
    </div>
  );
}

function Why({ offer }: { offer: Offer }): JSX.Element {
  const { desktop, t } = useScene();
  useSeconds();
  const waited = elapsed(desktop.clock.now() - offer.contact.queued_at);
  const reason = whyHere(offer);
  return (
    <p class="card-why">
      {t("offer.received", { time: "" })}
      <Time at={offer.offered_at} />
      {offer.kind === "contact" && (
        <>
          {" · "}
          <span class="figures">{t("offer.waiting", { time: waited })}</span>
        </>
      )}
      {reason !== null && <> · {t(reason.key, reason.values)}</>}
    </p>
  );
}

const TOLD = ["last_agent", "longest_available", "least_loaded", "round_robin", "best_skilled"];
const BESIDE = ["only_decliner", "returned", "priority"];

/** The one reason worth a line: what makes this request special, else what decided. */
export function whyHere(offer: Offer): { key: Key; values?: { n: number } } | null {
  const reasons = BESIDE.concat(TOLD).flatMap((code) => offer.why.filter((why) => why.code === code));
  const first = reasons[0];
  if (first === undefined) return null;
  const key = `offer.why.${first.code}` as Key;
  return first.code === "priority" ? { key, values: { n: Number(first.value ?? 0) } } : { key };
}

function Answers({ card, isWhole }: { card: Card; isWhole: boolean }): JSX.Element {
  const { desktop, status, t } = useScene();
  const { id } = card.offer;
  const guard = useDeliberate();
  const isBusy = card.answering !== null;
  const accept = async () => {
    if (!isBusy && (await desktop.accept(id)) === null)
      requestAnimationFrame(() =>
        document.querySelector<HTMLElement>(".composer textarea")?.focus(),
      );
  };
  const decline = () => {
    if (!isBusy) void desktop.decline(id);
  };
  return (
    <div class="card-answers" {...guard}>
      {isCutOff(status) && <p class="refused">{t("offer.unconnected")}</p>}
      <Refused refusal={card.refusal} />
      <button
        type="button"
        class={`button card-accept ${isWhole ? "primary" : "soft"}`}
        aria-disabled={isBusy}
        onClick={() => void accept()}
      >
        {t(card.answering === "accept" ? "offer.accepting" : "offer.accept")}
        {isWhole && <Key_>F2</Key_>}
      </button>
      <button
        type="button"
        class={`button ${isWhole ? "edged" : ""}`}
        aria-disabled={isBusy}
        onClick={decline}
      >
        {t(card.answering === "decline" ? "offer.declining" : "offer.decline")}
      </button>
    </div>
  );
}

const DELIBERATE_MS = 250;

/** Keys that repeat, or that were meant for what had the focus before, answer nothing. */
function useDeliberate(): {
  onFocusIn: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
} {
  const since = useRef(0);
  return {
    onFocusIn: () => {
      since.current = performance.now();
    },
    onKeyDown: (event) => {
      const presses = event.key === "Enter" || event.key === " ";
      const hasty = event.repeat || performance.now() - since.current < DELIBERATE_MS;
      if (presses && hasty) event.preventDefault();
    },
  };
}

function whyGone({ t }: Scene, { offer, closed }: Card): string {
  if (closed === null) return "";
  const name = offer.from?.name;
  switch (closed.outcome) {
    case "accepted":
    case "rona":
      return t(`offer.closed.${closed.outcome}`);
    case "declined":
      return t(closed.elsewhere ? "offer.closed.declinedElsewhere" : "offer.closed.declined");
    case "canceled":
      return name === undefined
        ? t("offer.closed.canceledNobody")
        : t("offer.closed.canceled", { name });
    case "rescinded":
      return whyRescinded(t, closed, name);
  }
}

function whyRescinded(
  t: Scene["t"],
  closed: NonNullable<Card["closed"]>,
  name: string | undefined,
): string {
  if (closed.reason === undefined) return t(closed.idle ? "offer.closed.idle" : "offer.closed.rescinded");
  if (closed.reason === "state_changed" && closed.idle) return t("offer.closed.idle");
  if (closed.reason === "owner_changed")
    return name === undefined
      ? t("offer.closed.rescinded")
      : t("offer.closed.owner_changed", { name });
  return t(`offer.closed.${closed.reason}`);
}
