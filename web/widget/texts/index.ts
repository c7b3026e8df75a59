// The widget's texts; a visitor loads those of one locale.
import type { Catalogue, Locale } from "../../shared/i18n";
import type { Key } from "./en";

const TEXTS: Readonly<Record<Locale, () => Promise<Catalogue<Key>>>> = {
  en: async () => (await import("./en")).en,
  sv: async () => (await import("./sv")).sv,
  da: async () => (await import("./da")).da,
  "pt-BR": async () => (await import("./pt-BR")).ptBR,
  "pt-PT": async () => (await import("./pt-PT")).ptPT,
};

export const textsOf = (locale: Locale): Promise<Catalogue<Key>> => TEXTS[locale]();

export type { Key };
