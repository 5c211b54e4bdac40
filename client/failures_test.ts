import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { isRevoked, isSessionError, SessionError } from "./errors.ts";
import { ADA, BOB, settle, types, URL_, world } from "./testing.ts";

const KEY = "latchkey.project.example";
const fail = () => {
  throw new DOMException("no", "QuotaExceededError");
};

for (const broken of ["removeItem", "setItem", "getItem"] as const) {
  for (const how of ["throws", "rejects"]) {
    Deno.test(`sign-out leaves no session where ${broken} ${how}`, async () => {
      const { browser } = world();
      const { storage } = browser.tab();
      const tab = browser.tab({
        storage: {
          ...storage,
          [broken]: how === "throws"
            ? fail
            : () => Promise.reject(new Error("no")),
        },
      });
      await tab.signIn(ADA);
      await tab.signOut();
      assertEquals(await tab.getAccessToken(), null);
      assertEquals(browser.stored, null);
    });
  }
}

Deno.test("a storage that becomes full does not end the session", async () => {
  const { browser, clock, server } = world();
  let isFull = false;
  const { storage } = browser.tab();
  const tab = browser.tab({
    storage: {
      ...storage,
      setItem: (key, value) => isFull ? fail() : storage.setItem(key, value),
    },
  });
  await tab.signIn(ADA);
  isFull = true;
  for (let i = 0; i < 3; i++) await clock.advance(820_000);
  assert(await tab.getAccessToken());
  assertEquals(server.sessions.get("s1")!.revoked, undefined);
  // No used refresh token is left for another tab.
  assertEquals(browser.stored, null);
});

Deno.test("with a full storage, another tab's sign-out still signs out", async () => {
  const { browser, clock, server } = world();
  let isFull = false;
  const other = browser.tab();
  const tab = browser.tab({
    storage: {
      ...other.storage,
      setItem: (key, value) =>
        isFull ? fail() : other.storage.setItem(key, value),
    },
  });
  await tab.signIn(ADA);
  isFull = true;
  server.next = [() => new Response(null, { status: 503 })];
  await tab.refresh().catch(() => {}); // Only its note finds no room.
  assert(await tab.getAccessToken());
  await other.signOut();
  assertEquals(await tab.getAccessToken(), null);
  await clock.advance(1);
});

for (
  const record of [
    "{",
    "null",
    "[]",
    '"x"',
    '{"access_token":"a"}',
    '{"version":9,"tokens":{}}',
    '{"revision":1,"ended":{},"access_token":"a"}',
  ]
) {
  Deno.test(`the stored record ${record} is not a session`, async () => {
    const { browser } = world();
    browser.items.set(KEY, record);
    const tab = browser.tab();
    assertEquals(await tab.getAccessToken(), null);
    await tab.signIn(ADA);
    assert(await tab.getAccessToken());
  });
}

for (
  const [name, value] of Object.entries({
    access_token: 1,
    refresh_token: null,
    session_id: "",
    expires_at: "soon",
    expires_in: -1,
    user: {},
    clock_offset: null,
  })
) {
  Deno.test(`a stored session with the ${name} ${JSON.stringify(value)} is not one`, async () => {
    const { browser } = world();
    await browser.tab().signIn(ADA);
    browser.items.set(
      KEY,
      JSON.stringify({ ...browser.stored, [name]: value }),
    );
    assertEquals(await browser.tab().getAccessToken(), null);
  });
}

for (const locks of ["Web Locks", "a lease"]) {
  Deno.test(`another tab repeats the refresh of a killed tab, with ${locks}`, async () => {
    const { browser, clock, server } = world();
    if (locks === "a lease") browser.locks = null;
    const [one, two] = [browser.tab(), browser.tab()];
    await one.signIn(ADA);
    server.delay = 1_000;
    void one.refresh(); // Not due for minutes.
    await clock.advance(100);
    assertEquals(server.sessions.get("s1")!.generation, 1);
    one.kill();
    await clock.advance(9_000);
    assertEquals(server.repeats, 1);
    assertEquals(types(two).at(-1), "token_refreshed");
  });
}

Deno.test("a reload repeats an interrupted refresh", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  server.delay = 1_000;
  void tab.refresh();
  await clock.advance(100);
  tab.kill();
  browser.tab();
  await clock.advance(2_000);
  assertEquals(server.repeats, 1);
  assertEquals(browser.stored.refresh_token, "s1.1");
});

