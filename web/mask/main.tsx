// The demo's page `/demo/mask`: somebody types, and sees what is masked and by which rule.
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { JSX } from "preact";
import base from "../shared/base.css?inline";
import { MessageText } from "../shared/message";
import { sheetOf } from "../shared/sheets";
import tokens from "../shared/tokens.css?inline";
import { explain, written, type Answer, type Explained } from "./explained";
import styles from "./mask.css?inline";

const EXAMPLE =
  "Hi! Refund order 48213 to my card 4111 1111 1111 1111, valid thru 09/28, cvc 123. " +
  "Call +46 70 123 45 67 or write to maja@mail.example.";
const PAUSE_MS = 150;
const AGAIN_MS = 1_000;
const TROUBLES = {
  busy: "That was fast. Trying again.",
  long: "Too long: a message has 1000 characters.",
  away: "Not connected. Trying again.",
};

/** The latest answer that there was for a text; a text that changes gets its own after a pause. */
function useAnswer(text: string): { shown: { of: string; as: Explained } | undefined; trouble: string } {
  const [shown, setShown] = useState<{ of: string; as: Explained }>();
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    const gone = new AbortController();
    const take = (answer: Answer): void => {
      if (gone.signal.aborted) return;
      if (typeof answer !== "string") setShown({ of: text, as: answer });
      else if (answer !== "long") timer = setTimeout(ask, AGAIN_MS);
      setTrouble(typeof answer === "string" ? TROUBLES[answer] : "");
    };
    const ask = (): void => void explain(text, gone.signal).then(take);
    let timer = setTimeout(ask, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [text]);
  return { shown, trouble };
}

function Page(): JSX.Element {
  const [text, setText] = useState(EXAMPLE);
  const { shown, trouble } = useAnswer(text);
  return (
    <main>
      <h1>What Frontdesk masks</h1>
      <p class="lead">
        Write what a customer might write. The server masks it before anything is kept or shown; what you
        type here is neither kept nor logged.
      </p>
      <label for="text">Message</label>
      <textarea
        id="text"
        class="field"
        rows={4}
        dir="auto"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <h2 id="shown">What is kept and shown</h2>
      <p class="bubble mine" role="status" aria-labelledby="shown">
        {shown && <MessageText message={shown.as} say={(kind) => `masked ${kind}`} />}
      </p>
      <p class="trouble">{trouble}</p>
      <h2 id="why">Why</h2>
      {shown && <Values text={shown.of} values={shown.as.values} />}
    </main>
  );
}

function Values({ text, values }: { text: string; values: Explained["values"] }): JSX.Element {
  if (values.length === 0) return <p class="none">Nothing is masked in this.</p>;
  return (
    <div class="wide" role="region" aria-labelledby="why" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {["Written", "Kind", "Span", "Rule", "Validator"].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {values.map((value) => (
            <tr key={value.start}>
              <td>
                <bdi>{written(text, value)}</bdi>
              </td>
              <td>{value.kind}</td>
              <td class="figures">
                {value.start}–{value.end}
              </td>
              <td>{value.rule}</td>
              <td>{value.validator}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

document.adoptedStyleSheets = [tokens, base, styles].map(sheetOf);
render(<Page />, document.body);
