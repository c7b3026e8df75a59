// What is said of a wait: only what is known, in steps that do not pretend to be exact.
import type { Translate } from "../../shared/i18n";
import type { Place } from "../model";
import type { Key } from "../texts";

const MINUTE_MS = 60_000;

export interface Wait {
  readonly heading: string;
  readonly line: string;
}

export function waitText(place: Place | undefined, t: Translate<Key>): Wait {
  if (place === undefined) return { heading: t("waiting"), line: "" };
  if (place.position === null) return { heading: t("next"), line: t("asking") };
  return { heading: t("number", { n: place.position }), line: estimate(place.waitMs, t) };
}

function estimate(waitMs: number | null, t: Translate<Key>): string {
  if (waitMs === null) return t("unknownWait");
  if (waitMs < MINUTE_MS) return t("underMinute");
  const minutes = Math.ceil(waitMs / MINUTE_MS);
  if (minutes > 30) return t("longWait");
  return t("minutes", { n: minutes <= 5 ? minutes : Math.ceil(minutes / 5) * 5 });
}
