// What every view is given: the visitor's session, what it knows, and the words of the locale.
import { createContext, type JSX } from "preact";
import { useContext } from "preact/hooks";
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
