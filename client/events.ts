/**
 * Event listeners. An error in one does not affect the others.
 *
 * @module
 */
import type { SessionEvent } from "./types.ts";

type Listener = (event: SessionEvent) => unknown;

/** Calls every listener for every event. */
export class Events {
  readonly #listeners = new Set<{ listener: Listener }>();

  on(listener: Listener): () => void {
    // A separate entry per call, so that a function that is added twice is
    // called twice.
    const entry = { listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  emit(event: SessionEvent): void {
    for (const { listener } of [...this.#listeners]) {
      // The promise also catches the rejection of an async listener; the
      // listener itself runs now.
      new Promise((resolve) => resolve(listener(event))).catch((error) =>
        console.error("A session listener failed:", error)
      );
    }
  }
}
