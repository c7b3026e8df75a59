/** All commands, to search and run from the keyboard. */

import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { isFound } from "../choices";
import { commandsOf } from "../commands";
import { sideClosed } from "../panels";
import { useScene } from "../scene";
import { Panel } from "./side";

export function CommandsPanel(props: { run: (command: string) => void }): JSX.Element {
  const scene = useScene();
  const { desktop, t } = scene;
  const id = useId();
  const [search, setSearch] = useState("");
  const [place, setPlace] = useState(0);
  const found = commandsOf(scene).filter(({ label }) => isFound(label, search));
  const chosen = Math.min(place, found.length - 1);
  const use = (command: string | undefined) => {
    if (command === undefined) return;
    desktop.update(sideClosed);
    props.run(command);
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && found.length > 0)
      setPlace((chosen + step + found.length) % found.length);
    else if (event.key === "Enter" && !event.isComposing) use(found[chosen]?.id);
    else return;
    event.preventDefault();
  };
  return (
    <Panel title={t("commands.title")}>
      <input
        class="field"
        type="text"
        role="combobox"
        data-first
        aria-label={t("commands.search")}
        aria-expanded={found.length > 0}
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={found.length > 0 ? `${id}-${chosen}` : undefined}
        placeholder={t("commands.search")}
        autocomplete="off"
        value={search}
        onInput={(event) => {
          setPlace(0);
          setSearch(event.currentTarget.value);
        }}
        onKeyDown={press}
      />
      {found.length === 0 && (
        <p class="side-empty" role="status">
          {t("panel.nothing", { search })}
        </p>
      )}
      <ul id={id} class="command-list" role="listbox" aria-label={t("commands.title")} hidden={found.length === 0}>
        {found.map((command, at) => (
          <li
            key={command.id}
            id={`${id}-${at}`}
            role="option"
            aria-selected={at === chosen}
            onClick={() => use(command.id)}
          >
            {command.label}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
