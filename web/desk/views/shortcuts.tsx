/** The sheet of keys. */

import type { JSX } from "preact";
import { useScene } from "../scene";
import type { Key } from "../words";
import { Key_ } from "./parts";
import { Panel } from "./side";

type Row = readonly [readonly string[], Key];

const command = /Mac|iP/u.test(navigator.platform) ? "⌘" : "Ctrl";

const ANYWHERE: readonly Row[] = [
  [["F2"], "shortcuts.oldest"],
  [["F6"], "shortcuts.region"],
  [["Shift", "F6"], "shortcuts.regionBack"],
  [["F8"], "shortcuts.mode"],
  [["Alt", "↑ ↓"], "shortcuts.chats"],
  [[command, "K"], "shortcuts.commands"],
  [["Esc"], "shortcuts.escape"],
];
const WRITING: readonly Row[] = [
  [["Enter"], "shortcuts.send"],
  [["Shift", "Enter"], "shortcuts.line"],
  [["/"], "shortcuts.templates"],
  [["Tab"], "shortcuts.parameter"],
];
const OUTSIDE: readonly Row[] = [
  [["J", "K"], "shortcuts.nextChat"],
  [["R"], "shortcuts.reply"],
  [["N"], "shortcuts.note"],
  [["T"], "shortcuts.transfer"],
  [["C"], "shortcuts.conference"],
  [["E"], "shortcuts.end"],
  [["W"], "shortcuts.wrapup"],
  [["?"], "shortcuts.sheet"],
];

export function ShortcutsPanel(): JSX.Element {
  const { t } = useScene();
  const groups: readonly (readonly [Key, readonly Row[]])[] = [
    ["shortcuts.anywhere", ANYWHERE],
    ["shortcuts.writing", WRITING],
    ["shortcuts.outside", OUTSIDE],
  ];
  return (
    <Panel title={t("shortcuts.title")}>
      {groups.map(([title, rows]) => (
        <section key={title} class="shortcuts">
          <h3 class="panel-part">{t(title)}</h3>
          <dl>
            {rows.map(([keys, label]) => (
              <div key={label}>
                <dt>
                  {keys.map((key) => (
                    <Key_ key={key}>{key}</Key_>
                  ))}
                </dt>
                <dd>{t(label)}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Panel>
  );
}
