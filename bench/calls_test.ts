import { assert, assertEquals } from "@std/assert";
import { callsPerSecond } from "./calls.ts";

Deno.test("callsPerSecond: callers run in parallel, each one call at a time", async () => {
  const running = new Set<number>();
  let calls = 0;
  let overlapped = false;
  const start = performance.now();
  const perSecond = await callsPerSecond(3, 0.05, async (caller) => {
    assert(!running.has(caller), "a caller made two calls at once");
    running.add(caller);
    overlapped ||= running.size === 3;
    await new Promise((resolve) => setTimeout(resolve, 1));
    running.delete(caller);
    calls++;
  });
  const seconds = (performance.now() - start) / 1000;
  assert(overlapped, "the callers waited for each other");
  // This clock was read a little later than the one in callsPerSecond().
  assert(perSecond >= calls / seconds, `${perSecond} per second`);
  assert(perSecond <= calls / 0.05, `${perSecond} per second`);
  assertEquals(running.size, 0);
});
