/**
 * The one record under the one key, and transactions on it.
 *
 * @module
 */
import type { Lock } from "./lock.ts";
import type { EndReason, Session, SessionStorage } from "./types.ts";

/** A session at rest. */
export interface StoredSession extends Session {
  /** Milliseconds that the server's clock is ahead of the device's. */
  clock_offset: number;
  /** Grows with every change, so that a late answer can tell it is late. */
  revision: number;
  /** Attempts to refresh since these tokens came, by whichever tab. */
  attempts?: Attempts;
}

/**
 * Stored, so that tabs back off as one, and so that a tab or a reload after one
 * that was killed knows that its refresh token may be spent.
 */
export interface Attempts {
  count: number;
  /** The server may have replaced the refresh token, though no answer came. */
  in_doubt: boolean;
  /** When to try again, by the device's clock; absent while one is under way. */
  retry_at?: number;
}

/** Left where the server ended a session, so that other tabs know why. */
export interface EndedSession {
  ended: { session_id: string; reason: EndReason; at?: number };
  revision: number;
}

/** What is stored; null after a sign-out. */
export type Entry = StoredSession | EndedSession | null;

/** Whether an entry is a session that stands, as far as anybody here knows. */
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

/** What to write in place of what was read; undefined: leave it. */
type Change = Entry | undefined;

/** Reads and writes the record. Where the storage fails, memory stands in. */
export class Store {
  #queue: Promise<unknown> = Promise.resolve();
  /** Set while the storage does not hold what it should. */
  #memory: { entry: Entry; revision: number; isAtRest: boolean } | undefined;
  /** What was there last: it stands in where the storage cannot be read. */
  #last: Entry = null;
  /** Learned from the first transaction, which only reads. */
  #isAsync = false;

  constructor(
    readonly storage: SessionStorage,
    readonly key: string,
    readonly lock: Lock,
  ) {}

  /**
   * Reads, lets `decide` say what to write, writes; one at a time in this tab.
   * With a synchronous storage no other tab comes between either; with an
   * asynchronous one the lock keeps them out.
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

  /** Another tab's later record counts more than this tab's memory. */
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
      // Only a note was to be added to tokens that do lie there.
      const isAtRest = (this.#memory?.isAtRest ?? true) && isSession(entry) &&
        isSession(before) && isSame(entry, before);
      this.#memory = {
        entry,
        revision: entry?.revision ?? before?.revision ?? 0,
        isAtRest,
      };
      if (isAtRest) return;
      // A refresh token that was replaced must not lie there: another tab that
      // used it later would look like a thief, and end the session for all.
      // Without the room to hand them the new one, other tabs are signed out.
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

/** Runs work that may throw or reject, and stays synchronous where it is. */
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

/** Whether something is a session as the server answers it. */
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
