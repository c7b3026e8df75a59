/** The way in: a token, or in the demo one of its agents. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Translate } from "../../shared/i18n";
import { type DemoAgent, demoAgents } from "../session";
import type { Key } from "../words";
import { Initials } from "./parts";

interface Props {
  readonly t: Translate<Key>;
  /** Why the last attempt failed. */
  readonly problem: Key | null;
  readonly isBusy: boolean;
  readonly enter: (token: string) => void;
}

export function SignIn(props: Props): JSX.Element {
  const { t } = props;
  const [agents, setAgents] = useState<readonly DemoAgent[] | null>(null);
  useEffect(() => {
    let isHere = true;
    void demoAgents().then((found) => isHere && setAgents(found));
    return () => {
      isHere = false;
    };
  }, []);
  return (
    <main class="signin">
      <div class="signin-card">
        <h1>{t("signin.heading")}</h1>
        {props.problem !== null && (
          <p class="refused" role="alert">
            {t(props.problem)}
          </p>
        )}
        {agents !== null && agents.length > 0 && <DemoChoice {...props} agents={agents} />}
        {agents !== null && <TokenForm {...props} hasDemo={agents.length > 0} />}
      </div>
    </main>
  );
}

function DemoChoice(props: Props & { agents: readonly DemoAgent[] }): JSX.Element {
  const { t } = props;
  return (
    <section>
      <p id="demo-hint">{t("signin.demo")}</p>
      <ul class="demo-agents" aria-labelledby="demo-hint">
        {props.agents.map((agent) => (
          <li key={agent.id}>
            <button
              type="button"
              class="demo-agent"
              aria-disabled={props.isBusy}
              onClick={() => !props.isBusy && props.enter(agent.token)}
            >
              <Initials name={agent.name} />
              <bdi>{agent.name}</bdi>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function TokenForm(props: Props & { hasDemo: boolean }): JSX.Element {
  const { t } = props;
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!props.hasDemo) field.current?.focus();
  }, [props.hasDemo]);
  const submit = (event: Event) => {
    event.preventDefault();
    const token = field.current?.value.trim() ?? "";
    if (token !== "" && !props.isBusy) props.enter(token);
  };
  return (
    <form onSubmit={submit}>
      {props.hasDemo && <h2>{t("signin.or")}</h2>}
      <label for="token">{t("signin.token")}</label>
      <input
        ref={field}
        id="token"
        class="field secret"
        type="text"
        autocomplete="off"
        spellcheck={false}
        required
        aria-invalid={props.problem !== null}
        aria-describedby="token-hint"
      />
      <p id="token-hint" class="hint">
        {t("signin.tokenHint")}
      </p>
      <button
        type="submit"
        class={`button ${props.hasDemo ? "edged" : "primary"}`}
        aria-disabled={props.isBusy}
      >
        {props.isBusy ? t("signin.checking") : t("signin.submit")}
      </button>
    </form>
  );
}
