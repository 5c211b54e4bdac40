import { assert, assertEquals, assertThrows } from "@std/assert";
import { SessionError } from "./errors.ts";
import { ADA, BOB, FakeSupabase, settle, types, world } from "./testing.ts";

/** A tab that watches. */
async function watching({ life = 900, checkSeconds = 0 } = {}) {
  const { browser, clock, server } = world();
  server.life = life;
  const tab = browser.tab();
  const supabase = new FakeSupabase(tab.getAccessToken);
  const stop = tab.watch(supabase.client, { checkSeconds });
  const session = await tab.signIn(ADA);
  await settle();
  const checks = () =>
    server.requests.filter(({ url }) => url.endsWith("/rpc/session_active"))
      .length;
  return { browser, clock, server, tab, supabase, stop, session, checks };
}

Deno.test("watch joins the session's private channel with the token", async () => {
  const { supabase, session, checks } = await watching();
  assertEquals(supabase.log, [
    `setAuth ${session.access_token}`,
    "join session:s1 in private when ready",
  ]);
  // The session may have ended before the join.
  assertEquals(checks(), 1);
});

Deno.test("watch finds an end between SUBSCRIBED and the first delivery", async () => {
  const { clock, supabase, server, tab } = await watching();
  const [channel] = supabase.channels;
  server.sessions.get("s1")!.revoked = "admin";
  await clock.advance(60_000);
  assertEquals(tab.snapshot().status, "signed_in");
  channel!.system("ok");
  await settle();
  assertEquals(tab.snapshot().reason, "admin");
});

Deno.test("watch checks a visible page that hears nothing, at a random 50 to 100 % of the interval", async () => {
  for (const [random, seconds] of [[0, 150], [0.999999, 300]] as const) {
    const { browser, clock, checks, server, tab } = await watching({
      checkSeconds: 300,
    });
    browser.random = () => random;
    browser.fire("online"); // Plans the next check with that number.
    await settle();
    const before = checks();
    await clock.advance(seconds * 1000 - 1_000);
    assertEquals(checks(), before);
    await clock.advance(1_001);
    assertEquals(checks(), before + 1);
    // And again.
    server.sessions.get("s1")!.revoked = "banned";
    await clock.advance(300_000);
    assertEquals(tab.snapshot().reason, "banned");
  }
});

Deno.test("watch checks every 300 s by default", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab();
  tab.watch(new FakeSupabase(tab.getAccessToken).client);
  await tab.signIn(ADA);
  await settle();
  server.sessions.get("s1")!.revoked = "admin";
  await clock.advance(300_000);
  assertEquals(tab.snapshot().reason, "admin");
});

Deno.test("watch does not check while the page is hidden, and checks when it is shown", async () => {
  const { browser, clock, checks, server, tab } = await watching({
    checkSeconds: 60,
  });
  browser.visible = false;
  browser.fire("visible");
  await clock.advance(600_000);
  assertEquals(checks(), 1);
  server.sessions.get("s1")!.revoked = "admin";
  browser.visible = true;
  browser.fire("visible");
  await settle();
  assertEquals(tab.snapshot().reason, "admin");
});

Deno.test("watch checks when the device comes online", async () => {
  const { browser, server, tab } = await watching();
  server.sessions.get("s1")!.revoked = "admin";
  browser.fire("online");
  await settle();
  assertEquals(tab.snapshot().reason, "admin");
});

Deno.test("watch checks where Realtime cannot be joined", async () => {
  const { clock, server, supabase, tab } = await watching({
    checkSeconds: 300,
  });
  supabase.failures = Infinity;
  supabase.channels[0]!.status("CLOSED");
  await clock.advance(60_000);
  server.sessions.get("s1")!.revoked = "admin";
  await clock.advance(300_000);
  assertEquals(tab.snapshot().reason, "admin");
});

Deno.test("checkSeconds 0 turns the periodic checks off; a negative number is refused", async () => {
  const { clock, checks, supabase, tab } = await watching();
  await clock.advance(3_600_000);
  assertEquals(checks(), 1);
  for (const checkSeconds of [-1, NaN]) {
    assertThrows(
      () => tab.watch(supabase.client, { checkSeconds }),
      SessionError,
      "checkSeconds",
    );
  }
});

for (const life of [900, 60, 40]) {
  Deno.test(`with tokens of ${life} s the socket's token never expires`, async () => {
    const { clock, server, tab, supabase } = await watching({ life });
    for (let second = 0; second < 3 * life; second++) {
      await clock.advance(1_000);
      // As supabase-js does at every heartbeat.
      if (second % 25 === 0) supabase.token = await tab.getAccessToken();
      assert(Number(supabase.token!.split("/")[1]) * 1000 > server.time);
    }
  });
}

