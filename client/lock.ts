/**
 * One tab at a time. Not for safety: to a refresh token that comes twice within
 * the reuse interval the server gives the same successor, so a rare double
 * refresh does no harm. It is for sparing the server one request per tab; so
 * whoever waits too long goes ahead without.
 *
 * @module
 */
import type { Environment, Locks, SessionStorage } from "./types.ts";

/**
 * Longer than one attempt to refresh may take, and so short that another tab
 * can repeat the attempt of one that was killed within the reuse interval.
 */
const LEASE_MILLISECONDS = 5_000;

/** Until every tab that saw no lease has written its own. */
const SETTLE_MILLISECONDS = 50;

/** Runs work while no other tab does. */
export type Lock = <T>(work: () => Promise<T>) => Promise<T>;

/** The browser's own: a tab that closes lets go. */
export function webLock(
  locks: Locks,
  name: string,
  environment: Environment,
): Lock {
  return async (work) => {
    const patience = new AbortController();
    const timer = environment.setTimeout(
      () => patience.abort(),
      LEASE_MILLISECONDS,
    );
    let run: ReturnType<typeof work> | undefined;
    const start = () => {
      environment.clearTimeout(timer);
      return run = work();
    };
    try {
      return await locks.request(name, { signal: patience.signal }, start);
    } catch {
      // Waited too long, or the lock was stolen: what has begun goes on.
      return await (run ?? start());
    }
  };
}

/** A note in the storage that runs out, so that a closed tab blocks nobody. */
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

  async function holder(): Promise<{ owner: string; until: number } | null> {
    try {
      return JSON.parse(await storage.getItem(key) ?? "null");
    } catch {
      return null;
    }
  }

  async function acquire(owner: string): Promise<void> {
    const patience = now() + LEASE_MILLISECONDS;
    while (now() < patience) {
      const left = ((await holder())?.until ?? 0) - now();
      // More than a lease is left only where the clock was set back.
      if (left <= 0 || left > LEASE_MILLISECONDS) {
        const until = now() + LEASE_MILLISECONDS;
        await storage.setItem(key, JSON.stringify({ owner, until }));
        await sleep(SETTLE_MILLISECONDS);
        if ((await holder())?.owner === owner) return;
      }
      await sleep(SETTLE_MILLISECONDS * (1 + random()));
    }
  }

  return async (work) => {
    // crypto.randomUUID is missing where a page has no https.
    const owner = String(crypto.getRandomValues(new Uint32Array(4)));
    try {
      await acquire(owner);
    } catch {
      // A storage that fails holds no lease, for nobody.
    }
    try {
      return await work();
    } finally {
      try {
        if ((await holder())?.owner === owner) await storage.removeItem(key);
      } catch {
        // It runs out.
      }
    }
  };
}
