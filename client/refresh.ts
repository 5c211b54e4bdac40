/**
 * When to refresh, and doing it once: for all callers in this tab by one
 * promise, for all tabs by the lock.
 *
 * A refresh token that comes a second time is answered within the reuse
 * interval (10 s by default) and is theft later. So an attempt that may have
 * reached the server is *in doubt* until an answer comes, is noted as such
 * beside the tokens, and is repeated soon, whichever tab is left to do it. What
 * cannot be helped: a device that sleeps, or has no network, from the moment
 * the server answered until the interval is over, has to sign in again.
 *
 * @module
 */
import { untilExpiry, untilRefresh } from "./clock.ts";
import { isSessionError, SessionError } from "./errors.ts";
import type { Lock } from "./lock.ts";
import type { State } from "./state.ts";
import { type Attempts, isSame, type StoredSession } from "./storage.ts";
import { networkError, type Transport } from "./transport.ts";
import type { Environment } from "./types.ts";

const FIRST_RETRY_MILLISECONDS = 1_000;
const LONGEST_RETRY_MILLISECONDS = 30_000;

/** A proxy that asks for more does not know when a token expires. */
const LONGEST_RETRY_AFTER_MILLISECONDS = 300_000;

/**
 * From one attempt in doubt to the next. The next may take its 4 s and still
 * arrive within the reuse interval of 10 s.
 */
const LONGEST_DOUBT_MILLISECONDS = 6_000;

/** Keeps the access token good. */
export class Refresher {
  #flight: Promise<StoredSession | null> | undefined;
  #timer: unknown;
  /** What the timer was set for. */
  #plan: string | undefined;
  #closed = false;
  #error: SessionError | undefined;

  constructor(
    readonly state: State,
    readonly transport: Transport,
    readonly lock: Lock,
    readonly environment: Environment,
  ) {}

  /**
   * The stored session with a token that is good by the server's clock.
   *
   * @param unwanted Tokens of which the server called the access token expired.
   */
  async session(unwanted?: StoredSession): Promise<StoredSession | null> {
    const { now } = this.environment;
    const stored = await this.state.read();
    if (
      !stored || !isSame(stored, unwanted) && untilRefresh(stored, now()) > 0
    ) return stored;
    try {
      if (untilRetry(stored, now()) > 0) throw this.#failure();
      return await this.refresh(unwanted);
    } catch (error) {
      const current = await this.state.read();
      if (!current) return null;
      const good = !isSame(current, unwanted) &&
        untilExpiry(current, now()) > 0;
      if (good) return current;
      throw error;
    }
  }

