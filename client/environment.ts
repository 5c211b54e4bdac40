/**
 * The default environment: a browser, React Native, Deno or Node.js.
 *
 * @module
 */
import type { Environment, SessionStorage } from "./types.ts";

/** Globals that some of these runtimes lack. */
const globals = globalThis as {
  addEventListener?: typeof addEventListener;
  removeEventListener?: typeof removeEventListener;
  document?: EventTarget & { visibilityState: string };
  navigator?: { onLine?: boolean };
  Deno?: { unrefTimer?(timer: unknown): void };
};

export const defaultEnvironment: Environment = {
  now: () => Date.now(),
  setTimeout(work, milliseconds, { isBackground = false } = {}) {
    // A longer delay overflows, and the timer would fire immediately.
    const timer: unknown = setTimeout(
      work,
      Math.min(milliseconds, 2 ** 31 - 1),
    );
    if (isBackground) {
      (timer as { unref?(): void }).unref?.();
      globals.Deno?.unrefTimer?.(timer);
    }
    return timer;
  },
  clearTimeout: (timer) => clearTimeout(timer as number),
  random: () => Math.random(),
  online: () => globals.navigator?.onLine !== false,
  visible: () => globals.document?.visibilityState !== "hidden",
  mayBeSuspended: false,
  on(what, listener) {
    const [target, name] = what === "visible"
      ? [globals.document, "visibilitychange"]
      : [globals, what];
    // Only a window fires these events. Deno and Node.js use these names for
    // other things.
    if (!globals.document) return () => {};
    target?.addEventListener?.(name, listener);
    return () => target?.removeEventListener?.(name, listener);
  },
};

/** `localStorage` of a browser, if the page may access it. */
export function browserStorage(): SessionStorage | undefined {
  try {
    // Not on a server, where all users would share the localStorage of Deno or
    // Node.js.
    return globals.document
      ? (globalThis as { localStorage?: SessionStorage }).localStorage
      : undefined;
  } catch {
    return undefined;
  }
}

/** Storage that lasts as long as the process. */
export function memoryStorage(): SessionStorage {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}
