/** What every view is drawn from: the desktop, what it knows now, texts, and the width there is. */

import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { Contact } from "../shared/contract";
import type { Status } from "../shared/connection";
import type { Translate } from "../shared/i18n";
import type { Desktop } from "./desktop";
import type { Desk } from "./model";
import type { Key } from "./words";

/** `wide` has three columns, `medium` opens the third on demand, `narrow` shows one at a time. */
export type Width = "wide" | "medium" | "narrow";

export interface Scene {
  readonly desktop: Desktop;
  readonly desk: Desk;
  readonly status: Status;
  readonly t: Translate<Key>;
  /** For times and numbers: the person's own tag of the language, with its region. */
  readonly locale: string;
  readonly width: Width;
}

const Context = createContext<Scene | null>(null);

export const SceneProvider = Context.Provider;

export function useScene(): Scene {
  const scene = useContext(Context);
  if (scene === null) throw new Error("a view stands outside of the scene");
  return scene;
}

const WIDE = "(min-width: 1200px)";
const NARROW = "(max-width: 719px)";

function widthNow(): Width {
  if (matchMedia(NARROW).matches) return "narrow";
  return matchMedia(WIDE).matches ? "wide" : "medium";
}

/** The width of the page, followed. */
export function useWidth(): Width {
  const [width, set] = useState(widthNow);
  useEffect(() => {
    const queries = [matchMedia(WIDE), matchMedia(NARROW)];
    const follow = () => set(widthNow());
    for (const query of queries) query.addEventListener("change", follow);
    return () => {
      for (const query of queries) query.removeEventListener("change", follow);
    };
  }, []);
  return width;
}

/** What to call a customer: a name, or a number that stays the same. */
export function customerName(t: Translate<Key>, contact: Pick<Contact, "customer">): string {
  const { name, id } = contact.customer;
  return name ?? t("chat.visitor", { n: visitorNumber(id) });
}

/** Four digits out of an id, as text so that no locale groups them. */
export function visitorNumber(id: string): string {
  const sum = [...id].reduce((total, letter) => (total * 31 + letter.charCodeAt(0)) % 9_000, 7);
  return String(1_000 + sum);
}

/** What people call a queue. */
export function queueName(desk: Desk, queue: string): string {
  return desk.setup.queues.find((one) => one.id === queue)?.name ?? queue;
}

/** Whether people should be told that there is no connection. */
export function isCutOff(status: Status): boolean {
  return status.standing !== "online" && status.shown !== "quiet";
}
