/**
 * Simulates half an hour of a browser, or of a phone with an app for React
 * Native: see soak_test.ts. It uses nothing of Deno, so that it also runs in
 * Hermes.
 *
 * @module
 */
import {
  ADA,
  BOB,
  Browser,
  Clock,
  FakeKeyStore,
  FakeSupabase,
  Server,
  settle,
  type Tab,
} from "./testing.ts";
import { Device, type StorageOperation } from "./testing_react_native.ts";

const MINUTE = 60_000;
const HALF_HOUR = 30 * MINUTE;
const HOUR = 60 * MINUTE;
const WEEK = 7 * 24 * HOUR;
const LIFE_SECONDS = 300;
const REUSE_INTERVAL = 10_000;

/** Repeating an attempt takes up to 6 s, and a lease. */
const CHANCE = 7_000;

/** What a run simulates. */
export interface Simulation {
  /** Whether sessions are bound to a key. */
  isBound: boolean;
  /** The browser, or the phone. */
  device?: (clock: Clock, server: Server) => Browser;
}

/** Records when an open tab was awake and could reach the server. */
class Conditions {
  #since: number | null = null;
  #spans: [from: number, to: number][] = [];

  constructor(readonly clock: Clock) {}

  are(good: boolean): void {
    if (this.#since !== null) this.#spans.push([this.#since, this.clock.now]);
    this.#since = good ? this.clock.now : null;
  }
  /** Whether conditions were good for `length` within that time. */
  gaveAChance(from: number, to: number, length: number): boolean {
    const spans = [...this.#spans, [this.#since ?? Infinity, Infinity]];
    return spans.some(([start, end]) =>
      Math.min(end!, to) - Math.max(start!, from) >= length
    );
  }
}

/** Runs one simulation; returns how often each event happened. */
export async function run(
  seed: number,
  { isBound, device = (clock, server) => new Browser(clock, server) }:
    Simulation,
): Promise<Record<string, number>> {
  const random = generator(seed);
  const chance = (probability: number) => random() < probability;
  const clock = new Clock();
  const conditions = new Conditions(clock);
  const server = new FlakyServer(clock, random, () => weather(), isBound);
  const browser = device(clock, server);
  const phone = browser instanceof Device ? browser : null;
  const keys = new FakeKeyStore();
  if (isBound) browser.proofKeys = keys;
  browser.random = random;
  if (chance(0.5)) browser.locks = null;
  if (chance(0.3)) browser.storageDelay = 1;
  const counts = {
    ...{ kills: 0, outages: 0, sleeps: 0, weeks: 0, jumps: 0 },
    ...{ revocations: 0, signOuts: 0, switches: 0, forced: 0 },
  };
  let closings = 0;
  let storageFailures = 0;
  let killsInWrites = 0;
  let excused = 0;
  let keyFailures = 0;
  let slept = 0;
  /**
   * Whether a storage has failed and does not hold the newest token yet. A
   * storage that fails at two refreshes in a row is too broken for the promise.
   */
  let hasStorageFailed = false;
  const channels = new Map<Tab, FakeSupabase>();
  const fail = (what: string): never => {
    throw new Error(
      `${what}, ${(clock.now - start) / 1000} s into the run ${seed}`,
    );
  };
  const start = clock.now;
  let awake = true;
  const weather = () => {
    server.disturb();
    conditions.are(
      awake && browser.online && !server.down && !keys.isFailing &&
        !hasStorageFailed &&
        browser.tabs.size > 0,
    );
  };
  /** supabase-js reports lost channels when the network is back. */
  const loseChannels = () => {
    for (const tab of browser.tabs) {
      for (const channel of channels.get(tab)!.channels) {
        channel.status("CHANNEL_ERROR");
      }
    }
  };
  const open = () => {
    const tab = browser.tab();
    const supabase = new FakeSupabase(tab.getAccessToken);
    tab.watch(supabase.client);
    channels.set(tab, supabase);
    weather();
  };
  const any = () =>
    [...browser.tabs][Math.floor(random() * browser.tabs.size)]!;
  /** Moves the clock until the work is done. */
  const finish = async <T>(work: Promise<T>): Promise<T | undefined> => {
    let done = false;
    let result: T | undefined;
    work.then((value) => result = value, () => {}).finally(() => done = true);
    for (let i = 0; i < 60 && !done; i++) await clock.advance(1_000);
    if (!done && browser.tabs.size > 0) fail("a call never ends");
    return result;
  };
  let isStorageFailing = false;
  const repairStorage = () => {
    isStorageFailing = false;
    if (phone) phone.fails = () => false;
  };
  /** The storages work, and no write kills the app. */
  const repair = () => {
    repairStorage();
    if (phone) phone.changed = () => {};
  };
  const signIn = async (who: typeof ADA) => {
    if (browser.tabs.size === 0) open();
    repair();
    server.isKind = true;
    keys.isFailing = false;
    const session = await finish(any().signIn(who));
    server.isKind = false;
    if (!session) fail("could not sign in");
    return session!.session_id;
  };

  open();
  let id = await signIn(ADA);
  /** When the server ended the session. */
  let endedAt: number | undefined;

  while (clock.now - start - slept < HALF_HOUR) {
    await clock.advance(random() * 40_000);
    if (browser.tabs.size === 0) open();
    // A bound session that was read from an older record repeats its refresh.
    if (hasStorageFailed) server.disturb(LIFE_SECONDS * 1000);
    const dice = Math.floor(random() * (phone ? 15 : isBound ? 13 : 12));
    if (dice === 0) {
      open();
    } else if (dice === 1 && browser.tabs.size > 1) {
      const tab = any();
      tab.close();
      tab.kill();
      weather();
      closings++;
    } else if (dice === 2) {
      // During a refresh, in half of the cases.
      const tab = any();
      if (chance(0.5)) {
        void tab.refresh().catch(() => {});
        await clock.advance(random() * 300);
      }
      tab.kill();
      weather();
      counts.kills++;
    } else if (dice === 3) {
      counts.outages++;
      // Not every device knows that it is offline.
      browser.online = chance(0.3);
      if (phone) browser.fire("online");
      server.down = true;
      weather();
      await clock.advance(random() * (chance(0.5) ? 5_000 : 90_000));
      server.down = false;
      browser.online = true;
      weather();
      browser.fire("online");
      loseChannels();
    } else if (dice === 4) {
      counts.sleeps++;
      const isLong = chance(0.1);
      if (isLong) counts.weeks++;
      const length = random() *
        (isLong
          ? 3 * WEEK
          : phone && chance(0.3)
          ? 10 * HOUR
          : (chance(0.7) ? 2 : 10) * MINUTE);
      // During a refresh, in half of the cases.
      if (chance(0.5)) {
        void any().refresh().catch(() => {});
        await clock.advance(random() * 300);
      }
      if (phone) {
        repair();
        phone.show(false);
        // The system lets the app run for a while in the background.
        if (chance(0.5)) await clock.advance(random() * 30_000);
      }
      slept += length;
      awake = false;
      weather();
      server.hangUp();
      browser.sleep(length);
      awake = true;
      weather();
      browser.visible = true;
      browser.fire("visible");
      loseChannels();
    } else if (dice === 5 && chance(0.3)) {
      counts.jumps++;
      server.disturb();
      browser.ahead += (random() - 0.5) * 4 * 60 * MINUTE;
    } else if (dice === 6 && chance(0.3)) {
      counts.revocations++;
      server.sessions.get(id)!.revoked ??= "admin";
      // The broadcast may be lost.
      if (chance(0.5)) {
        for (const tab of browser.tabs) {
          for (const channel of channels.get(tab)!.channels) {
            channel.send({ session_id: id, reason: "admin" });
          }
        }
      }
    } else if (dice === 7 && chance(0.3)) {
      counts.signOuts++;
      await finish(any().signOut());
      // The request may be lost, but the user has signed out.
      server.sessions.get(id)!.revoked ??= "signed_out";
      await settle();
    } else if (dice === 8 && chance(0.3)) {
      counts.switches++;
      id = await signIn(chance(0.5) ? BOB : ADA);
      endedAt = undefined;
    } else if (dice === 9 && !isStorageFailing) {
      counts.forced++;
      await finish(any().refresh());
    } else if (dice === 12 && isBound) {
      keyFailures++;
      keys.isFailing = !keys.isFailing;
      weather();
    } else if (dice === 13 && phone && !hasStorageFailed) {
      storageFailures++;
      hasStorageFailed = isStorageFailing = true;
      const storage = chance(0.5) ? "SecureStore" : "AsyncStorage";
      const canRead = chance(0.5);
      phone.fails = (operation) =>
        operation.startsWith(storage) && (isWrite(operation) || !canRead);
      weather();
      // Shorter than the time between two refreshes.
      clock.set(() => {
        repairStorage();
        weather();
      }, random() * 100_000);
    } else if (dice === 14 && phone) {
      phone.changed = (operation) => {
        if (!isWrite(operation) || browser.tabs.size === 0) return;
        phone.changed = () => {};
        killsInWrites++;
        phone.app.kill();
        weather();
      };
    } else {
      await finish(any().getAccessToken());
    }
    await settle();

    const atRest = new Set(browser.atRest.match(/s\d+\.\d+/g));
    // A phone also keeps the session that an unfinished sign-in replaces.
    const sessions = new Set(
      phone && [...atRest].map((id) => id.split(".")[0]),
    );
    if (atRest.size > Math.max(1, sessions.size)) {
      fail("two refresh tokens of a session are at rest");
    }
    const session = server.sessions.get(id)!;
    const isStored = browser.stored?.session_id === id;
    const stands = isStored || !!phone && browser.tabs.size > 0 &&
        phone.app.snapshot().session?.session_id === id;
    if (!session.revoked && !stands) {
      // The storage could not take the new token before the app was killed, and
      // a used token of an unbound session counts as theft.
      if (isBound || !hasStorageFailed) {
        fail(`signed out by mistake: ${JSON.stringify(browser.stored)}`);
      }
      excused++;
      id = await signIn(ADA);
      endedAt = undefined;
      continue;
    }
    if (
      hasStorageFailed && !isStorageFailing &&
      atRest.has(`${id}.${session.generation}`)
    ) {
      hasStorageFailed = false;
      weather();
    }
    if (session.revoked === "reuse") {
      if (isBound) fail("a bound session ended by mistake");
      if (
        conditions.gaveAChance(session.rotatedAt, session.reusedAt!, CHANCE)
      ) {
        fail("an honest retry counted as theft");
      }
      if (!endedAt) excused++;
    }
    if (session.revoked) {
      endedAt ??= clock.now;
      if (
        stands && conditions.gaveAChance(
          endedAt + LIFE_SECONDS * 1000,
          clock.now,
          MINUTE,
        )
      ) fail("the session stayed active after its revocation");
      // All tabs have noticed the end: a user signs in again.
      if (!stands && browser.tabs.size > 0) {
        for (const tab of browser.tabs) {
          if (tab.snapshot().status === "signed_in") {
            fail("a tab has not noticed the end");
          }
        }
        id = await signIn(ADA);
        endedAt = undefined;
      }
    }
  }
  for (const tab of browser.tabs) tab.kill();
  if (server.extra) fail("more than one request for one rotation");
  const { refreshes, repeats, faults, late } = server;
  return {
    ...counts,
    ...{ refreshes, repeats, faults },
    ...isBound ? { keyFailures, late } : { excused },
    ...phone ? { storageFailures, killsInWrites } : { closings },
  };
}

/** A server behind a network that loses requests and answers. */
class FlakyServer extends Server {
  /** Whether the network is reliable, as for a test's sign-in. */
  isKind = false;
  faults = 0;
  /** Requests that arrived minutes after the client had given up. */
  late = 0;
  /** Repeated requests for one rotation although nothing was lost. */
  extra = 0;
  #calmFrom = -Infinity;
  #inFlight = new Set<() => void>();
  override life = LIFE_SECONDS;

  constructor(
    clock: Clock,
    readonly random: () => number,
    /** Called when a request or an answer is lost. */
    readonly lost: () => void,
    /** Whether requests may arrive late. That ends an unbound session. */
    readonly mayBeLate: boolean,
  ) {
    super(clock);
  }

  /** Allows repeated requests from now on, for a while. */
  disturb(
    // A bound session backs off for up to 30 s.
    milliseconds = this.mayBeLate ? MINUTE : 2 * REUSE_INTERVAL,
  ): void {
    this.#calmFrom = Math.max(this.#calmFrom, this.clock.now + milliseconds);
  }

  /** Breaks all connections, before or after the server did its work. */
  hangUp(): void {
    for (const hangUp of [...this.#inFlight]) hangUp();
  }

  override receive(
    ...[input, init]: Parameters<typeof fetch>
  ): Promise<Response> {
    const request = new Request(input, init);
    const { pathname } = new URL(request.url);
    const fault = !this.isKind && pathname.endsWith("/refresh") &&
        this.random() < 0.15
      ? Math.floor(this.random() * (this.mayBeLate ? 7 : 6))
      : -1;
    if (fault >= 0) {
      this.faults++;
      this.disturb();
      this.lost();
    }
    return new Promise((resolve, reject) => {
      let response: Promise<Response> | undefined;
      const work = () => response ??= this.#work(request);
      const breakOff = () => {
        this.#inFlight.delete(hangUp);
        reject(new TypeError("the connection broke"));
      };
      const sentAt = this.clock.now;
      const hangUp = () => {
        // An older request has arrived, or never will.
        const isOnItsWay = this.clock.now - sentAt < 4_000;
        if (isOnItsWay && this.random() < 0.5) void work();
        breakOff();
      };
      this.#inFlight.add(hangUp);
      init?.signal?.addEventListener("abort", breakOff);
      const after = (work: () => void) =>
        this.clock.set(work, 10 + this.random() * 300);
      const settle = (answer: Response | Promise<Response>) => {
        this.#inFlight.delete(hangUp);
        resolve(answer);
      };
      after(() => {
        // The connection broke before the request arrived.
        if (!this.#inFlight.has(hangUp)) return;
        if (this.down) return breakOff();
        if (fault === 0) return; // Swallowed.
        if (fault === 1) return breakOff();
        if (fault === 6) {
          this.clock.set(() => {
            this.late++;
            // The client learns of the rotation when it next refreshes.
            this.disturb(LIFE_SECONDS * 1000);
            void work();
          }, this.random() * 15 * MINUTE);
          return breakOff();
        }
        if (fault === 2) return settle(new Response("<html>", { status: 503 }));
        if (fault === 3) {
          const headers = { "Retry-After": "5" };
          return settle(new Response(null, { status: 429, headers }));
        }
        void work();
        after(() => {
          if (!this.#inFlight.has(hangUp)) return;
          if (this.down || fault === 4) return breakOff();
          if (fault === 5) {
            return settle(new Response("<html>", { status: 504 }));
          }
          settle(response!);
        });
      });
    });
  }

  async #work(request: Request): Promise<Response> {
    const { repeats } = this;
    const response = await this.handle(request);
    const isCalm = this.clock.now > this.#calmFrom;
    if (this.repeats > repeats && isCalm) this.extra++;
    return response;
  }
}

function isWrite(operation: StorageOperation): boolean {
  return !operation.includes(".get");
}

/** mulberry32: a random number generator with a seed. */
function generator(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
