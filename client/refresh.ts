/**
 * When to refresh, and doing it once: for all callers in this tab by one
 * promise, for all tabs by the lock.
 *
 * @module
 */
import { untilExpiry, untilRefresh } from "./clock.ts";
import { isSessionError, SessionError } from "./errors.ts";
import type { Lock } from "./lock.ts";
import type { State } from "./state.ts";
import { isAnswer, type StoredSession } from "./storage.ts";
import type { Transport } from "./transport.ts";
import type { Environment } from "./types.ts";

const FIRST_RETRY_MILLISECONDS = 1_000;
const LONGEST_RETRY_MILLISECONDS = 30_000;

/**
 * Where no answer came, the server may have rotated the token: with the time an
 * attempt takes, this stays within the reuse interval of 10 s.
 */
const LONGEST_LOST_RETRY_MILLISECONDS = 5_000;

/** Keeps the access token good. */
export class Refresher {
  #flight: Promise<StoredSession | null> | undefined;
  #timer: unknown;
  #closed = false;
  #failures = 0;
  /** The last failure, and until when not to try again. */
  #failed: { error: SessionError; until: number } | undefined;

  constructor(
    readonly state: State,
    readonly transport: Transport,
    readonly lock: Lock,
    readonly environment: Environment,
  ) {}

  /**
   * The stored session with a token that is good by the server's clock.
   *
   * @param rejected An access token that the server called expired.
   */
  async session(rejected?: string): Promise<StoredSession | null> {
    const { now } = this.environment;
    const stored = await this.state.read();
    if (!stored || !isDue(stored, now(), rejected)) return stored;
    try {
      if (this.#failed && now() < this.#failed.until) throw this.#failed.error;
      return await this.refresh(rejected);
    } catch (error) {
      const current = await this.state.read();
      if (!current) return null;
      const good = current.access_token !== rejected &&
        untilExpiry(current, now()) > 0;
      if (good) return current;
      throw error;
    }
  }

  /** One attempt, shared by everybody who asks meanwhile. */
  refresh(rejected?: string): Promise<StoredSession | null> {
    return this.#flight ??= this.#attempt(rejected).finally(() => {
      this.#flight = undefined;
      void this.schedule();
    });
  }

  async #attempt(rejected?: string): Promise<StoredSession | null> {
    try {
      const session = await this.lock(() => this.#exchange(rejected));
      this.#failures = 0;
      this.#failed = undefined;
      return session;
    } catch (error) {
      if (!isSessionError(error)) throw error;
      const wait = error.details.retryAfter !== undefined
        ? error.details.retryAfter * 1000
        // Full jitter, so that the tabs of a city do not come back as one.
        : this.environment.random() * Math.min(
          error.code === "network_error"
            ? LONGEST_LOST_RETRY_MILLISECONDS
            : LONGEST_RETRY_MILLISECONDS,
          FIRST_RETRY_MILLISECONDS * 2 ** this.#failures++,
        );
      this.#failed = { error, until: this.environment.now() + wait };
      throw error;
    }
  }

  /** Sends the stored refresh token, and stores its successor. */
  async #exchange(rejected?: string): Promise<StoredSession | null> {
    const { now } = this.environment;
    // Whoever held the lock before has left the new tokens here.
    const sent = await this.state.read();
    if (!sent || !isDue(sent, now(), rejected)) return sent;
    let answer: unknown;
    try {
      answer = await this.transport.refresh(sent.refresh_token);
    } catch (error) {
      if (!isSessionError(error) || !error.reason) throw error;
      const stored = await this.state.read();
      // Signed out, or in anew, meanwhile: that error is about the past.
      if (!stored || !isSame(stored, sent)) return stored;
      await this.state.end(sent.session_id, error.reason);
      return null;
    }
    if (!isAnswer(answer) || answer.session_id !== sent.session_id) {
      throw new SessionError(
        "bad_answer",
        "The server's answer is no session: check the URL, then try again.",
      );
    }
    // After a sign-out or another sign-in the answer is thrown away.
    return await this.state.write(
      answer,
      (stored) => !!stored && isSame(stored, sent),
    );
  }

  /** Sets the timer by what is stored. */
  async schedule(): Promise<void> {
    const { now } = this.environment;
    const stored = await this.state.read();
    this.environment.clearTimeout(this.#timer);
    if (!stored || this.#closed) return;
    const wait = Math.max(
      untilRefresh(stored, now()),
      (this.#failed?.until ?? 0) - now(),
      0,
    );
    this.#timer = this.environment.setTimeout(() => void this.tick(), wait);
  }

  /** Refreshes if it is time to, and if there is a network to do it over. */
  async tick(): Promise<void> {
    if (this.#closed) return;
    // Offline no timer is set: coming online calls again.
    if (!this.environment.online()) return;
    await this.session().catch(() => {});
    await this.schedule();
  }

  /** Back online: what failed for want of a network may be tried at once. */
  async retry(): Promise<void> {
    if (this.#failed?.error.code === "network_error") this.#failed = undefined;
    await this.tick();
  }

  /** New tokens owe nothing to the failures before them. */
  reset(): void {
    this.#failures = 0;
    this.#failed = undefined;
  }

  close(): void {
    this.#closed = true;
    this.environment.clearTimeout(this.#timer);
  }
}

function isDue(stored: StoredSession, now: number, rejected?: string): boolean {
  return stored.access_token === rejected || untilRefresh(stored, now) <= 0;
}

function isSame(a: StoredSession, b: StoredSession): boolean {
  return a.session_id === b.session_id && a.revision === b.revision;
}
