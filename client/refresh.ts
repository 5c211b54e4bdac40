/**
 * Decides when to refresh, and refreshes once: one promise for all callers in a
 * tab, one lock for all tabs.
 *
 * An attempt that may have reached the server is *in doubt* until its answer
 * arrives. The attempt is stored beside the tokens, and any tab repeats it.
 *
 * With the proof of its key, a bound session gets the same answer again at any
 * time. Without a key, only within the reuse interval (10 s by default); after
 * that, a repeated refresh token counts as theft. An unbound session therefore
 * repeats an attempt in doubt soon. If its device sleeps or is offline from the
 * server's answer until the end of the reuse interval, the user has to sign in
 * again.
 *
 * @module
 */
import { untilExpiry, untilRefresh } from "./clock.ts";
import { isSessionError, SessionError } from "./errors.ts";
import type { Lock } from "./lock.ts";
import { type DeviceKey, keyLost } from "./proof_key.ts";
import type { State } from "./state.ts";
import { type Attempts, isSame, type StoredSession } from "./storage.ts";
import { networkError, type Transport } from "./transport.ts";
import type { Environment, Session } from "./types.ts";

const FIRST_RETRY_MILLISECONDS = 1_000;
const LONGEST_RETRY_MILLISECONDS = 30_000;

/**
 * The longest Retry-After that is followed. A longer one, for example from a
 * proxy, could end after the token expires.
 */
const LONGEST_RETRY_AFTER_MILLISECONDS = 300_000;

/**
 * The longest time between two attempts in doubt of an unbound session. The
 * second attempt may take its full 4 s and still arrives within the reuse
 * interval of 10 s.
 */
const LONGEST_DOUBT_MILLISECONDS = 6_000;

/** Keeps the access token valid. */
export class Refresher {
  #flight: Promise<StoredSession | null> | undefined;
  #timer: unknown;
  /** The state for which the timer was set. */
  #plan: string | undefined;
  #closed = false;
  #error: SessionError | undefined;

  constructor(
    readonly state: State,
    readonly transport: Transport,
    readonly deviceKey: DeviceKey,
    readonly lock: Lock,
    readonly environment: Environment,
  ) {}

  /**
   * Returns the stored session, with a token that is valid by the server's
   * clock.
   *
   * @param staleSession Tokens that the server reported as expired.
   */
  async session(staleSession?: StoredSession): Promise<StoredSession | null> {
    const { now } = this.environment;
    const stored = await this.state.read();
    if (
      !stored ||
      !isSame(stored, staleSession) && untilRefresh(stored, now()) > 0
    ) return stored;
    try {
      if (untilRetry(stored, now()) > 0) throw this.#failure();
      return await this.refresh(staleSession);
    } catch (error) {
      const current = await this.state.read();
      if (!current) return null;
      const isValid = !isSame(current, staleSession) &&
        untilExpiry(current, now()) > 0;
      if (isValid) return current;
      throw error;
    }
  }

