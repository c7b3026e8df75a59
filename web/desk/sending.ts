/** Messages on their way: what the composer holds, what waits, and what was refused. */

import type { Desk, Refusal, Sending } from "./model";

/** A message leaves; the composer keeps its text until the server has it. */
export function sent(
  desk: Desk,
  one: Pick<Sending, "id" | "contact" | "audience" | "text" | "at">,
  state: "held" | "waiting",
): Desk {
  const fresh: Sending = { ...one, state, arrived: false, refusal: null };
  return { ...desk, sending: [...desk.sending, fresh] };
}

/** The server has it, under the text everybody sees. */
export function acknowledged(desk: Desk, id: string): Desk {
  return { ...desk, sending: desk.sending.filter((one) => one.id !== id) };
}

/** It takes longer: the message shows as not sent yet, and the composer is free. */
export function waited(desk: Desk, id: string): Desk {
  return changed(desk, id, (one) => (one.state === "held" ? { ...one, state: "waiting" } : one));
}

/** The server said no: the composer says so while it has the text, else the bubble does. */
export function sendRefused(desk: Desk, id: string, refusal: Refusal): Desk {
  return changed(desk, id, (one) => ({
    ...one,
    state: one.state === "held" ? "refused" : "failed",
    refusal,
    arrived: false,
  }));
}

/** It is tried again under the same id. */
export function retried(desk: Desk, id: string): Desk {
  return changed(desk, id, (one) => ({ ...one, state: "waiting", refusal: null }));
}

function changed(desk: Desk, id: string, change: (one: Sending) => Sending): Desk {
  return { ...desk, sending: desk.sending.map((one) => (one.id === id ? change(one) : one)) };
}

/** The message a composer still holds; null when it is free. */
export function held(desk: Desk, contact: string, audience: Sending["audience"]): Sending | null {
  const found = desk.sending.find(
    (one) => one.state === "held" && one.contact === contact && one.audience === audience,
  );
  return found ?? null;
}

/** What shows as outlined bubbles below a chat's messages. */
export function outlined(desk: Desk, contact: string): readonly Sending[] {
  return desk.sending.filter(
    (one) =>
      one.contact === contact &&
      (one.state === "waiting" || one.state === "failed") &&
      !one.arrived,
  );
}

/** Why the text in a composer was refused; null when it was not. */
export function refusedIn(desk: Desk, contact: string): Refusal | null {
  const found = desk.sending.findLast(
    (one) => one.contact === contact && one.state === "refused",
  );
  return found?.refusal ?? null;
}
