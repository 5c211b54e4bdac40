/**
 * Lets one tab at a time refresh, so that the server gets one request instead
 * of one per tab. Correctness does not depend on the lock: a refresh token that
 * arrives twice within the reuse interval gets the same successor. Therefore a
 * tab that waits too long continues without the lock.
 *
 * @module
 */
import type { Environment, Locks, SessionStorage } from "./types.ts";

/**
 * Longer than one refresh attempt, but short enough: if a tab is killed,
 * another tab can repeat its attempt within the reuse interval of 10 s.
 */
const LEASE_MILLISECONDS = 5_000;

/** Gives every tab that saw a free lock time to write its own lease. */
const SETTLE_MILLISECONDS = 50;

/** Runs work while no other tab holds the lock. */
export type Lock = <T>(work: () => Promise<T>) => Promise<T>;

/** A lock by the Web Locks API; the browser releases it when a tab closes. */
export function webLock(
  locks: Locks,
  name: string,
  environment: Environment,
): Lock {
  return async (work) => {
    const waiting = new AbortController();
    const timer = environment.setTimeout(
      () => waiting.abort(),
      LEASE_MILLISECONDS,
    );
    let run: ReturnType<typeof work> | undefined;
    const start = () => {
      environment.clearTimeout(timer);
      return run = work();
    };
    try {
      return await locks.request(name, { signal: waiting.signal }, start);
    } catch {
      // The wait was too long, or another tab stole the lock while the work
      // ran.
      return await (run ?? start());
    }
  };
}

/**
 * A lock that is a storage entry with an expiry time, so that a closed tab
 * blocks no other.
 */
export function leaseLock(
  storage: SessionStorage,
  key: string,
  environment: Environment,
): Lock {
  const { now, random } = environment;
  const sleep = (milliseconds: number) =>
    new Promise<void>((resolve) =>
      environment.setTimeout(resolve, milliseconds)
    );

  async function readLease(): Promise<{ owner: string; until: number } | null> {
    try {
      return JSON.parse(await storage.getItem(key) ?? "null");
    } catch {
      return null;
    }
  }

  async function acquire(owner: string): Promise<void> {
    const deadline = now() + LEASE_MILLISECONDS;
    while (now() < deadline) {
      const left = ((await readLease())?.until ?? 0) - now();
      // The lease has more time left than a new one, so the clock was set back.
      if (left <= 0 || left > LEASE_MILLISECONDS) {
        const until = now() + LEASE_MILLISECONDS;
        await storage.setItem(key, JSON.stringify({ owner, until }));
        await sleep(SETTLE_MILLISECONDS);
        if ((await readLease())?.owner === owner) return;
      }
      await sleep(SETTLE_MILLISECONDS * (1 + random()));
    }
  }

  return async (work) => {
    // The id only has to be unique, and React Native has no `crypto`.
    const owner = String(Math.random());
    try {
      await acquire(owner);
    } catch {
      // The storage does not work, so it cannot hold a lease.
    }
    try {
      return await work();
    } finally {
      try {
        if ((await readLease())?.owner === owner) await storage.removeItem(key);
      } catch {
        // If the lease cannot be removed, it expires.
      }
    }
  };
}
