/**
 * The machine as it is: browser, Deno or Node.
 *
 * @module
 */
import type { Environment, SessionStorage } from "./types.ts";

/** The globals that only a browser has. */
const browser = globalThis as {
  addEventListener?: typeof addEventListener;
  removeEventListener?: typeof removeEventListener;
  document?: EventTarget & { visibilityState: string };
  navigator?: { onLine?: boolean };
};

export const machine: Environment = {
  now: () => Date.now(),
  setTimeout(work, milliseconds) {
    // A longer delay would overflow and run at once.
    const timer: unknown = setTimeout(
      work,
      Math.min(milliseconds, 2 ** 31 - 1),
    );
    // Waiting for a refresh must not keep a process of Node or Deno alive.
    (timer as { unref?(): void }).unref?.();
    (globalThis as { Deno?: { unrefTimer?(timer: unknown): void } }).Deno
      ?.unrefTimer?.(timer);
    return timer;
  },
  clearTimeout: (timer) => clearTimeout(timer as number),
  random: () => Math.random(),
  online: () => browser.navigator?.onLine !== false,
  on(what, listener) {
    const [target, name] = what === "visible"
      ? [browser.document, "visibilitychange"]
      : [browser, what];
    // Deno's and Node's globals have other events than a window's.
    if (!browser.document) return () => {};
    target?.addEventListener?.(name, listener);
    return () => target?.removeEventListener?.(name, listener);
  },
};

/** localStorage where it can be reached; a page may be denied even the name. */
export function localStorageOf(): SessionStorage | undefined {
  try {
    // Deno has one too, and Node may: there it would be shared by all users.
    return browser.document
      ? (globalThis as { localStorage?: SessionStorage }).localStorage
      : undefined;
  } catch {
    return undefined;
  }
}

/** Storage for the life of the process. */
export function memoryStorage(): SessionStorage {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}
