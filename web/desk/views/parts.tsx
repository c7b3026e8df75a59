/** Small things that several views draw alike: initials, masked values, times, keys, notices. */

import type { ComponentChildren, JSX } from "preact";
import { ago } from "../../shared/ago";
import { elapsed, fullTime, timeOfDay, useSeconds } from "../../shared/clock";
import { sayMasked } from "../../shared/kinds";
import { MessageText, type SayMasked } from "../../shared/message";
import { initialsOf, tamed } from "../../shared/text";
import type { Refusal } from "../model";
import { refusalText } from "../refusals";
import { useScene } from "../scene";

/** A circle with up to two letters; a dash stands for nobody known. */
export function Initials(props: { name: string | undefined; tone?: "colleague" }): JSX.Element {
  const letters = props.name?.includes("*") === true ? "" : initialsOf(props.name);
  return (
    <span class={`initials ${props.tone ?? ""}`} aria-hidden="true">
      {letters === "" ? "–" : letters}
    </span>
  );
}

/** A name in an isolate of its own. */
export function Name({ children }: { children: string }): JSX.Element {
  return <bdi>{tamed(children)}</bdi>;
}

/** Says masked values in this locale. */
export function useSayMasked(): SayMasked {
  return sayMasked(useScene().t);
}

/** A value of a customer's: stars in it stand in a chip. */
export function Value({ children, kind }: { children: string; kind?: string }): JSX.Element {
  const say = useSayMasked();
  const masked = children.includes("***") ? [kind ?? ""] : [];
  return <MessageText message={{ text: children, masked }} say={say} />;
}

/** A time of day that tells its whole date to who asks for it. */
export function Time({ at }: { at: number }): JSX.Element {
  const { locale } = useScene();
  return (
    <time dateTime={new Date(at).toISOString()} title={fullTime(at, locale)}>
      {timeOfDay(at, locale)}
    </time>
  );
}

/** `6:42` since a moment, each second anew; readers hear a label that does not run. */
export function Elapsed(props: { since: number; label: string }): JSX.Element {
  const { desktop } = useScene();
  useSeconds();
  return (
    <>
      <span class="figures" aria-hidden="true" dir="ltr">
        {elapsed(desktop.clock.now() - props.since)}
      </span>
      <span class="for-readers">{props.label}</span>
    </>
  );
}

/** How long ago, in a word: `2 min`. */
export function Ago({ at }: { at: number }): JSX.Element {
  const { desktop, locale } = useScene();
  useSeconds();
  return <span class="figures">{ago(at, desktop.clock.now(), locale)}</span>;
}

/** `2 min` as text, for the middle of a sentence; null within the first minute. */
export function useAgo(): (at: number) => string | null {
  const { desktop, locale } = useScene();
  useSeconds();
  return (at) => {
    const now = desktop.clock.now();
    return now - at < 60_000 ? null : ago(at, now, locale);
  };
}

export function Key_({ children }: { children: ComponentChildren }): JSX.Element {
  return <kbd class="key">{children}</kbd>;
}

/** Why something did not work, where it was tried. */
export function Refused(props: { refusal: Refusal | null; name?: string }): JSX.Element | null {
  const { t } = useScene();
  return props.refusal === null ? null : (
    <p class="refused" role="status">
      {refusalText(t, props.refusal, props.name)}
    </p>
  );
}
