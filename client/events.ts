/**
 * Listeners, none of which can disturb another.
 *
 * @module
 */
import type { SessionEvent } from "./types.ts";

type Listener = (event: SessionEvent) => unknown;

/** Tells every listener of every event. */
export class Events {
  readonly #listeners = new Set<{ listener: Listener }>();

  on(listener: Listener): () => void {
    // An entry of its own, so that adding the same function twice counts twice.
    const entry = { listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  emit(event: SessionEvent): void {
    for (const { listener } of [...this.#listeners]) {
      // As a promise, so that an async listener's rejection is caught as well;
      // the listener itself still runs now.
      new Promise((resolve) => resolve(listener(event))).catch((error) =>
        console.error("A listener failed:", error)
      );
    }
  }
}
