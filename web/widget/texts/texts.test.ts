// Holds that every locale says everything, with the same values in it.
import { expect, it } from "vitest";
import { LOCALES, placesOf } from "../../shared/i18n";
import { TEXTS, type Key } from ".";

const KEYS = Object.keys(TEXTS.en) as Key[];

it.each(LOCALES)("has nothing missing in %s, and nothing that no other has", (locale) => {
  expect(Object.keys(TEXTS[locale]).sort()).toEqual([...KEYS].sort());
});

it.each(LOCALES)("takes the same values in %s as in English", (locale) => {
  for (const key of KEYS) {
    expect([key, ...placesOf(TEXTS[locale][key])]).toEqual([key, ...placesOf(TEXTS.en[key])]);
  }
});

it.each(LOCALES)("leaves no phrase of %s empty", (locale) => {
  for (const phrase of Object.values(TEXTS[locale])) {
    expect(typeof phrase === "string" ? phrase : phrase.other).not.toBe("");
  }
});
