// The kinds of masked values that there are words for, in texts named after them.
import type { SayMasked } from "./message";
import type { Translate } from "./i18n";

const KINDS = ["pan", "cvv", "expiry", "iban", "ssn", "email", "phone", "national_id"] as const;

type Kind = (typeof KINDS)[number] | "other";

/** The text about a kind of masked value, or about any. */
export function aboutKind<About extends "masked" | "hidden">(
  about: About,
  kind: string | undefined,
): `${About}.${Kind}` {
  return `${about}.${KINDS.find((each) => each === kind) ?? "other"}`;
}

/** The text about what was masked in a message: its kind if there is but one. */
export function hiddenIn(masked: readonly string[]): `hidden.${Kind}` {
  return aboutKind("hidden", new Set(masked).size === 1 ? masked[0] : undefined);
}

/** Says masked values in a locale. */
export function sayMasked(t: Translate<`masked.${Kind | "ends"}`>): SayMasked {
  return (kind, ending) => {
    const what = t(aboutKind("masked", kind));
    return ending === "" ? what : t("masked.ends", { what, ending });
  };
}
