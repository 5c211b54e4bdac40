/**
 * Simulates thirty waking minutes of a browser a thousand times: tabs open,
 * close and are killed, the network fails in every way, the laptop sleeps for
 * minutes or weeks, clocks jump, users sign in and out, sessions are revoked.
 * Each run has a seed; `LATCHKEY_SOAK_SEED=n` repeats one.
 *
 * With bound sessions, nobody is ever signed out by mistake. Requests that
 * arrive minutes late, and a key that cannot be read at times, are added there.
 *
 * With unbound sessions one loss is excused, because the contract calls it
 * theft: the answer to a refresh was lost, and the client had no chance to
 * repeat the request within the reuse interval. `Conditions` tells whether it
 * had one.
 *
 * A phone runs one process of the app. It goes to the background for minutes,
 * hours or weeks, its storages fail for a while, and it is killed at any write.
 * Without a key, one more loss is excused there: SecureStore did not take the
 * new token before the app was killed.
 */
import { assert } from "@std/assert";
import { run, type Simulation } from "./soak.ts";
import { Device } from "./testing_react_native.ts";

const RUNS = 1_000;
const PHONE_RUNS = 300;
const only = Deno.env.get("LATCHKEY_SOAK_SEED");

Deno.test("soak: in a thousand half hours no user with a bound session is signed out by mistake", async () => {
  await soak({ isBound: true });
});

Deno.test("soak: an unbound session ends by mistake only if a lost answer could not be repeated in time", async () => {
  const total = await soak({ isBound: false });
  // Excused losses are too rare to hide a fault.
  if (!only) {
    assert(total.excused! < total.refreshes! / 10, "excused too often");
  }
});

/** A phone with an app for React Native. */
const device: Simulation["device"] = (clock, server) =>
  new Device(clock, server);

Deno.test("soak: on a phone no user with a bound session is signed out by mistake", async () => {
  await soak({ isBound: true, device }, PHONE_RUNS);
});

Deno.test("soak: on a phone an unbound session ends by mistake only if a lost answer could not be repeated, or a token not stored, in time", async () => {
  const total = await soak({ isBound: false, device }, PHONE_RUNS);
  if (!only) {
    assert(total.excused! < total.refreshes! / 10, "excused too often");
  }
});

Deno.test("soak: the same seed repeats the same half hour", async () => {
  for (const isBound of [true, false]) {
    for (const simulation of [{ isBound }, { isBound, device }]) {
      const [one, two] = [await run(7, simulation), await run(7, simulation)];
      assert(JSON.stringify(one) === JSON.stringify(two));
    }
  }
});

async function soak(simulation: Simulation, runs = RUNS) {
  const total: Record<string, number> = {};
  const seeds = only ? [Number(only)] : Array.from(
    { length: runs },
    (_, index) => index + 1,
  );
  for (const seed of seeds) {
    const counts = await run(seed, simulation).catch((error) => {
      error.message += `; run it again with LATCHKEY_SOAK_SEED=${seed}`;
      throw error;
    });
    for (const [what, count] of Object.entries(counts)) {
      total[what] = (total[what] ?? 0) + count;
    }
  }
  console.log(JSON.stringify(total));
  // Every kind of event did happen often enough.
  for (const [what, count] of only ? [] : Object.entries(total)) {
    assert(count > runs / 20, `too seldom: ${what}`);
  }
  return total;
}
