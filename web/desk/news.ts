/** What is worth a sound, a word to screen readers or a system notification; nothing is told twice. */

import type { Offer } from "../shared/contract";
import { type Chat, chatOf, type Desk, type Heard } from "./model";
import { sideOf } from "./rows";

/** Something that happened just now. */
export type News =
  | { readonly kind: "offer"; readonly offer: Offer }
  | { readonly kind: "rona" }
  | { readonly kind: "interrupted"; readonly chat: Chat }
  | { readonly kind: "message"; readonly contact: string };

/** What an event brings that is new to a desk as it was before. */
export function newsOf(before: Desk, heard: Heard): readonly News[] {
  switch (heard.name) {
    case "offer.created": {
      const { offer } = heard.payload;
      const known = before.cards.some((card) => card.offer.id === offer.id);
      return known ? [] : [{ kind: "offer", offer }];
    }
    case "snapshot":
      return heard.payload.offers
        .filter((offer) => !before.cards.some((card) => card.offer.id === offer.id))
        .map((offer) => ({ kind: "offer", offer }));
    case "presence.changed":
      return heard.payload.cause === "rona" ? [{ kind: "rona" }] : [];
    case "contact.interrupted": {
      const chat = chatOf(before, heard.payload.contact);
      return chat === undefined ? [] : [{ kind: "interrupted", chat }];
    }
    case "message": {
      const side = sideOf(heard.payload, before.agent?.id ?? "");
      return heard.payload.author.role === "system" || side === "me"
        ? []
        : [{ kind: "message", contact: heard.payload.contact }];
    }
    default:
      return [];
  }
}
