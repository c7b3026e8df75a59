/** The slot for what needs a person: a missed request, then a lost connection; at most two. */

import type { JSX } from "preact";
import { Icon } from "../../shared/icons";
import { useScene } from "../scene";
import { useAgo } from "./parts";

export function Banners(): JSX.Element {
  const { desk, status } = useScene();
  return (
    <>
      {desk.agent?.state === "rona" && <RonaBanner since={desk.agent.since} />}
      {status.standing !== "online" && status.shown === "banner" && <LostBanner />}
    </>
  );
}

function RonaBanner({ since }: { since: number }): JSX.Element {
  const { desk, desktop, t } = useScene();
  const time = useAgo()(since);
  const queue = desk.missed;
  const when =
    time === null
      ? queue === null
        ? t("rona.whenNow")
        : t("rona.whenNowQueue", { queue })
      : queue === null
        ? t("rona.when", { time })
        : t("rona.whenQueue", { time, queue });
  return (
    <section class="banner bad" aria-labelledby="rona-title">
      <span class="tone-rona">
        <Icon name="rona" />
      </span>
      <div class="banner-words">
        <strong id="rona-title">{t("rona.title")}</strong>
        <span>
          {t("rona.body")} {when}
        </span>
      </div>
      <button
        type="button"
        class="button primary"
        onClick={() => void desktop.setPresence("available")}
      >
        {t("rona.back")}
      </button>
    </section>
  );
}

function LostBanner(): JSX.Element {
  const { t } = useScene();
  return (
    <section class="banner warn" aria-labelledby="lost-title">
      <span class="tone-idle">
        <Icon name="cloudOff" />
      </span>
      <div class="banner-words">
        <strong id="lost-title">{t("connection.banner")}</strong>
        <span>{t("connection.bannerBody")}</span>
      </div>
    </section>
  );
}
