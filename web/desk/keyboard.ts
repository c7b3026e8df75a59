/** Keys that work anywhere, and single keys outside of fields; none with Ctrl+Alt, none that answers. */

import { commandsOf, focusOldest, focusOn, neighbourChat } from "./commands";
import { abilities, chatOpened, sideOpened } from "./panels";
import type { Scene } from "./scene";

type Pressed = Pick<
  KeyboardEvent,
  "key" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey" | "isComposing"
>;

/** What a key asks for; null when it is not one of ours. */
export function asked(event: Pressed, isInField: boolean, hasSingleKeys: boolean): string | null {
  if (event.isComposing) return null;
  const { altKey: alt, ctrlKey: ctrl, metaKey: meta, shiftKey: shift, key } = event;
  if ((ctrl || meta) && !alt && !shift && key.toLowerCase() === "k") return "commands";
  if (alt && !ctrl && !meta && !shift) return { ArrowUp: "previous", ArrowDown: "next" }[key] ?? null;
  if (ctrl || meta || alt) return null;
  if (key === "F6") return shift ? "region-back" : "region";
  if (key === "F2" || key === "F8") return shift ? null : { F2: "oldest", F8: "mode" }[key];
  if (isInField || !hasSingleKeys) return null;
  return SINGLE[key.toLowerCase()] ?? null;
}

const SINGLE: Readonly<Record<string, string>> = {
  j: "next",
  k: "previous",
  r: "reply",
  n: "note",
  t: "transfer",
  c: "conference",
  e: "end",
  w: "wrapup",
  "?": "shortcuts",
};

/** Whether keys pressed at a place are text. */
export function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input:not([type=radio]), textarea, select, [role=menu] *"))
  );
}

/** Does what was asked for; false when it cannot be done now. */
export function run(scene: Scene, command: string): boolean {
  switch (command) {
    case "oldest":
      focusOldest();
      return true;
    case "region":
    case "region-back":
      moveRegion(command === "region" ? 1 : -1);
      return true;
    case "mode":
      return switchMode(scene);
    case "next":
    case "previous":
      return openNeighbour(scene, command === "next" ? 1 : -1);
    case "commands":
      scene.desktop.update((desk) => sideOpened(desk, "commands"));
      return true;
    default: {
      const found = commandsOf(scene).find(({ id }) => id === command);
      found?.run();
      return found !== undefined;
    }
  }
}

function switchMode({ desk, desktop }: Scene): boolean {
  const contact = desk.current;
  if (contact === null || !abilities(desk, contact).reply) return false;
  desktop.choose(contact, desktop.draft(contact).mode === "note" ? "reply" : "note");
  // At once: a frame later the question that the next key brought up may have the focus.
  document.querySelector<HTMLElement>(".composer textarea")?.focus();
  return true;
}

function openNeighbour({ desk, desktop }: Scene, step: 1 | -1): boolean {
  const next = neighbourChat(desk, step);
  if (next === null) return false;
  desktop.update((one) => chatOpened(one, next));
  focusOn(".composer textarea, #chat-name");
  return true;
}

/** Goes round the regions of the page, to what had the focus there or may have it. */
function moveRegion(step: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>("[data-region]")].filter(
    (region) => region.offsetParent !== null,
  );
  const from = regions.findIndex((region) => region.contains(document.activeElement));
  const next = regions[(from + step + regions.length) % regions.length];
  if (next === undefined) return;
  const inside = next.querySelector<HTMLElement>(
    ".composer textarea, [tabindex='0'], button:not([tabindex='-1']), input, a[href]",
  );
  (inside ?? next).focus();
}