Deno.test("the broadcast ends the session and gives the reason", async () => {
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

Deno.test("a broadcast without a reason means signed out", async () => {
  const { tab, supabase } = await watching();
  supabase.channels[0]!.send({ session_id: "s1" });
  await settle();
  assertEquals(tab.snapshot().reason, "signed_out");
});

for (const status of ["CLOSED", "CHANNEL_ERROR", "TIMED_OUT"]) {
  Deno.test(`after ${status} watch joins a new channel, with growing pauses`, async () => {
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
    // A broadcast may have been lost meanwhile.
    server.sessions.get("s1")!.revoked = "banned";
    await clock.advance(4_001);
    assertEquals(tab.snapshot().reason, "banned");
  });
}

for (const status of ["CLOSED", "CHANNEL_ERROR", "TIMED_OUT"]) {
  Deno.test(`after ${status} watch checks the session`, async () => {
    const { supabase, server, tab } = await watching();
    server.sessions.get("s1")!.revoked = "banned";
    supabase.channels[0]!.status(status);
    await settle();
    assertEquals(tab.snapshot().reason, "banned");
  });
}

Deno.test("a check without an answer is repeated", async () => {
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
  // There are no more checks after the session has ended.
  const { length } = server.requests;
  await clock.advance(120_000);
  assertEquals(server.requests.length, length);
});

Deno.test("a failing setAuth is repeated", async () => {
  const { clock, supabase } = await watching();
  supabase.failures = 1;
  supabase.channels[0]!.status("CLOSED");
  await clock.advance(3_000);
  assertEquals(supabase.channels.length, 1);
});

Deno.test("sign-out removes every channel", async () => {
  const { supabase, tab } = await watching();
  supabase.channel("room", { config: { private: true } });
  await tab.signOut();
  await settle();
  assertEquals(supabase.channels, []);
});

Deno.test("another user gets new channels", async () => {
  const { supabase, tab, browser } = await watching();
  supabase.channel("room", { config: { private: true } });
  await browser.tab().signIn(BOB);
  await settle();
  assertEquals(types(tab).at(-1), "user_changed");
  assertEquals(supabase.channels.map(({ topic }) => topic), ["session:s2"]);
});

Deno.test("a new session of the same user gets a new channel", async () => {
  const { supabase, tab } = await watching();
  await tab.signIn(ADA);
  await settle();
  assertEquals(supabase.channels.map(({ topic }) => topic), ["session:s2"]);
});

Deno.test("sign-out cancels a planned join", async () => {
  const { clock, supabase, tab } = await watching();
  supabase.channels[0]!.status("CLOSED");
  await tab.signOut();
  await settle();
  assertEquals(tab.machine.timers, 0);
  await clock.advance(60_000);
  assertEquals(supabase.channels, []);
});

Deno.test("a check that the project cannot answer is not repeated", async () => {
  const { clock, checks, server, supabase } = await watching();
  server.next = [() => new Response("<p>Not here", { status: 404 })];
  supabase.channels[0]!.system("ok");
  await clock.advance(60_000);
  assertEquals(checks(), 2);
});

Deno.test("stop() leaves the channel and ignores later events", async () => {
  const { clock, supabase, tab, stop } = await watching();
  stop();
  assertEquals(supabase.channels, []);
  const { length } = supabase.log;
  await tab.signIn(BOB);
  await clock.advance(60_000);
  assertEquals(supabase.log.length, length);
});

Deno.test("stop() during a change of user joins no channel", async () => {
  const { browser, supabase, tab, stop } = await watching();
  tab.onChange(({ type }) => {
    // As a React effect does when its component unmounts.
    if (type === "user_changed") stop();
  });
  await browser.tab().signIn(BOB);
  await settle();
  assertEquals(types(tab).at(-1), "user_changed");
  assertEquals(supabase.channels, []);
});

Deno.test("stop() leaves no timer behind", async () => {
  const { supabase, tab, stop } = await watching({ checkSeconds: 300 });
  // The client's own timer for the next refresh, and the next check.
  assertEquals(tab.machine.timers, 2);
  supabase.channels[0]!.status("CLOSED");
  await settle();
  assertEquals(tab.machine.timers, 3);
  stop();
  assertEquals([tab.machine.timers, tab.machine.listeners], [1, 3]);
});

Deno.test("a successful join resets the back-off", async () => {
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
