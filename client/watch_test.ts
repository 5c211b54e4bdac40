import { assert, assertEquals } from "@std/assert";
import { ADA, BOB, FakeSupabase, settle, types, world } from "./testing.ts";

/** A tab that watches. */
async function watching({ life = 900 } = {}) {
  const { browser, clock, server } = world();
  server.life = life;
  const tab = browser.tab();
  const supabase = new FakeSupabase(tab.getAccessToken);
  const stop = tab.watch(supabase.client);
  const session = await tab.signIn(ADA);
  await settle();
  return { browser, clock, server, tab, supabase, stop, session };
}

Deno.test("joins the session's private channel, with the token", async () => {
  const { supabase, session, server } = await watching();
  assertEquals(supabase.log, [
    `setAuth ${session.access_token}`,
    "join session:s1 in private",
  ]);
  // After the join it asks whether it missed the end.
  assert(server.requests.at(-1)!.url.endsWith("/rpc/session_active"));
});

for (const life of [900, 60, 40]) {
  Deno.test(`with tokens of ${life} s the socket's always outlives`, async () => {
    const { clock, server, tab, supabase } = await watching({ life });
    for (let second = 0; second < 3 * life; second++) {
      await clock.advance(1_000);
      // As supabase-js does at every heartbeat.
      if (second % 25 === 0) supabase.token = await tab.getAccessToken();
      assert(Number(supabase.token!.split("/")[1]) * 1000 > server.time);
    }
  });
}

Deno.test("the broadcast ends the session, with the reason", async () => {
  const { browser, tab, supabase } = await watching();
  supabase.channels[0]!.send({ session_id: "s9", reason: "admin" });
  await settle();
  assert(await tab.getAccessToken());
  supabase.channels[0]!.send({
    session_id: "s1",
    reason: "admin",
    event_timestamp: 1893456000.123,
  });
  await settle();
  assertEquals(tab.events.at(-1), {
    type: "session_revoked",
    reason: "admin",
    session_id: "s1",
    at: 1893456000.123,
  });
  assertEquals(supabase.log.at(-1), "leave all");
  assertEquals(await tab.getAccessToken(), null);
  assert(!browser.stored.refresh_token);
});

for (const status of ["CLOSED", "CHANNEL_ERROR", "TIMED_OUT"]) {
  Deno.test(`after ${status} it joins anew, later and later`, async () => {
    const { browser, clock, supabase, server, tab } = await watching();
    browser.random = () => 1;
    supabase.statuses = [status, status];
    supabase.channels[0]!.status(status);
    await clock.advance(999);
    assertEquals(supabase.channels.length, 0);
    await clock.advance(2); // 1 s, refused at once; then 2 s, then 4 s.
    assertEquals(supabase.log.filter((line) => /^join/.test(line)).length, 2);
    await clock.advance(2_001);
    assertEquals(supabase.log.filter((line) => /^join/.test(line)).length, 3);
    // What was broadcast meanwhile is asked after.
    server.sessions.get("s1")!.revoked = "banned";
    await clock.advance(4_001);
    assertEquals(tab.snapshot().reason, "banned");
  });
}

for (const status of ["CLOSED", "CHANNEL_ERROR", "TIMED_OUT"]) {
  Deno.test(`after ${status} it asks whether the session is over`, async () => {
    const { supabase, server, tab } = await watching();
    server.sessions.get("s1")!.revoked = "banned";
    supabase.channels[0]!.status(status);
    await settle();
    assertEquals(tab.snapshot().reason, "banned");
  });
}

Deno.test("a question without an answer is asked again", async () => {
  const { clock, supabase, server, tab } = await watching();
  server.down = true;
  supabase.channels[0]!.status("SUBSCRIBED");
  await clock.advance(10_000);
  server.down = false;
  server.next.push(() => new Response(null, { status: 503 }));
  await clock.advance(21_000);
  server.sessions.get("s1")!.revoked = "banned";
  await clock.advance(31_000);
  assertEquals(tab.snapshot().reason, "banned");
  // And no more after it was answered, or the session was left.
  const { length } = server.requests;
  await clock.advance(120_000);
  assertEquals(server.requests.length, length);
});

Deno.test("a failing setAuth is tried again", async () => {
  const { clock, supabase } = await watching();
  supabase.failures = 1;
  supabase.channels[0]!.status("CLOSED");
  await clock.advance(3_000);
  assertEquals(supabase.channels.length, 1);
});

Deno.test("sign-out drops every channel", async () => {
  const { supabase, tab } = await watching();
  supabase.channel("room", { config: { private: true } });
  await tab.signOut();
  await settle();
  assertEquals(supabase.channels, []);
});

Deno.test("another user gets channels of their own", async () => {
  const { supabase, tab, browser } = await watching();
  supabase.channel("room", { config: { private: true } });
  await browser.tab().signIn(BOB);
  await settle();
  assertEquals(types(tab).at(-1), "user_changed");
  assertEquals(supabase.channels.map(({ topic }) => topic), ["session:s2"]);
});

Deno.test("stop() leaves, and hears nothing more", async () => {
  const { clock, supabase, tab, stop } = await watching();
  stop();
  assertEquals(supabase.channels, []);
  const { length } = supabase.log;
  await tab.signIn(BOB);
  await clock.advance(60_000);
  assertEquals(supabase.log.length, length);
});

Deno.test("stop() while another user's channels are dropped joins none", async () => {
  const { browser, supabase, tab, stop } = await watching();
  tab.onChange(({ type }) => {
    // As an effect of a component that goes with its user.
    if (type === "user_changed") stop();
  });
  await browser.tab().signIn(BOB);
  await settle();
  assertEquals(types(tab).at(-1), "user_changed");
  assertEquals(supabase.channels, []);
});

Deno.test("stop() leaves no timer behind", async () => {
  const { supabase, tab, stop } = await watching();
  const { timers } = tab.machine;
  supabase.channels[0]!.status("CLOSED");
  assertEquals(tab.machine.timers, timers + 1);
  stop();
  assertEquals(tab.machine.timers, timers);
});

Deno.test("a join that succeeds ends the backing off", async () => {
  const { browser, clock, supabase } = await watching();
  browser.random = () => 1;
  supabase.statuses = ["CHANNEL_ERROR", "CHANNEL_ERROR"];
  supabase.channels[0]!.status("CLOSED");
  await clock.advance(7_100); // 1, 2 and 4 s.
  assertEquals(supabase.channels.length, 1);
  supabase.channels[0]!.status("CLOSED");
  await clock.advance(1_001);
  assertEquals(supabase.channels.length, 1);
});
