import { assertEquals } from "@std/assert";
import { DatabaseClock } from "./database_clock.ts";

const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

/** A database whose clock is ahead of ours; calls take as long as given. */
function clocks(ahead: number) {
  const state = { ours: 1_000, ahead };
  const clock = new DatabaseClock(() => state.ours);
  const call = (there: number, back: number) => {
    const sent = state.ours;
    state.ours += there;
    const time = iso(state.ours + state.ahead);
    state.ours += back;
    clock.observe(time, sent);
  };
  /** How much too early a deadline is; too late would be below zero. */
  const early = (ours = state.ours + 3_000) =>
    ours + state.ahead - Date.parse(clock.timeAt(ours));
  return { state, clock, call, early };
}

Deno.test("a deadline is never too late, and early by at most the answer's way", () => {
  for (const ahead of [0, 1_700_000_000_000, 3_600_000]) {
    const { call, early } = clocks(ahead);
    for (
      const [there, back] of [[1, 900], [900, 1], [0, 0], [5, 40]] as const
    ) {
      call(there, back);
      assertEquals(early() >= 0 && early() <= back, true);
    }
  }
});

Deno.test("a slow answer does not spoil what a fast one has told", () => {
  const { call, early } = clocks(5_000);
  call(1, 2);
  call(2_000, 2_000);
  assertEquals(early(), 2);
});

Deno.test("after a jump of the database's clock only the new answer counts", () => {
  for (const jump of [-60_000, 60_000]) {
    const { state, call, early } = clocks(5_000);
    call(1, 2);
    state.ahead += jump;
    call(3, 4);
    assertEquals(early(), 4);
  }
});

Deno.test("the database's time is unknown at first and after ten minutes", () => {
  const { state, clock, call } = clocks(5_000);
  assertEquals(clock.known, false);
  call(1, 2);
  assertEquals(clock.known, true);
  state.ours += 10 * 60_000 + 1;
  assertEquals(clock.known, false);
  call(1, 2);
  assertEquals(clock.known, true);
});

Deno.test("an answer without a time changes nothing", () => {
  const { clock } = clocks(0);
  clock.observe("soon", 0);
  assertEquals(clock.known, false);
});
