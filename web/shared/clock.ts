// The server's clock as this page knows it, one tick a second for everything that counts, and how
// times and durations are written.
import { useEffect, useReducer } from "preact/hooks";

const SAMPLES_MAX = 20;

/** Follows the server's clock by the times in what it sends. */
export class ServerClock {
  readonly #offsets: number[] = [];
  readonly #local: () => number;

  constructor(local: () => number = Date.now) {
    this.#local = local;
  }

  /** Notes the time in something that has just arrived. */
  heard(at: number): void {
    this.#offsets.push(at - this.#local());
    if (this.#offsets.length > SAMPLES_MAX) this.#offsets.shift();
  }

  /** What the server's clock shows now: what took least on its way tells best. */
  now(): number {
    return this.#local() + (this.#offsets.length > 0 ? Math.max(...this.#offsets) : 0);
  }
}

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** Calls back once a second, at one moment for everybody; returns what stops it. */
export function everySecond(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const each of [...listeners]) each();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** Draws the component again each second, while `isOn`. */
export function useSeconds(isOn = true): void {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => (isOn ? everySecond(() => draw(undefined)) : undefined), [isOn]);
}

/** What is left, rounded up: 0:00 only when nothing is. */
export function countdown(ms: number): string {
  return minutes(Math.ceil(Math.max(0, ms) / 1_000));
}

/** What has passed, rounded down. */
export function elapsed(ms: number): string {
  return minutes(Math.floor(Math.max(0, ms) / 1_000));
}

function minutes(seconds: number): string {
  const pad = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3_600);
  const rest = `${Math.floor((seconds % 3_600) / 60)}`;
  return hours > 0
    ? `${hours}:${rest.padStart(2, "0")}:${pad(seconds % 60)}`
    : `${rest}:${pad(seconds % 60)}`;
}

/** `14:02`, as the locale writes it. */
export function timeOfDay(at: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" }).format(at);
}

/** The whole time, for `<time>` and its title. */
export function fullTime(at: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(at);
}
