/** The whole page of somebody who is signed in: three columns, keys, and what is told aside. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../../shared/icons";
import { asked, isField, run } from "../keyboard";
import { lookedAt, sideClosed, sideOf, sideOpened } from "../panels";
import { readPreferences } from "../preferences";
import { isCutOff, useScene } from "../scene";
import { Centre } from "./conversation";
import { ListColumn } from "./list";
import { Live } from "./live";
import { OfferDock } from "./offers";
import { Key_ } from "./parts";
import { SideColumn } from "./side";
import { StateControl } from "./state";
import { Banners } from "./banners";

export function Desk({ signOut }: { signOut: () => void }): JSX.Element {
  const scene = useScene();
  const { desk, t, width } = scene;
  const command = useKeys();
  const side = sideOf(desk);
  const open = lookedAt(desk);
  const pane = side.of !== "none" ? "side" : open === null ? "list" : "chat";
  const hasCentre = width !== "narrow" || pane !== "list";
  return (
    <div class="desk" data-width={width} data-pane={pane} data-side={side.of !== "none"}>
      {hasCentre && (
        <a class="skip" href="#chat">
          {t("skip")}
        </a>
      )}
      <div class="left" {...(hasCentre ? {} : { role: "main" as const })}>
        <section data-region="state" aria-label={t("region.state")}>
          {!hasCentre && <h1 class="for-readers">{t("title")}</h1>}
          <StateControl signOut={signOut} />
        </section>
        {width === "narrow" && pane === "list" && (
          <div class="banners">
            <Banners />
          </div>
        )}
        <ListColumn />
        {(width !== "narrow" || pane === "list") && <OfferDock />}
        <Foot />
      </div>
      {hasCentre && <Centre />}
      <SideColumn run={command} />
      <Live />
    </div>
  );
}

function Foot(): JSX.Element {
  const { desk, desktop, status, t } = useScene();
  const away = status.standing !== "online";
  const word = !away
    ? "connection.online"
    : status.standing === "connecting"
      ? "connection.connecting"
      : "connection.lost";
  const isShown = desk.side === "shortcuts";
  return (
    <section class="foot" aria-label={t("region.foot")}>
      <p class={`connection tone-${isCutOff(status) ? "away" : "available"}`}>
        <Icon name={isCutOff(status) ? "cloudOff" : "available"} />
        <span>{t(isCutOff(status) || status.standing === "connecting" ? word : "connection.online")}</span>
      </p>
      <button
        type="button"
        class="button foot-shortcuts"
        data-panel="shortcuts"
        aria-expanded={isShown}
        onClick={() => desktop.update((one) => (isShown ? sideClosed(one) : sideOpened(one, "shortcuts")))}
      >
        <Key_>?</Key_> {t("shortcuts.open")}
      </button>
    </section>
  );
}

/** Listens for keys anywhere on the page. */
function useKeys(): (command: string) => void {
  const scene = useScene();
  const latest = useRef(scene);
  latest.current = scene;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const current = latest.current;
      if (event.key === "Escape" && sideOf(current.desk).of !== "none") {
        current.desktop.update(sideClosed);
        return;
      }
      const { singleKeys } = readPreferences();
      const command = asked(event, isField(event.target), singleKeys);
      if (command !== null && run(current, command)) event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
  return (command) => void run(latest.current, command);
}
