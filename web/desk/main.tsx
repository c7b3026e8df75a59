/** The page behind `/desk`: who is signed in, in which language, and the desktop that is drawn. */

import "../shared/tokens.css";
import "../shared/base.css";
import "./styles/tokens.css";
import "./styles/frame.css";
import "./styles/left.css";
import "./styles/centre.css";
import "./styles/composer.css";
import "./styles/side.css";
import "./styles/forced.css";
import { render, type JSX } from "preact";
import { useEffect, useReducer, useState } from "preact/hooks";
import { Drafts } from "../shared/drafts";
import { directionOf, localeFor, translator } from "../shared/i18n";
import { Desktop } from "./desktop";
import { SceneProvider, useWidth } from "./scene";
import { keepToken, keptToken } from "./session";
import { Desk } from "./views/app";
import { SignIn } from "./views/signin";
import { type Key, WORDS } from "./words";

const asked = new URLSearchParams(location.search);
const wanted = [asked.get("locale"), ...navigator.languages].filter((tag) => tag !== null);
const locale = localeFor(wanted);
const tag = wanted.find((one) => localeFor([one]) === locale) ?? locale;
const direction = asked.get("dir") === "rtl" ? "rtl" : directionOf(locale);
const t = translator(WORDS[locale], locale, direction);

/** Kept when a token expires: whoever signs in again finds them. */
const drafts = new Drafts("frontdesk.desk.draft.");

const isBusyWithOffers = () =>
  document.querySelector(".dock:hover, .dock:focus-within") !== null;

const PROBLEMS: Readonly<Record<string, Key>> = {
  unauthenticated: "signin.wrong",
  forbidden: "signin.forbidden",
  invalid: "signin.wrong",
};

function Page(): JSX.Element {
  const [token, setToken] = useState(keptToken);
  const [problem, setProblem] = useState<Key | null>(null);
  const enter = (next: string) => {
    setProblem(null);
    keepToken(next);
    setToken(next);
  };
  if (token === "") return <SignIn t={t} problem={problem} isBusy={false} enter={enter} />;
  return (
    <SignedIn
      key={token}
      token={token}
      leave={(why) => {
        keepToken("");
        setProblem(why);
        setToken("");
      }}
    />
  );
}

/** A desktop for as long as its token is good; `leave` says why it is not any more. */
function SignedIn(props: { token: string; leave: (why: Key | null) => void }): JSX.Element {
  const [desktop] = useState(
    () => new Desktop({ origin: location.origin, token: props.token, drafts, isBusyWithOffers }),
  );
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const width = useWidth();
  useEffect(() => {
    const stop = desktop.watch(() => draw(undefined));
    desktop.open();
    return () => {
      stop();
      desktop.close();
    };
  }, [desktop]);
  const { status, desk } = desktop;
  const isIn = desk.agent !== null;
  useEffect(() => {
    if (status.standing !== "refused") return;
    const code = status.error?.code ?? "";
    if (isIn) props.leave(code === "forbidden" ? "signin.removed" : "signin.expired");
    else props.leave(PROBLEMS[code] ?? "signin.wrong");
  }, [status.standing]);
  if (!isIn) return <Waiting />;
  const signOut = () =>
    void desktop.signOut().then((refused) => refused === null && props.leave(null));
  return (
    <SceneProvider value={{ desktop, desk, status, t, locale: tag, width }}>
      <Desk signOut={signOut} />
    </SceneProvider>
  );
}

const QUIET_MS = 300;

/** Nothing at first; then words say what is waited for. */
function Waiting(): JSX.Element {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <main class="signin">
      <h1 class="for-readers">{t("title")}</h1>
      <p role="status">{isLong && t("signin.checking")}</p>
    </main>
  );
}

document.documentElement.lang = locale;
document.documentElement.dir = direction;
document.title = t("title");
const theme = asked.get("theme");
if (theme !== null) document.documentElement.dataset["theme"] = theme;
render(<Page />, document.body);
