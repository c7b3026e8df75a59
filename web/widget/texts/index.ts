// The widget's texts in every locale.
import type { Catalogue, Locale } from "../../shared/i18n";
import { da } from "./da";
import { en, type Key } from "./en";
import { ptBR } from "./pt-BR";
import { ptPT } from "./pt-PT";
import { sv } from "./sv";

export const TEXTS: Readonly<Record<Locale, Catalogue<Key>>> = {
  en,
  sv,
  da,
  "pt-BR": ptBR,
  "pt-PT": ptPT,
};

export type { Key };
