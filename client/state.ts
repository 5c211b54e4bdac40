/**
 * The stored session as this tab knows it. Every change by any tab goes through
 * this module and becomes an event.
 *
 * @module
 */
import { clockOffset } from "./clock.ts";
import type { Events } from "./events.ts";
import {
  type Attempts,
  type Entry,
  isSame,
  isSession,
  type Store,
  type StoredSession,
} from "./storage.ts";
import type { EndReason, Environment, Session, Snapshot } from "./types.ts";

/** The stored session, as this tab last saw it. */
export class State {
  #known: Entry = null;
  #snapshot: Snapshot = { status: "loading", session: null };

  constructor(
    readonly store: Store,
    readonly events: Events,
    readonly environment: Environment,
  ) {}

  snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** The session that is stored now; another tab may have changed it. */
  async read(): Promise<StoredSession | null> {
    return await this.#transact(() => undefined);
  }

  /**
   * Stores the server's answer if `accepts` agrees to replace what is stored.
   *
   * @param proofKey The id of the key that a new session is bound to.
   * @returns The session that is stored afterwards.
   */
  async write(
    session: Session,
    accepts: (stored: StoredSession | null) => boolean,
    proofKey?: string,
  ): Promise<StoredSession | null> {
    return await this.#transact((entry) => {
      const stored = isSession(entry) ? entry : null;
      if (!accepts(stored)) return undefined;
      const now = this.environment.now();
      return {
        ...session,
        // A session is bound when it starts, never later.
        proof_key: stored?.session_id === session.session_id
          ? stored.proof_key
          : proofKey,
        clock_offset: clockOffset(session, now),
        // Greater than before even if the clock was set back.
        revision: Math.max(
          now,
          (entry?.revision ?? this.#known?.revision ?? 0) + 1,
        ),
      };
    });
  }

  /** Stores the attempts beside these tokens, if they are still stored. */
  async note(session: StoredSession, attempts: Attempts): Promise<void> {
    await this.#transact((entry) =>
      isSession(entry) && isSame(entry, session)
        ? { ...entry, attempts }
        : undefined
    );
  }

  /** Ends this session if it is still stored. */
  async end(sessionId: string, reason: EndReason, at?: number): Promise<void> {
    await this.#transact((entry) =>
      isSession(entry) && entry.session_id === sessionId
        ? {
          ended: { session_id: sessionId, reason, ...at && { at } },
          revision: entry.revision + 1,
        }
        : undefined
    );
  }

  /** Removes the stored session and returns it. */
  async clear(): Promise<StoredSession | null> {
    let before: Entry = null;
    await this.#transact((entry) => {
      before = entry;
      return null;
    });
    return isSession(before) ? before : null;
  }

  async #transact(
    decide: (entry: Entry) => Entry | undefined,
  ): Promise<StoredSession | null> {
    let session: StoredSession | null = null;
    await this.store.transact((entry) => {
      const change = decide(entry);
      const next = change === undefined ? entry : change;
      session = isSession(next) ? next : null;
      // Within the transaction, so that events keep the order of the writes.
      this.#observe(next);
      return change;
    });
    return session;
  }

  #observe(next: Entry): void {
    const before = isSession(this.#known) ? this.#known : null;
    const loading = this.#snapshot.status === "loading";
    if (!loading && this.#known?.revision === next?.revision) return;
    this.#known = next;
    if (isSession(next)) {
      const session = publicPart(next);
      this.#snapshot = { status: "signed_in", session };
      const type = before && before.user.id !== next.user.id
        ? "user_changed"
        : before?.session_id === next.session_id
        ? "token_refreshed"
        : "signed_in";
      return this.events.emit({ type, session });
    }
    this.#snapshot = {
      status: "signed_out",
      session: null,
      reason: next?.ended.reason,
    };
    if (!before && !loading) return;
    this.events.emit(
      next && !loading
        ? { type: "session_revoked", ...next.ended }
        : { type: "signed_out" },
    );
  }
}

/** The stored session without the fields that only this library uses. */
export function publicPart(stored: StoredSession): Session {
  const {
    clock_offset: _,
    revision: __,
    attempts: ___,
    proof_key: ____,
    ...session
  } = stored;
  return session;
}
