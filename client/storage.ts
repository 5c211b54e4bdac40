/**
 * The stored record, and transactions on it.
 *
 * @module
 */
import type { Lock } from "./lock.ts";
import type { EndReason, Session, SessionStorage } from "./types.ts";

/** A session as it is stored. */
export interface StoredSession extends Session {
  /** Milliseconds that the server's clock is ahead of the device's. */
  clock_offset: number;
  /** Increases with every change, so that a late answer is recognized. */
  revision: number;
  /** The id of the key that the session is bound to. */
  proof_key?: string;
  /** Attempts of all tabs to refresh these tokens. */
  attempts?: Attempts;
}

/**
 * Attempts are stored so that all tabs back off together. If a tab is killed,
 * the other tabs and the next page also know that the refresh token may already
 * be replaced.
 */
export interface Attempts {
  count: number;
  /** The server may have replaced the refresh token, though no answer came. */
  in_doubt: boolean;
  /** When to try again, by the device's clock; absent during an attempt. */
  retry_at?: number;
}

/** Stored after the server ended a session, so that other tabs know why. */
export interface EndedSession {
  ended: { session_id: string; reason: EndReason; at?: number };
  revision: number;
}

/** The stored record; null after a sign-out. */
export type Entry = StoredSession | EndedSession | null;

/**
 * Whether an entry is a session that has not ended, as far as this tab knows.
 */
export function isSession(entry: Entry | undefined): entry is StoredSession {
  return !!entry && !(entry as Partial<EndedSession>).ended;
}

/** Whether both hold the same tokens. */
export function isSame(
  a: StoredSession,
  b: StoredSession | undefined,
): boolean {
  return a.session_id === b?.session_id && a.revision === b.revision;
}

/** The entry to write; undefined leaves the stored one. */
type Change = Entry | undefined;

/** Reads and writes the record. Keeps it in memory while the storage fails. */
export class Store {
  #queue: Promise<unknown> = Promise.resolve();
  /** Set while the storage does not hold the current entry. */
  #memory: { entry: Entry; revision: number; isAtRest: boolean } | undefined;
  /** The entry of the last transaction, used when the storage cannot be read. */
  #last: Entry = null;
  /** Known after the first transaction, which only reads. */
  #isAsync = false;

  constructor(
    readonly storage: SessionStorage,
    readonly key: string,
    readonly lock: Lock,
  ) {}

  /**
   * Reads the entry, lets `decide` choose the next one, and writes it; one
   * transaction at a time in this tab. A synchronous storage also keeps other
   * tabs out; for an asynchronous one the lock does.
   */
  transact(decide: (entry: Entry) => Change): Promise<Entry> {
    const work = async () => {
      const read = this.#read();
      this.#isAsync = isPromise(read);
      const entry = this.#last = isPromise(read) ? await read : read;
      const change = decide(entry);
      if (change === undefined) return entry;
      this.#last = change;
      const written = this.#write(change, entry);
      if (isPromise(written)) await written;
      return change;
    };
    const run = this.#queue.then(() =>
      this.#isAsync ? this.lock(work) : work()
    );
    this.#queue = run.catch(() => {});
    return run;
  }

  #read(): Entry | Promise<Entry> {
    try {
      const text = this.storage.getItem(this.key);
      return isPromise(text)
        ? text.then(
          (text) => this.#newest(parse(text)),
          () => this.#last,
        )
        : this.#newest(parse(text));
    } catch {
      return this.#last;
    }
  }

  /** Another tab's later record wins over this tab's memory. */
  #newest(stored: Entry): Entry {
    if (!this.#memory) return stored;
    const { revision, isAtRest } = this.#memory;
    if (stored ? stored.revision > revision : isAtRest) {
      this.#memory = undefined;
      return stored;
    }
    return this.#memory.entry;
  }

  #write(entry: Entry, before: Entry): void | Promise<void> {
    const fallBack = () => {
      // The tokens are stored. Only the attempts beside them could not be
      // added.
      const wasAtRest = this.#memory?.isAtRest ?? true;
      const isAtRest = wasAtRest && isSession(entry) && isSession(before) &&
        isSame(entry, before);
      // The stored token refreshes a bound session once more, at any time.
      const isRefreshable = wasAtRest && isSession(entry) &&
        isSession(before) && entry.session_id === before.session_id &&
        !!entry.proof_key;
      this.#memory = {
        entry,
        revision: entry?.revision ?? before?.revision ?? 0,
        isAtRest,
      };
      if (isAtRest || isRefreshable) return;
      // Remove the replaced refresh token. If a tab used it later, that would
      // count as theft and end the session for all tabs. Now only the other
      // tabs are signed out, because the storage cannot hold the new token.
      return settle(
        () => this.storage.removeItem(this.key),
        () => settle(() => this.storage.setItem(this.key, "null"), () => {}),
      );
    };
    return settle(
      () => {
        if (!entry) return this.storage.removeItem(this.key);
        return this.storage.setItem(this.key, JSON.stringify(entry));
      },
      fallBack,
      () => void (this.#memory = undefined),
    );
  }
}

/**
 * Runs work that may throw or reject. Stays synchronous if the work is
 * synchronous.
 */
function settle(
  work: () => unknown,
  failed: () => void | Promise<void>,
  done: () => void = () => {},
): void | Promise<void> {
  try {
    const result = work();
    if (isPromise(result)) return result.then(done, failed);
  } catch {
    return failed();
  }
  done();
}

function parse(text: string | null): Entry {
  try {
    const entry = JSON.parse(text ?? "null");
    return entry && Number.isFinite(entry.revision) &&
        (entry.ended ||
          (Number.isFinite(entry.clock_offset) && isAnswer(entry)))
      ? entry
      : null;
  } catch {
    return null;
  }
}

/** Whether a value is a session as the server returns it. */
export function isAnswer(value: unknown): value is Session {
  const {
    access_token,
    refresh_token,
    session_id,
    expires_at,
    expires_in,
    user,
  } = (value ?? {}) as Record<string, unknown>;
  return !!(access_token && session_id && (user as { id?: unknown })?.id) &&
    [access_token, refresh_token, session_id].every((text) =>
      typeof text === "string"
    ) &&
    [expires_at, expires_in].every((number) =>
      Number.isFinite(number) && number as number >= 0
    );
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | null)?.then === "function";
}
