/** What was chosen in a panel and not sent yet: kept by chat while the panel is closed. */

import { useState } from "preact/hooks";

const kept = new Map<string, unknown>();

/** A value that outlives its panel, under a name; `forget` drops it once it was sent. */
export function useChoice<Value>(
  name: string,
  first: Value,
): [Value, (value: Value) => void, () => void] {
  const [value, set] = useState<Value>(() => (kept.has(name) ? (kept.get(name) as Value) : first));
  const keep = (next: Value) => {
    kept.set(name, next);
    set(next);
  };
  return [value, keep, () => kept.delete(name)];
}

/** Whether every word searched for is in a name, in any case. */
export function isFound(name: string, search: string): boolean {
  const whole = name.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/u)
    .every((word) => whole.includes(word));
}
