/** What somebody chose for this browser: sounds, notifications, single keys. Never any text. */

export interface Preferences {
  readonly offerSound: boolean;
  readonly messageSound: boolean;
  readonly notifications: boolean;
  readonly singleKeys: boolean;
}

const KEY = "frontdesk.desk.preferences";
const DEFAULTS: Preferences = {
  offerSound: true,
  messageSound: false,
  notifications: false,
  singleKeys: true,
};

/** What was chosen; the defaults where storage is forbidden or holds something else. */
export function readPreferences(): Preferences {
  try {
    return preferencesIn(JSON.parse(localStorage.getItem(KEY) ?? "{}"));
  } catch {
    return DEFAULTS;
  }
}

/** The choices in a stored value, each by itself. */
export function preferencesIn(stored: unknown): Preferences {
  const chosen = (stored ?? {}) as Partial<Record<keyof Preferences, unknown>>;
  const pick = (name: keyof Preferences): boolean => {
    const value = chosen[name];
    return typeof value === "boolean" ? value : DEFAULTS[name];
  };
  return {
    offerSound: pick("offerSound"),
    messageSound: pick("messageSound"),
    notifications: pick("notifications"),
    singleKeys: pick("singleKeys"),
  };
}

/** Keeps the choices for the next time. */
export function writePreferences(preferences: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // Full or forbidden: they hold until the page is closed.
  }
}
