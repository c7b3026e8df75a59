/** What is told without being looked at: to screen readers, by tones, in the title and by the system. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { everySecond } from "../../shared/clock";
import type { News } from "../news";
import { oldestOpen } from "../offers";
import { readPreferences } from "../preferences";
import { customerName, isCutOff, useScene, type Scene } from "../scene";
import { Sounds } from "../sound";

const LAST_MS = 5_000;
const TITLE_EVERY_MS = 2_000;

export function Live(): JSX.Element {
  const scene = useScene();
  const [alert, setAlert] = useState("");
  const latest = useRef(scene);
  latest.current = scene;
  useNews(latest, setAlert);
  useTitle(scene);
  return (
    <>
      <p class="for-readers" role="alert">
        {alert}
      </p>
      <p class="for-readers" role="status">
        {statusOf(scene)}
      </p>
    </>
  );
}

function statusOf({ status, t }: Scene): string {
  if (isCutOff(status)) return t("connection.lost");
  return status.standing === "online" ? t("connection.online") : "";
}

function useNews(latest: { current: Scene }, say: (text: string) => void): void {
  const sounds = useRef<Sounds | null>(null);
  const { desktop } = latest.current;
  useEffect(() => {
    sounds.current = new Sounds();
    sounds.current.start();
    const told = new Set<string>();
    const stopNews = desktop.listen((news) => tell(latest.current, news, say, sounds.current));
    const stopTicks = everySecond(() => lastSeconds(latest.current, told, say, sounds.current));
    return () => {
      stopNews();
      stopTicks();
    };
  }, [desktop]);
}

function tell(
  scene: Scene,
  news: News,
  say: (text: string) => void,
  sounds: Sounds | null,
): void {
  const { desk, desktop, t } = scene;
  const chosen = readPreferences();
  switch (news.kind) {
    case "offer": {
      const { offer } = news;
      const name = customerName(t, offer.contact);
      const n = Math.max(0, Math.round((offer.expires_at - desktop.clock.now()) / 1_000));
      say(t("alert.offer", { name, kind: t(`alert.kind.${offer.kind}`), n }));
      if (chosen.offerSound) sounds?.offer();
      if (chosen.notifications && document.hidden) notify(scene, news);
      return;
    }
    case "rona":
      say(t("alert.rona"));
      return;
    case "interrupted":
      say(t("alert.interrupted", { name: customerName(t, news.chat.contact) }));
      return;
    case "message":
      if (chosen.messageSound && (desk.current !== news.contact || document.hidden))
        sounds?.message();
      return;
  }
}

function notify({ t, desktop }: Scene, { offer }: Extract<News, { kind: "offer" }>): void {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const title = t("notify.title", { name: customerName(t, offer.contact) });
  const shown = new Notification(title, { body: offer.queue.name, tag: offer.id });
  shown.onclick = () => {
    window.focus();
    shown.close();
  };
  const stop = desktop.watch(() => {
    if (desktop.desk.cards.some((card) => card.offer.id === offer.id && card.closed === null)) return;
    shown.close();
    stop();
  });
}

/** Once more when five seconds are left, in words and tones. */
function lastSeconds(
  { desk, desktop, t }: Scene,
  told: Set<string>,
  say: (text: string) => void,
  sounds: Sounds | null,
): void {
  const now = desktop.clock.now();
  for (const { offer, closed } of desk.cards) {
    const left = offer.expires_at - now;
    if (closed !== null || left > LAST_MS || left <= 0 || told.has(offer.id)) continue;
    told.add(offer.id);
    say(t("alert.lastSeconds", { name: customerName(t, offer.contact) }));
    if (readPreferences().offerSound) sounds?.offer();
  }
}

/** The title counts what is unread and, only while hidden, names the oldest request every other time. */
function useTitle(scene: Scene): void {
  const { desk, t } = scene;
  const unread = desk.chats.reduce((sum, chat) => sum + (chat.lost ? 0 : chat.contact.unread), 0);
  const plain = unread > 0 ? `(${unread}) ${t("title")}` : t("title");
  const oldest = oldestOpen(desk)?.offer;
  const request =
    oldest === undefined ? null : t("notify.title", { name: customerName(t, oldest.contact) });
  useEffect(() => {
    document.title = plain;
    if (request === null) return;
    let isPlain = true;
    const turn = setInterval(() => {
      isPlain = !document.hidden || !isPlain;
      document.title = isPlain ? plain : request;
    }, TITLE_EVERY_MS);
    const restore = () => {
      if (!document.hidden) document.title = plain;
    };
    document.addEventListener("visibilitychange", restore);
    return () => {
      clearInterval(turn);
      document.removeEventListener("visibilitychange", restore);
      document.title = plain;
    };
  }, [plain, request]);
}
