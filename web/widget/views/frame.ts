// What every view is given: the visitor's session, what it knows, and the words of the locale.
import { createContext, type JSX } from "preact";
import { useContext } from "preact/hooks";
import type { SayMasked } from "../../shared/message";
import type { Translate } from "../../shared/i18n";
import type { State } from "../model";
import type { Session } from "../session";
import type { Store } from "../store";
import type { Key } from "../texts";

export interface Frame {
  readonly session: Session;
  readonly store: Store;
  readonly state: State;
  readonly t: Translate<Key>;
  /** For numbers and times. */
  readonly locale: string;
  /** It fills the window: as a frame of another page, or on a phone. */
  readonly isFull: boolean;
  /** It is a frame of another page, which opens and closes it. */
  readonly isFrame: boolean;
  /** The site says who the visitor is, so they are not asked. */
  readonly isSigned: boolean;
  readonly close: () => void;
  /** Once it is loaded: not before somebody is about to open it. */
  readonly Panel: (() => JSX.Element) | undefined;
  /** Loads the panel, or what of it is missing. */
  readonly prepare: () => void;
}

export const FrameContext = createContext<Frame | undefined>(undefined);

export function useFrame(): Frame {
  const frame = useContext(FrameContext);
  if (frame === undefined) throw new Error("a view stands outside of its frame");
  return frame;
}

const KINDS: Readonly<Record<string, Key>> = {
  pan: "kindPan",
  cvv: "kindCvv",
  expiry: "kindExpiry",
  iban: "kindIban",
  ssn: "kindSsn",
  email: "kindEmail",
  phone: "kindPhone",
  national_id: "kindId",
};

const HIDDEN: Readonly<Record<string, Key>> = {
  pan: "hidPan",
  cvv: "hidCvv",
  expiry: "hidExpiry",
  iban: "hidIban",
  ssn: "hidSsn",
  email: "hidEmail",
  phone: "hidPhone",
  national_id: "hidId",
};

/** The sentence under an own message in which something was masked. */
export function hiddenKey(masked: readonly string[]): Key {
  const kinds = [...new Set(masked)];
  return (kinds.length === 1 ? HIDDEN[kinds[0] ?? ""] : undefined) ?? "hidText";
}

/** Says a masked value in words. */
export function sayMasked(t: Translate<Key>): SayMasked {
  return (of, ending) => {
    const kind = t(KINDS[of] ?? "kindText");
    return ending === "" ? t("masked", { kind }) : t("maskedEnding", { kind, ending });
  };
}
