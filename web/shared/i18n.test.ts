// Holds that languages are chosen well and values cannot break the sentence they stand in.
import { expect, it } from "vitest";
import { directionOf, isolated, localeFor, placesOf, translator } from "./i18n";

it.each([
  [["sv-SE", "en"], "sv"],
  [["pt"], "pt-PT"],
  [["pt-AO"], "pt-PT"],
  [["pt-br"], "pt-BR"],
  [["fr", "da"], "da"],
  [["he"], "en"],
  [[], "en"],
])("chooses for %s the texts of %s", (wanted, locale) => {
  expect(localeFor(wanted)).toBe(locale);
});

it("runs right to left by the language, whether or not there are texts in it", () => {
  expect(["ar", "he-IL", "sv", "az-Arab"].map(directionOf)).toEqual(["rtl", "rtl", "ltr", "rtl"]);
});

it("takes turning marks out of values and isolates those that run the other way", () => {
  expect(isolated("a\u202eb")).toBe("ab");
  expect(isolated("\u05d0")).toBe("\u2068\u05d0\u2069");
});

it("chooses the form by the count and writes numbers as the locale does", () => {
  const t = translator({ left: { one: "{n} left, {name}", other: "{n} are left, {name}" } }, "sv");
  expect(t("left", { n: 1, name: "Bo" })).toBe("1 left, Bo");
  expect(t("left", { n: 12_345, name: "{n}" })).toBe("12\u00a0345 are left, {n}");
});

it("names what a phrase takes, whatever its form", () => {
  expect(placesOf({ one: "{name}", other: "{n} {name} {b}" })).toEqual(["b", "name"]);
});
