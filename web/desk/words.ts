/** The desk's texts in every locale; a locale without a text does not compile. */

import type { Catalogue, Locale } from "../shared/i18n";
import { da } from "./words/da";
import { en } from "./words/en";
import { ptBR } from "./words/pt-BR";
import { ptPT } from "./words/pt-PT";
import { sv } from "./words/sv";

export type Key = keyof typeof en;
export type Words = Catalogue<Key>;

export const WORDS: Readonly<Record<Locale, Words>> = {
  en,
  sv,
  da,
  "pt-BR": ptBR,
  "pt-PT": ptPT,
};
