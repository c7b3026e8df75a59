/** What people read when something was refused, by its code. */

import type { WireError } from "../shared/contract";
import type { Translate } from "../shared/i18n";
import type { Refusal } from "./model";
import type { Key } from "./words";

/** An error of the wire as it is kept. */
export function refusalOf(error: WireError): Refusal {
  const wait = error.details?.["retry_after_ms"];
  return { code: error.code, retryAfterMs: typeof wait === "number" ? wait : null };
}

const PLAIN = new Set([
  "offer_closed",
  "queue_full",
  "conflict",
  "forbidden",
  "unavailable",
  "too_large",
]);

/** One sentence that says what to do next; `name` is whom or what was asked. */
export function refusalText(t: Translate<Key>, refusal: Refusal, name = ""): string {
  const { code } = refusal;
  if (PLAIN.has(code)) return t(`error.${code}` as Key);
  if (code === "no_staff") return t("error.no_staff", { name });
  if (code === "no_capacity")
    return name === "" ? t("error.no_capacityNobody") : t("error.no_capacity", { name });
  if (code === "rate_limited")
    return t("error.rate_limited", { n: Math.ceil((refusal.retryAfterMs ?? 1_000) / 1_000) });
  return t("error.other", { code });
}
