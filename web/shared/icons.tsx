// Every icon by its name, for pages that show most of them.
import type { JSX } from "preact";
import { Drawing } from "./drawing";
import * as paths from "./paths";

export type IconName = keyof typeof paths;

const SOLID: ReadonlySet<IconName> = new Set<IconName>(["lock", "available", "busy", "idle", "rona"]);
const TURNS: ReadonlySet<IconName> = new Set<IconName>(["back", "forward", "arrow"]);

export function Icon({ name }: { name: IconName }): JSX.Element {
  return <Drawing path={paths[name]} isSolid={SOLID.has(name)} turns={TURNS.has(name)} />;
}
