/** No chat is open: what happens next. */

import type { JSX } from "preact";
import { shownState } from "../presence";
import { useScene } from "../scene";

export function NoChat(): JSX.Element | null {
  const { desk, desktop, t } = useScene();
  if (desk.agent === null) return <div class="nothing" />;
  const shown = shownState(desk.agent);
  const canGo = shown !== "available" && shown !== "busy";
  const hasChats = desk.chats.length > 0;
  return (
    <div class="nothing">
      <h2>{t(hasChats ? "empty.choose" : "list.none")}</h2>
      {(!hasChats || canGo) && <p>{t(`empty.${shown}`)}</p>}
      {canGo && shown !== "rona" && (
        <button
          type="button"
          class="button primary large"
          onClick={() => void desktop.setPresence("available")}
        >
          {t("state.go")}
        </button>
      )}
    </div>
  );
}
