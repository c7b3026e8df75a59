// Holds that every locale says everything, with the same values in it.
import { expect, it } from "vitest";
import { LOCALES, placesOf } from "../../shared/i18n";
import { textsOf, type Key } from ".";
import { en } from "./en";

const KEYS = Object.keys(en) as Key[];

it.each(LOCALES)("has nothing missing in %s, and nothing that no other has", async (locale) => {
  const texts = await textsOf(locale);
  expect(Object.keys(texts).sort()).toEqual([...KEYS].sort());
});

it.each(LOCALES)("takes the same values in %s as in English", async (locale) => {
  const texts = await textsOf(locale);
  for (const key of KEYS) {
    expect([key, ...placesOf(texts[key])]).toEqual([key, ...placesOf(en[key])]);
  }
});

it.each(LOCALES)("leaves no phrase of %s empty", async (locale) => {
  const texts = await textsOf(locale);
  for (const phrase of Object.values(texts)) {
    expect(typeof phrase === "string" ? phrase : phrase.other).not.toBe("");
  }
});