  /**
   * Makes one attempt, shared by all callers until it ends.
   *
   * @param staleSession Tokens to replace even if they are not due. They are
   * compared by revision: within one second a server may sign the same access
   * token again.
   */
  async refresh(staleSession?: StoredSession): Promise<StoredSession | null> {
    const session = await (this.#flight ??= this.#attempt(staleSession).finally(
      () => {
        this.#flight = undefined;
        void this.schedule();
      },
    ));
    // The attempt of another caller may have kept the tokens, because they were
    // valid.
    return session && isSame(session, staleSession)
      ? this.refresh(staleSession)
      : session;
  }

  async #attempt(staleSession?: StoredSession): Promise<StoredSession | null> {
    // No request is sent, so nothing is in doubt.
    if (!this.environment.online()) throw networkError();
    const asked = await this.state.read();
    return await this.lock(() =>
      this.#exchange(asked?.attempts?.retry_at, staleSession)
    );
  }

  /** Sends the stored refresh token, and stores its successor. */
  async #exchange(
    retryAt?: number,
    staleSession?: StoredSession,
  ): Promise<StoredSession | null> {
    const { now } = this.environment;
    // The tab that held the lock before may have stored new tokens,
    const sent = await this.state.read();
    if (!sent || !isDue(sent, now(), staleSession)) return sent;
    // or its attempt failed. One attempt is enough for all tabs that waited.
    if (sent.attempts?.retry_at !== retryAt && untilRetry(sent, now()) > 0) {
      throw this.#failure();
    }
    const sentAt = now();
    const attempts = { count: (sent.attempts?.count ?? 0) + 1, in_doubt: true };
    await this.state.note(sent, attempts);
    try {
      const answer = await this.send(sent);
      // Discard the answer if the user signed out or in meanwhile.
      return await this.state.write(
        answer,
        (stored) => !!stored && isSame(stored, sent),
      );
    } catch (error) {
      if (!isSessionError(error)) throw error;
      // Until the access token expires, the user can go on without the key, and
      // it may be found again.
      const reason = error.code === "key_lost" && untilExpiry(sent, now()) <= 0
        ? "key_lost"
        : error.reason;
      if (!reason) {
        this.#error = error;
        // A refusal does not settle the attempts before it.
        attempts.in_doubt = isDoubtful(error) || !!sent.attempts?.in_doubt;
        const retry_at = this.#retryAt({ ...sent, attempts }, error, sentAt);
        await this.state.note(sent, { ...attempts, retry_at });
        throw error;
      }
      const stored = await this.state.read();
      // The user signed out or in meanwhile: the error is about an old session.
      if (!stored || !isSame(stored, sent)) return stored;
      await this.state.end(sent.session_id, reason);
      return null;
    }
  }

  /**
   * Sends the refresh token, without a change in the storage.
   *
   * @throws {SessionError} `key_unavailable` if the session's key cannot be read;
   * then nothing was sent. `key_lost` if this device does not have it, and the
   * server asks for it.
   */
  async send(session: StoredSession): Promise<Session> {
    const { proof_key, clock_offset } = session;
    const key = proof_key ? await this.deviceKey.find(proof_key) : null;
    try {
      return await this.transport.refresh(
        session,
        key ? { key, clock_offset } : undefined,
      );
    } catch (error) {
      // If this device has the key, the server is wrong: the session is kept.
      throw proof_key && !key && isSessionError(error) &&
          error.code === "invalid_dpop_proof"
        ? keyLost(error)
        : error;
    }
  }

  #retryAt(
    sent: StoredSession & { attempts: Attempts },
    { code, details: { retryAfter = 0 } }: SessionError,
    sentAt: number,
  ): number {
    const { now, random } = this.environment;
    // Full jitter, so that clients do not retry at the same time.
    const backoff = random() * Math.min(
      LONGEST_RETRY_MILLISECONDS,
      FIRST_RETRY_MILLISECONDS * 2 ** (sent.attempts.count - 1),
    );
    return Math.min(
      now() + Math.max(backoff, retryAfter * 1000),
      sentAt + longestWait(sent),
      // The session then ends.
      code === "key_lost" ? now() + untilExpiry(sent, now()) : Infinity,
    );
  }

  /**
   * The error of the last attempt. The error of another tab is not known here.
   */
  #failure(): SessionError {
    return this.#error ?? networkError();
  }

  /** Sets the timer for the stored session. */
  async schedule(): Promise<void> {
    const { now, setTimeout, clearTimeout } = this.environment;
    const stored = await this.state.read();
    const plan = stored && !this.#closed
      ? JSON.stringify([stored.revision, stored.attempts])
      : undefined;
    // Keep a timer that is set: it is right even if the clock was changed.
    if (plan === this.#plan) return;
    clearTimeout(this.#timer);
    this.#plan = plan;
    if (!stored || !plan) return;
    const wait = Math.max(
      stored.attempts?.in_doubt ? 0 : untilRefresh(stored, now()),
      untilRetry(stored, now()),
      0,
    );
    this.#timer = setTimeout(
      () => {
        this.#plan = undefined;
        void this.tick(stored);
      },
      wait,
      { isBackground: true },
    );
  }

  /**
   * Refreshes if a refresh is due and the device is online.
   *
   * @param staleSession Tokens to replace even if the clock says they are valid.
   */
  async tick(
    staleSession?: StoredSession,
    { isBackOnline = false } = {},
  ): Promise<void> {
    const { now: time, online, visible, mayBeSuspended } = this.environment;
    // Also while offline, so that the page knows its session.
    const stored = await this.state.read();
    // While offline, no timer is set, because the `online` event calls this
    // again.
    if (this.#closed || !online()) return;
    const now = time();
    // The `visible` event calls this again. An attempt in doubt must not wait.
    if (mayBeSuspended && !visible() && !stored?.attempts?.in_doubt) return;
    if (
      stored && isDue(stored, now, staleSession) &&
      // An attempt in doubt must not wait.
      (untilRetry(stored, now) <= 0 ||
        isBackOnline && stored.attempts?.in_doubt)
    ) await this.refresh(staleSession).catch(() => {});
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
  staleSession?: StoredSession,
): boolean {
  return isSame(stored, staleSession) || !!stored.attempts?.in_doubt ||
    untilRefresh(stored, now) <= 0;
}

/** Milliseconds until the next attempt is allowed; at most 0 if it is now. */
function untilRetry(stored: StoredSession, now: number): number {
  if (!stored.attempts?.retry_at) return 0;
  const left = stored.attempts.retry_at - now;
  // The wait is longer than any that is set, so the clock was set back.
  return left > longestWait(stored) ? 0 : left;
}

function longestWait({ attempts, proof_key }: StoredSession): number {
  return attempts?.in_doubt && !proof_key
    ? LONGEST_DOUBT_MILLISECONDS
    : LONGEST_RETRY_AFTER_MILLISECONDS;
}

/** Whether the server may have rotated the token in spite of the error. */
function isDoubtful({ details: { status } }: SessionError): boolean {
  return status === undefined || status >= 500;
}
