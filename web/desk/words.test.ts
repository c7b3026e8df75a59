/** Texts of every locale take the same values; the compiler sees to it that none is missing. */

import { expect, test } from "vitest";
import { LOCALES, placesOf } from "../shared/i18n";
import { type Key, WORDS } from "./words";

test.each(LOCALES)("every text of %s takes the values that the English one takes", (locale) => {
  // A value that is left out of one language leaves out a name or a number.
  const keys = Object.keys(WORDS.en) as Key[];
  const differing = keys.filter(
    (key) => placesOf(WORDS[locale][key]).join() !== placesOf(WORDS.en[key]).join(),
  );

  expect(differing).toEqual([]);
  expect(Object.keys(WORDS[locale]).sort()).toEqual([...keys].sort());
});

test.each(LOCALES)("texts of %s keep the voice: no exclamation marks, no oops, no please", (locale) => {
  // A receptionist is quick and never cute.
  const texts = JSON.stringify(WORDS[locale]);

  expect(texts).not.toMatch(/!|oops|please|successfully/iu);
});
