// The script that a site includes: puts the element on the page and loads what it is made of.
// It is a classic script, whose calls wait for the widget, so that a site need not.

/** Where the build put the widget, beside this script. */
declare const BUNDLE: string;

const script = document.currentScript as HTMLScriptElement;
const element = document.createElement("frontdesk-chat") as HTMLElement &
  Record<string, (...values: unknown[]) => unknown>;
for (const { name, value } of script.attributes) {
  if (name.startsWith("data-")) element.setAttribute(name.slice(5), value);
}
element.setAttribute("server", new URL(script.src).origin);

const ready = import(/* @vite-ignore */ new URL(BUNDLE, script.src).href);
const methods = ["open", "close", "identify", "attributes", "setLocale", "reset", "on"];
(window as { Frontdesk?: object }).Frontdesk = Object.fromEntries(
  methods.map((name) => [
    name,
    // An element has `attributes` of its own.
    (...values: unknown[]) => ready.then(() => element[name === "attributes" ? "describe" : name]?.(...values)),
  ]),
);

const place = (): unknown => document.body.append(element);
if (document.body === null) document.addEventListener("DOMContentLoaded", place);
else place();
