// Draws an icon beside words that say the same, so readers skip it.
import type { JSX } from "preact";

export interface Drawn {
  readonly path: string;
  /** A filled shape, not lines. */
  readonly isSolid?: boolean;
  /** It points along the line, so it is mirrored where text runs right to left. */
  readonly turns?: boolean;
}

export function Drawing({ path, isSolid = false, turns = false }: Drawn): JSX.Element {
  const kind = isSolid ? "icon solid" : turns ? "icon turns" : "icon";
  return (
    <svg class={kind} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={path} fill-rule="evenodd" />
    </svg>
  );
}
