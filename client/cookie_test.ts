import { assert, assertEquals, assertRejects } from "@std/assert";
import { SessionError } from "./errors.ts";
import { ADA, BOB, settle, types, URL_, world } from "./testing.ts";

const MODE = { mode: "cookie" } as const;

Deno.test("in cookie mode the client neither stores nor sends a refresh token", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab(MODE);
  await tab.signIn(ADA);
  await clock.advance(811_000);
  assertEquals(server.refreshes, 1);
  assertEquals(types(tab).at(-1), "token_refreshed");
  assertEquals((await tab.getSession())!.refresh_token, "");
  assert(!JSON.stringify([...browser.items]).includes(server.cookie));
  await tab.signOut();
  assertEquals(server.sessions.get("s1")!.revoked, "signed_out");
  for (const request of server.requests) {
    assert(!(await request.text()).includes("s1."));
    assertEquals(request.headers.get("Latchkey-Mode"), "cookie");
    assertEquals(request.credentials, "include");
  }
});

Deno.test("in cookie mode the app's own requests carry no cookie", async () => {
  const { browser, server } = world();
  const tab = browser.tab(MODE);
  await tab.signIn(ADA);
  await tab.fetch(`${URL_}/rest/v1/notes`);
  const request = server.requests.at(-1)!;
  assertEquals(request.headers.get("Latchkey-Mode"), null);
  assertEquals(request.credentials, "same-origin");
});

Deno.test("in cookie mode fifty tabs make one refresh", async () => {
  const { browser, clock, server } = world();
  const tabs = Array.from({ length: 50 }, () => browser.tab(MODE));
  await tabs[0]!.signIn(ADA);
  await settle();
  clock.now += 850_000;
  server.delay = 200;
  const asked = Promise.all(tabs.map((tab) => tab.getAccessToken()));
  await clock.advance(9_000);
  assertEquals(new Set(await asked).size, 1);
  assertEquals(server.refreshes, 1);
});

Deno.test("in cookie mode a refresh in flight does not replace a new sign-in's cookie", async () => {
  const { browser, clock, server } = world();
  const [one, two] = [browser.tab(MODE), browser.tab(MODE)];
  await one.signIn(ADA);
  await settle();
  server.delay = 2_000;
  const refresh = one.refresh().catch(() => null);
  await clock.advance(100);
  server.delay = 100;
  const signIn = two.signIn(BOB);
  await clock.advance(5_000);
  await refresh;
  const session = await signIn;
  assertEquals(server.cookie.split(".")[0], session.session_id);
  server.delay = 0;
  assertEquals((await one.refresh())!.user.id, "bob");
});

Deno.test("in cookie mode a superseded sign-in ends only its own session", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab(MODE);
  server.delay = 1_000;
  const first = assertRejects(() => tab.signIn(ADA), SessionError, "later");
  const second = tab.signIn(BOB);
  await clock.advance(5_000);
  await first;
  assertEquals((await second).user.id, "bob");
  assert(server.sessions.get("s1")!.revoked);
  assert(!server.sessions.get("s2")!.revoked);
  assertEquals((await tab.getSession())?.user.id, "bob");
});

Deno.test("in cookie mode a sign-out ends its session after a new sign-in replaced its cookie", async () => {
  const { browser, clock, server } = world();
  const [one, two] = [browser.tab(MODE), browser.tab(MODE)];
  const ada = await one.signIn(ADA);
  await settle();
  server.delay = 1_000;
  const signIn = two.signIn(BOB);
  await clock.advance(100);
  const signOut = one.signOut();
  await clock.advance(5_000);
  const bob = await signIn;
  await signOut;
  assertEquals(server.cookie.split(".")[0], bob.session_id);
  assert(server.sessions.get(ada.session_id)!.revoked);
  assert(!server.sessions.get(bob.session_id)!.revoked);
});

Deno.test("in cookie mode a lost cookie ends the session", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab(MODE);
  await tab.signIn(ADA);
  server.cookie = "";
  await clock.advance(811_000);
  assertEquals(types(tab).at(-1), "session_revoked");
});

Deno.test("in cookie mode a sign-out does not end a sign-in in flight", async () => {
  const { browser, clock, server } = world();
  const [one, two] = [browser.tab(MODE), browser.tab(MODE)];
  await one.signIn(ADA);
  await settle();
  server.delay = 500;
  const signIn = two.signIn(BOB);
  await clock.advance(100);
  const out = one.signOut();
  await clock.advance(5_000);
  await Promise.all([signIn, out]);
  assertEquals(server.sessions.get("s1")!.revoked, "signed_out");
  assert(!server.sessions.get("s2")!.revoked);
});

Deno.test("in cookie mode a sign-out works with an expired token and for an ended session", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab(MODE);
  await tab.signIn(ADA);
  clock.now += 1_000_000;
  await tab.signOut();
  assertEquals(server.sessions.get("s1")!.revoked, "signed_out");
  for (const passed of [0, 1_000_000]) {
    const { session_id } = await tab.signIn(ADA);
    server.sessions.get(session_id)!.revoked = "admin";
    clock.now += passed;
    await tab.signOut();
  }
});

Deno.test("in cookie mode a sign-out that fails is sent only once", async () => {
  const { browser, server } = world();
  const tab = browser.tab(MODE);
  await tab.signIn(ADA);
  server.next = [() => new Response(null, { status: 503 })];
  await assertRejects(() => tab.signOut(), SessionError);
  const sent = server.requests.filter(({ url }) => url.endsWith("/revoke"));
  assertEquals(sent.length, 1);
});

Deno.test("in cookie mode a new sign-in ends the session that it replaces", async () => {
  const { browser, server } = world();
  const tab = browser.tab(MODE);
  const old = await tab.signIn(ADA);
  const bob = await tab.signIn(BOB);
  await settle();
  assert(server.sessions.get(old.session_id)!.revoked);
  assert(!server.sessions.get(bob.session_id)!.revoked);
  assertEquals(server.cookie.split(".")[0], bob.session_id);
});
