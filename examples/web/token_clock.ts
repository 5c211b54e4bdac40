/**
 * The access token's remaining time, and how often it was replaced.
 *
 * @module
 */
import type { Session } from "supabase-latchkey";
import { get } from "./dom.ts";

/** The clock of one device. */
export interface TokenClock {
  /** Starts for a new session, with no refresh counted. */
  start(session: Session): void;
  /** Counts a refresh of the same session. */
  renew(session: Session): void;
  stop(): void;
}

/** Creates the clock. It shows nothing until `start`. */
export function startTokenClock(): TokenClock {
  const key = get("key");
  let session: Session | undefined;
  let refreshes = 0;
  let timer: ReturnType<typeof setInterval> | undefined;

  function tick(): void {
    if (!session) return;
    const left = Math.max(0, session.expires_at! - Date.now() / 1000);
    const seconds = Math.floor(left);
    const rest = String(seconds % 60).padStart(2, "0");
    get("left").textContent = `${Math.floor(seconds / 60)}:${rest}`;
    key.style.setProperty("--left", String(left / session.expires_in));
  }

  function show(shown: Session): void {
    session = shown;
    get("refreshes").textContent = refreshes === 1
      ? "1 refresh"
      : `${refreshes} refreshes`;
    tick();
  }

  return {
    start(started) {
      refreshes = 0;
      clearInterval(timer);
      timer = setInterval(tick, 1000);
      show(started);
    },
    renew(renewed) {
      refreshes++;
      show(renewed);
      // Reading offsetWidth applies the removal, which restarts the animation.
      for (const element of [key, get("refreshes")]) {
        element.classList.remove("flash");
        void element.offsetWidth;
        element.classList.add("flash");
      }
    },
    stop() {
      clearInterval(timer);
      session = undefined;
    },
  };
}
