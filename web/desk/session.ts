/** Who is signed in: a token for this tab, and in the demo the agents to choose from. */

import { tabStorage } from "../shared/drafts";

const TOKEN = "frontdesk.desk.token";

/** An agent of the demo. */
export interface DemoAgent {
  readonly id: string;
  readonly name: string;
  readonly token: string;
}

/** The token of this tab; empty when nobody is signed in. */
export function keptToken(): string {
  return tabStorage()?.getItem(TOKEN) ?? "";
}

/** Keeps the token for this tab, or forgets it when it is empty. */
export function keepToken(token: string): void {
  if (token === "") tabStorage()?.removeItem(TOKEN);
  else tabStorage()?.setItem(TOKEN, token);
}

/** The agents of the demo; none where there is no demo. */
export async function demoAgents(): Promise<readonly DemoAgent[]> {
  try {
    const answer = await fetch("/demo/agents", { headers: { accept: "application/json" } });
    return answer.ok ? agentsIn(await answer.json()) : [];
  } catch {
    return [];
  }
}

/** The agents in an answer; what is not of the form is left out. */
export function agentsIn(answer: unknown): readonly DemoAgent[] {
  const listed: unknown = (answer as { agents?: unknown } | null)?.agents;
  return Array.isArray(listed) ? listed.filter(isAgent) : [];
}

function isAgent(value: unknown): value is DemoAgent {
  const agent = value as Partial<Record<keyof DemoAgent, unknown>> | null;
  return (
    typeof agent?.id === "string" &&
    typeof agent.name === "string" &&
    typeof agent.token === "string"
  );
}