Deno.test("a tab does not wait forever for a lock", async () => {
  const { browser, clock } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  void browser.locks!.of("frozen").request(
    `${KEY}.lock`,
    {},
    () => new Promise(() => {}),
  );
  const refreshed = tab.refresh();
  await clock.advance(5_001);
  assert(await refreshed);
});

Deno.test("a refresh continues after its lock was stolen", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  server.delay = 1_000;
  const refreshed = tab.refresh();
  await clock.advance(100);
  browser.locks!.steal(`${KEY}.lock`);
  await clock.advance(2_000);
  assertEquals((await refreshed)!.refresh_token, "s1.1");
  assertEquals(server.refreshes, 1);
});

Deno.test("twenty tabs try a server that is down one at a time", async () => {
  const { browser, clock, server } = world();
  const tabs = Array.from({ length: 20 }, () => browser.tab());
  await tabs[0]!.signIn(ADA);
  await settle();
  browser.random = () => 1;
  server.next = Array(500).fill(() => new Response(null, { status: 503 }));
  server.delay = 100;
  await clock.advance(818_000);
  assertEquals(server.refreshes, 4); // At 0, 1.1, 3.2 and 7.3 s.
});

for (const status of [500, 503]) {
  Deno.test(`after ${status} the token may be used up, so Retry-After is limited to the reuse interval`, async () => {
    const { browser, clock, server } = world();
    const tab = browser.tab();
    await tab.signIn(ADA);
    const headers = { "Retry-After": "99" };
    server.next = [() => new Response(null, { status, headers })];
    await clock.advance(816_001);
    assertEquals(server.refreshes, 2);
  });
}

Deno.test("back online, an attempt in doubt is repeated without the pause", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  const headers = { "Retry-After": "99" };
  server.next = [() => new Response(null, { status: 503, headers })];
  await clock.advance(810_001);
  assertEquals(server.refreshes, 1);
  browser.fire("online");
  await settle();
  assertEquals(server.refreshes, 2);
});

Deno.test("back online, an attempt in doubt is repeated before the token is due", async () => {
  const { browser, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  const headers = { "Retry-After": "99" };
  server.next = [() => new Response(null, { status: 503, headers })];
  await assertRejects(() => tab.refresh(), SessionError);
  browser.fire("online");
  await settle();
  assertEquals(server.refreshes, 2);
});

Deno.test("the pauses grow to 30 s and no longer", async () => {
  const { browser, clock, server } = world();
  browser.random = () => 1;
  const tab = browser.tab();
  await tab.signIn(ADA);
  // Not in doubt: a refused request did nothing.
  server.next = Array(50).fill(() => new Response(null, { status: 429 }));
  await clock.advance(810_000 + 31_000 + 1); // After 1, 2, 4, 8 and 16 s.
  assertEquals(server.refreshes, 6);
  await clock.advance(29_000);
  assertEquals(server.refreshes, 6);
  await clock.advance(1_000);
  assertEquals(server.refreshes, 7);
  await clock.advance(30_000);
  assertEquals(server.refreshes, 8);
});

for (const event of ["online", "visible"]) {
  Deno.test(`${event} does not end a pause that the server asked for`, async () => {
    const { browser, clock, server } = world();
    const tab = browser.tab();
    await tab.signIn(ADA);
    const headers = { "Retry-After": "99" };
    server.next = [() => new Response(null, { status: 429, headers })];
    await clock.advance(810_001);
    browser.fire(event);
    await clock.advance(98_000);
    assertEquals(server.refreshes, 1);
    await clock.advance(1_001);
    assertEquals(server.refreshes, 2);
  });
}

Deno.test("a tab that waited for the lock tries when there is no pause", async () => {
  const { browser, clock, server } = world();
  browser.random = () => 0; // Backs off for no time.
  const [one, two] = [browser.tab(), browser.tab()];
  await one.signIn(ADA);
  server.delay = 100;
  server.next = [() => new Response(null, { status: 503 })];
  const both = Promise.allSettled([one.refresh(), two.refresh()]);
  await clock.advance(1_000);
  assertEquals((await both).map(({ status }) => status), [
    "rejected",
    "fulfilled",
  ]);
});

Deno.test("Retry-After is limited to five minutes", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  const headers = { "Retry-After": "999999" };
  server.next = [() => new Response(null, { status: 429, headers })];
  await clock.advance(810_000 + 299_000);
  assertEquals(server.refreshes, 1);
  await clock.advance(1_001);
  assertEquals(server.refreshes, 2);
});