  /**
   * One attempt, shared by everybody who asks meanwhile.
   *
   * @param unwanted Tokens that will not do any more. Told by their revision:
   * within one second a server may sign the same access token again.
   */
  async refresh(unwanted?: StoredSession): Promise<StoredSession | null> {
    const session = await (this.#flight ??= this.#attempt(unwanted).finally(
      () => {
        this.#flight = undefined;
        void this.schedule();
      },
    ));
    // The attempt that was shared may have found tokens that were good enough.
    return session && isSame(session, unwanted)
      ? this.refresh(unwanted)
      : session;
  }

  async #attempt(unwanted?: StoredSession): Promise<StoredSession | null> {
    // What is not sent cannot be lost on the way.
    if (!this.environment.online()) throw networkError();
    const asked = await this.state.read();
    return await this.lock(() =>
      this.#exchange(asked?.attempts?.retry_at, unwanted)
    );
  }

  /** Sends the stored refresh token, and stores its successor. */
  async #exchange(
    retryAt?: number,
    unwanted?: StoredSession,
  ): Promise<StoredSession | null> {
    const { now } = this.environment;
    // Whoever held the lock before has left the new tokens here,
    const sent = await this.state.read();
    if (!sent || !isDue(sent, now(), unwanted)) return sent;
    // or has failed just now: one attempt is enough for all who waited.
    if (sent.attempts?.retry_at !== retryAt && untilRetry(sent, now()) > 0) {
      throw this.#failure();
    }
    const sentAt = now();
    const attempts = { count: (sent.attempts?.count ?? 0) + 1, in_doubt: true };
    await this.state.note(sent, attempts);
    try {
      const answer = await this.transport.refresh(sent);
      // After a sign-out or another sign-in the answer is thrown away.
      return await this.state.write(
        answer,
        (stored) => !!stored && isSame(stored, sent),
      );
    } catch (error) {
      if (!isSessionError(error)) throw error;
      if (!error.reason) {
        this.#error = error;
        // A refusal leaves the doubt of the attempts before it.
        attempts.in_doubt = isDoubtful(error) || !!sent.attempts?.in_doubt;
        const retry_at = this.#retryAt(attempts, error, sentAt);
        await this.state.note(sent, { ...attempts, retry_at });
        throw error;
      }
      const stored = await this.state.read();
      // Signed out, or in anew, meanwhile: that error is about the past.
      if (!stored || !isSame(stored, sent)) return stored;
      await this.state.end(sent.session_id, error.reason);
      return null;
    }
  }

  #retryAt(
    { count, in_doubt }: Attempts,
    { details: { retryAfter = 0 } }: SessionError,
    sentAt: number,
  ): number {
    const { now, random } = this.environment;
    // Full jitter, so that the browsers of a city do not come back as one.
    const backoff = random() * Math.min(
      LONGEST_RETRY_MILLISECONDS,
      FIRST_RETRY_MILLISECONDS * 2 ** (count - 1),
    );
    return Math.min(
      now() + Math.max(backoff, retryAfter * 1000),
      sentAt + longestWait(in_doubt),
    );
  }

  /** Why nobody tries just now: another tab's failure is not known here. */
  #failure(): SessionError {
    return this.#error ?? networkError();
  }

  /** Sets the timer by what is stored. */
  async schedule(): Promise<void> {
    const { now, setTimeout, clearTimeout } = this.environment;
    const stored = await this.state.read();
    const plan = stored && !this.#closed
      ? JSON.stringify([stored.revision, stored.attempts])
      : undefined;
    // Left alone, a timer is right even where the device's clock is set.
    if (plan === this.#plan) return;
    clearTimeout(this.#timer);
    this.#plan = plan;
    if (!stored || !plan) return;
    const wait = Math.max(
      stored.attempts?.in_doubt ? 0 : untilRefresh(stored, now()),
      untilRetry(stored, now()),
      0,
    );
    this.#timer = setTimeout(() => {
      this.#plan = undefined;
      void this.tick(stored);
    }, wait);
  }

  /**
   * Refreshes if it is time to, and if there is a network to do it over.
   *
   * @param old Tokens whose time is over, whatever the clock says.
   */
  async tick(
    old?: StoredSession,
    { isBackOnline = false } = {},
  ): Promise<void> {
    // Offline no timer is set: coming online calls again.
    if (this.#closed || !this.environment.online()) return;
    const now = this.environment.now();
    const stored = await this.state.read();
    if (
      stored && isDue(stored, now, old) &&
      // What is in doubt must not wait.
      (untilRetry(stored, now) <= 0 ||
        isBackOnline && stored.attempts?.in_doubt)
    ) await this.refresh(old).catch(() => {});
    await this.schedule();
  }

  close(): void {
    this.#closed = true;
    this.environment.clearTimeout(this.#timer);
  }
}

function isDue(
  stored: StoredSession,
  now: number,
  unwanted?: StoredSession,
): boolean {
  return isSame(stored, unwanted) || !!stored.attempts?.in_doubt ||
    untilRefresh(stored, now) <= 0;
}

/** Milliseconds until the next attempt may be made; at most 0: now. */
function untilRetry({ attempts }: StoredSession, now: number): number {
  if (!attempts?.retry_at) return 0;
  const left = attempts.retry_at - now;
  // More is left only where the clock was set back.
  return left > longestWait(attempts.in_doubt) ? 0 : left;
}

function longestWait(in_doubt: boolean): number {
  return in_doubt
    ? LONGEST_DOUBT_MILLISECONDS
    : LONGEST_RETRY_AFTER_MILLISECONDS;
}

/** Whether the server may have done its work all the same. */
function isDoubtful({ details: { status } }: SessionError): boolean {
  return status === undefined || status >= 500;
}
