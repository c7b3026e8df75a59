// Holds that a wait is told in steps that are true.
import { expect, it } from "vitest";
import { translator } from "../../shared/i18n";
import { en } from "../texts/en";
import { waitText } from "./wait";

const t = translator(en, "en");
const line = (waitMs: number | null): string => waitText({ position: 3, waitMs, since: 0 }, t).line;

it.each([
  [null, "We can't tell how long yet."],
  [59_999, "Under a minute."],
  [60_000, "About 1 minute."],
  [61_000, "About 2 minutes."],
  [300_000, "About 5 minutes."],
  [301_000, "About 10 minutes."],
  [1_800_000, "About 30 minutes."],
  [1_800_001, "More than 30 minutes."],
])("says of %s ms: %s", (waitMs, said) => {
  expect(line(waitMs)).toBe(said);
});

it("promises nothing of a place that it does not know", () => {
  expect(waitText(undefined, t).heading).toBe("Waiting for someone to join");
  expect(waitText({ position: null, waitMs: null, since: 0 }, t).heading).toBe("You're next");
});