Deno.test("refresh fetches new tokens at once, once for all tabs", async () => {
  const { browser, clock, server } = world();
  const [one, two] = [browser.tab(), browser.tab()];
  assertEquals(await one.refresh(), null);
  const old = await one.signIn(ADA);
  server.delay = 100;
  const both = Promise.all([one.refresh(), one.refresh(), two.refresh()]);
  await clock.advance(1_000);
  const tokens = new Set((await both).map((session) => session!.access_token));
  assertEquals(tokens.size, 1);
  assert(!tokens.has(old.access_token));
  assertEquals(server.refreshes, 1);
  server.sessions.get("s1")!.revoked = "admin";
  const ended = one.refresh();
  await clock.advance(1_000);
  assertEquals(await ended, null);
  assertEquals(one.snapshot().reason, "admin");
});

Deno.test("offline, refresh sends no request", async () => {
  const { browser, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  browser.online = false;
  const error = await assertRejects(() => tab.refresh(), SessionError);
  assert(error.transient);
  assertEquals(server.refreshes, 0);
});

for (const scope of ["local", "global"] as const) {
  Deno.test(`${scope} sign-out removes the tokens before the request`, async () => {
    const { browser, clock, server } = world();
    const tab = browser.tab();
    await tab.signIn(ADA);
    server.delay = 60_000;
    const out = tab.signOut({ scope }).catch((error) => error);
    await settle();
    assertEquals(browser.stored, null);
    server.down = true;
    await clock.advance(60_000);
    assert(/^Signed out here/.test((await out).message));
  });
}

Deno.test("global sign-out works with an expired token", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  clock.now += 1_000_000;
  await tab.signOut({ scope: "global" });
  assertEquals(server.sessions.get("s1")!.revoked, "user");
});

Deno.test("the client adopts, lists and revokes sessions", async () => {
  const { browser, server } = world();
  const tab = browser.tab();
  const session = await tab.adopt("auth token", { deviceName: "Phone" });
  const login = server.requests.find(({ url }) => url.endsWith("/login"))!;
  assertEquals(login.headers.get("Authorization"), "Bearer auth token");
  const { device_id, ...body } = await login.json();
  assertEquals(body, { device_name: "Phone" });
  assertMatch(device_id, /^[0-9a-f]{32}$/);
  server.next = [() => Response.json({ sessions: [{ session_id: "s1" }] })];
  assertEquals((await tab.sessions())[0]!.session_id, "s1");
  await tab.revoke(session.session_id);
  assertEquals(types(tab).at(-1), "session_revoked");
  assertEquals(await tab.getAccessToken(), null);
});

Deno.test("the type guards distinguish errors", () => {
  const ended = new SessionError("token_revoked", "", { reason: "admin" });
  const other = new SessionError("user_banned", "");
  assert(isSessionError(ended) && isRevoked(ended));
  assert(isSessionError(other) && !isRevoked(other));
  for (const strange of [null, "x", new Error("token_revoked"), {}]) {
    assert(!isSessionError(strange) && !isRevoked(strange));
  }
});

Deno.test("invalid options are refused", () => {
  const { browser } = world();
  for (
    const [options, word] of [
      [{ url: "project" }, "url"],
      [{ url: "" }, "url"],
      [{ url: "file:///x" }, "url"],
      [{ key: "" }, "key"],
    ] as const
  ) assertThrows(() => browser.tab(options), SessionError, word);
  const secret = { key: "sb_secret_x" };
  browser.tab(secret); // A server may.
  Object.assign(globalThis, { document: new EventTarget() });
  try {
    const error = assertThrows(() => browser.tab(secret), SessionError);
    assert(!error.message.includes("sb_secret_x"));
  } finally {
    Reflect.deleteProperty(globalThis, "document");
  }
});

