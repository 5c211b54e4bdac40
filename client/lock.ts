/**
 * Lets one tab at a time refresh, so that the server gets one request instead
 * of one per tab. Correctness does not depend on it: a refresh token that
 * arrives twice within the reuse interval gets the same successor. A tab that
 * waits too long therefore goes on without the lock.
 *
 * @module
 */
import type { Environment, Locks, SessionStorage } from "./types.ts";

/**
 * Longer than one refresh attempt, and short enough that another tab can repeat
 * the attempt of a tab that was killed within the reuse interval of 10 s.
 */
const LEASE_MILLISECONDS = 5_000;

/** Gives every tab that saw a free lock the time to write its own lease. */
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
      // The wait was too long, or the lock was stolen while the work ran.
      return await (run ?? start());
    }
  };
}

/** A lock by a storage entry that expires, so that a closed tab blocks no other. */
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
      // A lease with more time left than a full one: the clock was set back.
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
    // Unique is enough here; React Native has no `crypto`.
    const owner = String(Math.random());
    try {
      await acquire(owner);
    } catch {
      // The storage fails, so it cannot hold a lease.
    }
    try {
      return await work();
    } finally {
      try {
        if ((await readLease())?.owner === owner) await storage.removeItem(key);
      } catch {
        // The lease expires by itself.
      }
    }
  };
}
