// Stands for what the client does by itself where browsers have it: addresses, queries, timers.

interface Timers {
  setTimeoutFn: typeof setTimeout;
  clearTimeoutFn: typeof clearTimeout;
}

/** The parts of a server's address. */
export function parse(address: string): Record<"protocol" | "host" | "port" | "query", string> {
  const { protocol, hostname, port, search } = new URL(address);
  return {
    protocol: protocol.slice(0, -1),
    host: hostname.replace(/[[\]]/g, ""),
    port,
    query: search.slice(1),
  };
}

export const encode = (query: Record<string, string>): string => `${new URLSearchParams(query)}`;
export const decode = (query: string): object => Object.fromEntries(new URLSearchParams(query));

export function installTimerFunctions(object: Timers): void {
  object.setTimeoutFn = setTimeout.bind(globalThis);
  object.clearTimeoutFn = clearTimeout.bind(globalThis);
}

// Asked only by other transports, and by a WebSocket outside of browsers.
export const byteLength = (): number => 0;
export const pick = (): object => ({});
export const randomString = (): string => "";