Deno.test("fetch returns a 401 that says nothing about the session", async () => {
  const { browser, server } = world();
  const tab = browser.tab();
  const refuse = () =>
    Response.json({ code: "token_expired" }, { status: 401 });
  server.next = [refuse];
  // There is nothing to refresh while signed out.
  assertEquals((await tab.fetch(`${URL_}/rest/v1/x`)).status, 401);
  assertEquals(server.refreshes, 0);
  await tab.signIn(ADA);
  server.next = [() => new Response("no", { status: 401 })];
  assertEquals((await tab.fetch(`${URL_}/rest/v1/x`)).status, 401);
  assertEquals(server.refreshes, 0);
  assert(await tab.getAccessToken());
});

Deno.test("a listener that rejects or removes itself does not affect the others", async () => {
  const { browser } = world();
  const tab = browser.tab();
  const { error } = console;
  let told = 0;
  console.error = () => void told++;
  try {
    tab.onChange(() => Promise.reject(new Error("bug")) as unknown as void);
    let once = 0, heard = 0;
    const stop = tab.onChange(() => {
      once++;
      stop();
    });
    tab.onChange(() => void heard++);
    await tab.signIn(ADA); // Tells signed_out, then signed_in.
    await settle();
    assertEquals([once, heard, told], [1, 2, 2]);
  } finally {
    console.error = error;
  }
});

Deno.test("close leaves no timer and no listener", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  await settle();
  assert(tab.machine.timers > 0 && tab.machine.listeners > 0);
  tab.close();
  await settle();
  assertEquals([tab.machine.timers, tab.machine.listeners], [0, 0]);
  await clock.advance(3_600_000);
  assertEquals(server.refreshes, 0);
});

Deno.test("a clock that is set back delays no refresh", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  await settle();
  browser.ahead = -3_600_000;
  browser.fire("visible");
  await clock.advance(811_000);
  assertEquals(server.refreshes, 1);
});

Deno.test("an answer with a negative lifetime is not accepted", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  server.life = -1;
  await clock.advance(815_000);
  assertEquals(server.refreshes, 4); // At 0, 0.5, 1.5 and 3.5 s.
  assert(await tab.getAccessToken());
});

Deno.test("an error does not quote the answer", async () => {
  const { browser, server } = world();
  server.next = [() => new Response('{"refresh_token":lkr_secret}')];
  const error = await assertRejects(
    () => browser.tab().signIn(ADA),
    SessionError,
  );
  assert(!Deno.inspect(error).includes("lkr_"));
});

Deno.test("with an asynchronous storage no tab overwrites another's change", async () => {
  for (let after = 0; after < 250; after += 5) {
    for (const act of ["signOut", "signIn"] as const) {
      const { browser, clock, server } = world();
      browser.storageDelay = 10;
      const [one, two] = [browser.tab(), browser.tab()];
      const signIn = one.signIn(ADA);
      await clock.advance(1_000);
      await signIn;
      server.delay = 100;
      const refresh = one.refresh();
      await clock.advance(after);
      const acted = act === "signOut" ? two.signOut() : two.signIn(BOB);
      await clock.advance(5_000);
      await Promise.all([refresh, acted]);
      assertEquals(
        browser.stored?.user.id,
        act === "signOut" ? undefined : "bob",
      );
    }
  }
});

Deno.test("with an asynchronous storage and no locks, a late refresh does not undo a sign-out", async () => {
  for (let after = 0; after < 250; after += 5) {
    const { browser, clock, server } = world();
    browser.storageDelay = 10;
    browser.locks = null;
    const tab = browser.tab();
    const signIn = tab.signIn(ADA);
    await clock.advance(1_000);
    await signIn;
    server.delay = 100;
    const refresh = tab.refresh();
    await clock.advance(after);
    const signOut = tab.signOut();
    await clock.advance(10_000);
    await Promise.all([refresh, signOut]);
    assertEquals(browser.stored, null, `after ${after} ms`);
  }
});

Deno.test("revoke() of the own session resolves once it has ended here", async () => {
  const { browser, clock } = world();
  browser.storageDelay = 10;
  const tab = browser.tab();
  const signIn = tab.signIn(ADA);
  await clock.advance(1_000);
  const { session_id } = await signIn;
  let status: string | undefined;
  const revoked = tab.revoke(session_id).then(() => {
    status = tab.snapshot().status;
  });
  await clock.advance(1_000);
  await revoked;
  assertEquals(status, "signed_out");
});
