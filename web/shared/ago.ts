// How long ago something was, for lists; by itself, because few who chat ever see one.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long ago, in the shortest words: `2 min`, then hours, and a date after a day. */
export function ago(at: number, now: number, locale: string): string {
  const passed = Math.max(0, now - at);
  if (passed >= DAY_MS) {
    return new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" }).format(at);
  }
  const [value, unit] =
    passed >= HOUR_MS
      ? ([Math.floor(passed / HOUR_MS), "hour"] as const)
      : ([Math.floor(passed / MINUTE_MS), "minute"] as const);
  if (value === 0) {
    return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(0, "second");
  }
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" }).format(value);
}
