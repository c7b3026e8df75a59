/** What somebody chooses for this browser. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type Preferences, readPreferences, writePreferences } from "../preferences";
import { useScene } from "../scene";
import type { Key } from "../words";
import { Panel } from "./side";

export function SettingsPanel(): JSX.Element {
  const { t } = useScene();
  const [chosen, set] = useState(readPreferences);
  const [isDenied, setDenied] = useState(false);
  const change = (part: Partial<Preferences>) => {
    const next = { ...chosen, ...part };
    writePreferences(next);
    set(next);
  };
  const notify = async (wanted: boolean) => {
    if (!wanted) return change({ notifications: false });
    const permission = "Notification" in window ? await Notification.requestPermission() : "denied";
    setDenied(permission !== "granted");
    change({ notifications: permission === "granted" });
  };
  const box = (name: keyof Preferences, label: Key, hint?: Key) => (
    <label class="setting">
      <input
        type="checkbox"
        checked={chosen[name]}
        onChange={(event) => {
          const wanted = event.currentTarget.checked;
          if (name === "notifications") void notify(wanted);
          else change({ [name]: wanted });
        }}
      />
      <span>
        {t(label)}
        {hint !== undefined && <small>{t(hint)}</small>}
      </span>
    </label>
  );
  return (
    <Panel title={t("settings.title")}>
      {box("offerSound", "settings.offerSound")}
      {box("messageSound", "settings.messageSound")}
      {box(
        "notifications",
        "settings.notifications",
        isDenied ? "settings.notificationsDenied" : "settings.notificationsHint",
      )}
      {box("singleKeys", "settings.singleKeys", "settings.singleKeysHint")}
    </Panel>
  );
}
