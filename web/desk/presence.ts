/** What state an agent is shown in: `busy` is derived here and never sent. */

import type { Agent } from "../shared/contract";
import type { Desk } from "./model";

export type Shown = "available" | "busy" | "idle" | "rona" | "offline";

/** One place of the meter: a chat or wrap-up, a pending offer, or nothing. */
export type Slot = "full" | "half" | "empty";

/** The state of an agent in one word. */
export function shownState(agent: Pick<Agent, "state" | "load" | "capacity">): Shown {
  return agent.state === "available" && agent.load >= agent.capacity ? "busy" : agent.state;
}

/** Whether an agent can take an offer now, as far as a directory tells. */
export function canTake(agent: Agent): boolean {
  return agent.connected && agent.state === "available" && agent.load < agent.capacity;
}

/** How many chats and offers an agent holds, and what the meter shows of them. */
export function slots(desk: Desk): { chats: number; capacity: number; meter: Slot[] } {
  const agent = desk.agent;
  if (agent === null) return { chats: 0, capacity: 0, meter: [] };
  const offered = Math.min(desk.cards.filter((card) => card.closed === null).length, agent.load);
  const chats = agent.load - offered;
  const places = Math.max(agent.capacity, agent.load);
  const meter = Array.from({ length: places }, (_, place): Slot => {
    if (place < chats) return "full";
    return place < agent.load ? "half" : "empty";
  });
  return { chats, capacity: agent.capacity, meter };
}
