/** Canned replies: found by what follows a `/`, filled with what is known of the chat. */

import type { Agent, Contact, Template } from "../shared/contract";

/** What `/` at the start of a text searches for; null when it is no search. */
export function searched(text: string): string | null {
  const found = /^\/([^\n]{0,40})$/u.exec(text);
  return found === null ? null : (found[1] ?? "").trim();
}

/** Templates whose name or text has every word searched for. */
export function matching(templates: readonly Template[], search: string): readonly Template[] {
  const words = search.toLowerCase().split(/\s+/u);
  return templates.filter(({ id, text }) => {
    const whole = `${id} ${text}`.toLowerCase();
    return words.every((word) => whole.includes(word));
  });
}

/** What the `<name>` parameters of templates stand for in a chat. */
export function parameters(
  agent: Agent,
  contact: Contact,
  queue: string | undefined,
): Record<string, string> {
  const { name, email, phone } = contact.customer;
  const known: Record<string, string | undefined> = {
    "agent.name": agent.name,
    "customer.name": name,
    "customer.email": email,
    "customer.phone": phone,
    "contact.subject": contact.subject,
    "queue.name": queue,
  };
  for (const [key, value] of Object.entries(contact.attributes))
    known[`attributes.${key}`] = value === null ? undefined : String(value);
  const filled = Object.entries(known).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[1].includes("*"),
  );
  return Object.fromEntries(filled);
}

const PARAMETER = /<[\p{L}\p{N}_.-]{1,64}>/gu;

/** The template's text; parameters that are not known stay for the agent to fill. */
export function filled(text: string, known: Readonly<Record<string, string>>): string {
  return text.replace(PARAMETER, (whole) => known[whole.slice(1, -1)] ?? whole);
}

/** Where the next parameter to fill stands, from a place on, then from the start. */
export function nextParameter(text: string, from: number): [number, number] | null {
  const places = [...text.matchAll(PARAMETER)].map((match): [number, number] => [
    match.index,
    match.index + match[0].length,
  ]);
  return places.find(([start]) => start >= from) ?? places[0] ?? null;
}

/** The first parameter of a template that still stands in a text: nobody means to send it. */
export function unfilled(templates: readonly Template[], text: string): [number, number] | null {
  const named = new Set(templates.flatMap((template) => template.text.match(PARAMETER) ?? []));
  const open = [...text.matchAll(PARAMETER)].find(([whole]) => named.has(whole));
  return open === undefined ? null : [open.index, open.index + open[0].length];
}
