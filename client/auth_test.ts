import { assert, assertEquals, assertRejects } from "@std/assert";
import { SessionError } from "./errors.ts";
import { ADA, settle, types, world } from "./testing.ts";

const KEY = "latchkey.project.example.auth";

/** An access token of Supabase Auth, as far as it is read here. */
function tokenOf(session_id: string): string {
  const payload = btoa(JSON.stringify({ session_id, name: ">>>???" }));
  return `e30.${payload.replaceAll("+", "-").replaceAll("/", "_")}.x`;
}

Deno.test("auth storage returns the session with a fresh token, and no refresh token", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab();
  const { storage, storageKey } = tab.authOptions();
  assertEquals(storageKey, KEY);
  assertEquals(await storage.getItem(KEY), null);
  await tab.signIn(ADA);
  await settle();
  clock.now += 850_000;
  const read = JSON.parse((await storage.getItem(KEY))!);
  assertEquals(server.refreshes, 1);
  assertEquals(read.access_token, await tab.getAccessToken());
  assertEquals([read.refresh_token, read.user.id], ["", "ada"]);
});

for (const hours of [-5, 5]) {
  Deno.test(`auth storage returns no session that auth-js would refresh, with a clock ${hours} h off`, async () => {
    const { browser, clock, server } = world();
    browser.ahead = hours * 3_600_000;
    server.life = 60;
    const tab = browser.tab();
    const { storage } = tab.authOptions();
    await tab.signIn(ADA);
    const { expires_at } = JSON.parse((await storage.getItem(KEY))!);
    const deviceSeconds = (clock.now + browser.ahead) / 1000;
    assert(expires_at - deviceSeconds > 90);
  });
}

Deno.test("auth storage returns the session while the server cannot be reached", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab();
  const { storage } = tab.authOptions();
  const { access_token } = await tab.signIn(ADA);
  await settle();
  clock.now += 1_000_000;
  server.down = true;
  const read = JSON.parse((await storage.getItem(KEY))!);
  assertEquals(read.access_token, access_token);
});

Deno.test("a session that auth-js stores is adopted, with the device's name", async () => {
  const { browser, server } = world();
  const tab = browser.tab();
  const { storage } = tab.authOptions({ deviceName: "Phone" });
  const access_token = tokenOf("auth");
  await storage.setItem(
    KEY,
    JSON.stringify({ access_token, refresh_token: "r" }),
  );
  const [login] = server.requests;
  assertEquals(login!.headers.get("Authorization"), `Bearer ${access_token}`);
  assertEquals((await login!.json()).device_name, "Phone");
  assertEquals(types(tab).at(-1), "signed_in");

  server.next = [() => Response.json({ code: "forbidden" }, { status: 403 })];
  await assertRejects(
    () =>
      storage.setItem(
        KEY,
        JSON.stringify({ access_token: tokenOf("other"), refresh_token: "r" }),
      ),
    SessionError,
  );
});

Deno.test("after a second factor the session is refreshed and not adopted again", async () => {
  const { browser, server } = world();
  const tab = browser.tab();
  const { storage } = tab.authOptions();
  await tab.signIn(ADA);
  const verified = JSON.stringify({
    access_token: tokenOf("s1"),
    refresh_token: "r",
  });
  await storage.setItem(KEY, verified);
  assertEquals([server.refreshes, server.sessions.size], [1, 1]);
  // The app must know that its tokens do not carry `aal2` yet.
  server.down = true;
  await assertRejects(() => storage.setItem(KEY, verified), SessionError);
});

Deno.test("after a change of the user the session is refreshed, if it can be", async () => {
  const { browser, server } = world();
  const tab = browser.tab();
  const { storage } = tab.authOptions();
  await tab.signIn(ADA);
  const changed = JSON.stringify({
    access_token: tokenOf("s1"),
    refresh_token: "",
  });
  await storage.setItem(KEY, changed);
  assertEquals(server.refreshes, 1);
  server.down = true;
  await storage.setItem(KEY, changed);
  assertEquals(tab.snapshot().status, "signed_in");
});

Deno.test("auth storage keeps PKCE verifiers, and signs out when auth-js removes the session", async () => {
  const { browser, server } = world();
  const tab = browser.tab();
  const { storage } = tab.authOptions();
  await tab.signIn(ADA);
  const verifier = `${KEY}-code-verifier`;
  await storage.setItem(verifier, '"secret"');
  // A redirect loads a new page.
  const next = browser.tab().authOptions().storage;
  assertEquals(await next.getItem(verifier), '"secret"');
  await next.removeItem(verifier);
  assertEquals(await storage.getItem(verifier), null);
  assertEquals(tab.snapshot().status, "signed_in");

  server.down = true;
  await storage.removeItem(KEY);
  assertEquals(tab.snapshot().status, "signed_out");
});

Deno.test("if auth-js removes a session that was ended elsewhere, the app learns the reason", async () => {
  const { browser, server } = world();
  const tab = browser.tab();
  const { storage } = tab.authOptions();
  await tab.signIn(ADA);
  server.sessions.get("s1")!.revoked = "admin";
  await storage.removeItem(KEY);
  const { status, reason } = tab.snapshot();
  assertEquals([status, reason], ["signed_out", "admin"]);
  assertEquals(types(tab).at(-1), "session_revoked");
});
