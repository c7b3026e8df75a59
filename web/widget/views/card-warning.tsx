// The question before a card number is sent: hide it here, or send it as it stands.
import type { JSX } from "preact";
import { useFrame } from "./frame";

export function CardWarning(props: { hide: () => void; send: () => void }): JSX.Element {
  const { t } = useFrame();
  return (
    <div class="question" role="alert">
      <p>{t("isCard")}</p>
      <div class="answers">
        <button class="button edged" type="button" onClick={props.send}>
          {t("sendAnyway")}
        </button>
        <button class="button primary" type="button" onClick={props.hide}>
          {t("hideCard")}
        </button>
      </div>
    </div>
  );
}
