import { assert, assertEquals } from "@std/assert";
import { callsPerSecond } from "./calls.ts";

Deno.test("each caller calls one after the other, and all calls count", async () => {
  const running = new Set<number>();
  let calls = 0;
  let overlapped = false;
  const start = performance.now();
  const perSecond = await callsPerSecond(3, 0.05, async (caller) => {
    assert(!running.has(caller), "a caller called twice at once");
    running.add(caller);
    overlapped ||= running.size === 3;
    await new Promise((resolve) => setTimeout(resolve, 1));
    running.delete(caller);
    calls++;
  });
  const seconds = (performance.now() - start) / 1000;
  assert(overlapped, "the callers waited for each other");
  // The clock was read a moment later here than there.
  assert(perSecond >= calls / seconds, `${perSecond} per second`);
  assert(perSecond <= calls / 0.05, `${perSecond} per second`);
  assertEquals(running.size, 0);
});
