// Texts by locale: a page hands in its catalogue, values go in by name, counts choose the form.

export const LOCALES = ["en", "sv", "da", "pt-BR", "pt-PT"] as const;
export type Locale = (typeof LOCALES)[number];

/** A sentence, or its forms by the plural category of `n`. */
export type Phrase = string | { readonly one?: string; readonly other: string };
export type Catalogue<Key extends string> = Readonly<Record<Key, Phrase>>;
export type Values = Readonly<Record<string, string | number>>;

const RIGHT_TO_LEFT = new Set(["ar", "dv", "fa", "he", "iw", "ku", "ps", "sd", "ug", "ur", "yi"]);
const MIGHT_RUN_RIGHT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
const DIRECTION_MARKS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const PLACE = /\{(\w+)\}/g;

/** The first of the wanted languages that there are texts in; English when there is none. */
export function localeFor(wanted: readonly string[]): Locale {
  for (const tag of wanted) {
    const lower = tag.toLowerCase();
    const exact = LOCALES.find((locale) => locale.toLowerCase() === lower);
    if (exact !== undefined) return exact;
    const language = lower.split("-")[0] ?? "";
    if (language === "pt") return "pt-PT"; // every Portuguese but Brazil's
    const near = LOCALES.find((locale) => locale === language);
    if (near !== undefined) return near;
  }
  return "en";
}

/** Which way text of a language runs, whether or not there are texts in it. */
export function directionOf(tag: string): "ltr" | "rtl" {
  const [language = "", script = ""] = tag.toLowerCase().split("-");
  return RIGHT_TO_LEFT.has(language) || script === "arab" || script === "hebr" ? "rtl" : "ltr";
}

/** A value for the middle of a sentence, which cannot turn the words around it. */
export function isolated(value: string, direction: "ltr" | "rtl" = "ltr"): string {
  const clean = value.replace(DIRECTION_MARKS, "");
  const turns = direction === "rtl" || MIGHT_RUN_RIGHT.test(clean);
  return turns ? `\u2068${clean}\u2069` : clean;
}

export type Translate<Key extends string> = (key: Key, values?: Values) => string;

/** A function from keys and values to sentences of one locale. */
export function translator<Key extends string>(
  texts: Catalogue<Key>,
  locale: string,
  direction: "ltr" | "rtl" = "ltr",
): Translate<Key> {
  const plural = new Intl.PluralRules(locale);
  const number = new Intl.NumberFormat(locale);
  return (key, values = {}) => {
    const phrase = texts[key];
    const form =
      typeof phrase === "string"
        ? phrase
        : plural.select(Number(values.n)) === "one"
          ? (phrase.one ?? phrase.other)
          : phrase.other;
    return form.replace(PLACE, (place, name: string) => {
      const value = values[name];
      if (value === undefined) return place;
      return typeof value === "number" ? number.format(value) : isolated(value, direction);
    });
  };
}

/** The names of the values a phrase takes, for tests that compare locales. */
export function placesOf(phrase: Phrase): string[] {
  const forms = typeof phrase === "string" ? [phrase] : Object.values(phrase);
  const names = forms.flatMap((form) => [...form.matchAll(PLACE)].map((match) => match[1] ?? ""));
  return [...new Set(names)].filter((name) => name !== "n").sort();
}
