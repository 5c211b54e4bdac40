import { assert, assertEquals, assertRejects } from "@std/assert";
import { createSessionClient } from "./client.ts";
import { isRevoked, SessionError } from "./errors.ts";
import { ADA, BOB, settle, types, URL_, world } from "./testing.ts";

const MINUTE = 60_000;

Deno.test("signIn stores one record, and getAccessToken returns its token", async () => {
  const { browser } = world();
  const tab = browser.tab();
  const session = await tab.signIn(ADA);
  assertEquals(await tab.getAccessToken(), session.access_token);
  assertEquals([...browser.items.keys()].sort(), [
    "latchkey.project.example",
    "latchkey.project.example.device",
  ]);
  assertEquals(browser.stored.session_id, session.session_id);
  assertEquals(types(tab), ["signed_out", "signed_in"]);
});

Deno.test("functionPrefix names the functions of a project that has others", async () => {
  const requests: string[] = [];
  const tab = createSessionClient({
    url: URL_,
    key: "sb_publishable_x",
    functionPrefix: "latchkey-",
    storage: undefined,
    fetch: (input) => {
      requests.push(new Request(input).url);
      return Promise.resolve(Response.json({}, { status: 500 }));
    },
  });
  await assertRejects(() => tab.signIn({ email: "ada", password: "x" }));
  assertEquals(requests, [`${URL_}/functions/v1/latchkey-login`]);
});

Deno.test("a reload keeps the session", async () => {
  const { browser } = world();
  const before = browser.tab();
  const session = await before.signIn(ADA);
  before.close();
  const tab = browser.tab();
  assertEquals(await tab.getSession(), session);
  assertEquals(types(tab), ["signed_in"]);
});

Deno.test("a page that is opened offline knows its session", async () => {
  const { browser } = world();
  await browser.tab().signIn(ADA);
  browser.online = false;
  const tab = browser.tab();
  await settle();
  assertEquals(types(tab), ["signed_in"]);
});

Deno.test("the client refreshes 90 s before expiry", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  await clock.advance(810_000 - 1);
  assertEquals(server.refreshes, 0);
  await clock.advance(2);
  assertEquals(server.refreshes, 1);
  assertEquals(types(tab).at(-1), "token_refreshed");
});

Deno.test("the client refreshes a short-lived token at half its lifetime", async () => {
  const { browser, clock, server } = world();
  server.life = 100;
  await browser.tab().signIn(ADA);
  await clock.advance(49_000);
  assertEquals(server.refreshes, 0);
  await clock.advance(2_000);
  assertEquals(server.refreshes, 1);
});

for (const ahead of [-5 * 3_600_000, 5 * 3_600_000]) {
  Deno.test(`the client uses the server's time, with a clock ${ahead} ms off`, async () => {
    const { browser, clock, server } = world();
    server.ahead = ahead;
    const tab = browser.tab();
    await tab.signIn(ADA);
    await clock.advance(800_000);
    assertEquals(server.refreshes, 0);
    await clock.advance(11_000);
    assertEquals(server.refreshes, 1);
  });
}

Deno.test("after hours of sleep the client refreshes before the first request", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  await settle();
  clock.now += 5 * 3_600_000; // Timers stood still.
  const response = await tab.fetch(`${URL_}/rest/v1/notes`);
  assertEquals(response.status, 200);
  assertEquals(
    server.requests.map(({ url }) => new URL(url).pathname).slice(1),
    ["/functions/v1/refresh", "/rest/v1/notes"],
  );
});

for (const locks of ["Web Locks", "a lease"]) {
  Deno.test(`fifty tabs make one refresh, with ${locks}`, async () => {
    const { browser, clock, server } = world();
    if (locks === "a lease") browser.locks = null;
    const tabs = Array.from({ length: 50 }, () => browser.tab());
    await tabs[0]!.signIn(ADA);
    await settle();
    clock.now += 850_000;
    server.delay = 200;
    const asked = Promise.all(tabs.map((tab) => tab.getAccessToken()));
    await clock.advance(9_000);
    assertEquals(new Set(await asked).size, 1);
    assertEquals(server.refreshes, 1);
  });
}

Deno.test("a tab closed during a refresh does not block the others", async () => {
  const { browser, clock, server } = world();
  browser.locks = null;
  const tab = browser.tab();
  await tab.signIn(ADA);
  browser.items.set(
    "latchkey.project.example.lock",
    JSON.stringify({ owner: "gone", until: clock.now + 815_000 }),
  );
  await clock.advance(812_000);
  assertEquals(server.refreshes, 0);
  await clock.advance(9_000);
  assertEquals(server.refreshes, 1);
});

Deno.test("a refresh that ends after the sign-out is discarded", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  await settle();
  server.delay = 1_000;
  await clock.advance(810_500);
  const out = tab.signOut();
  await clock.advance(5_000);
  await out;
  assertEquals(server.refreshes, 1);
  assertEquals(browser.stored, null);
  assertEquals(await tab.getAccessToken(), null);
});

Deno.test("a sign-in that ends after a sign-out is discarded", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab();
  server.delay = 1_000;
  const signIn = assertRejects(() => tab.signIn(ADA), SessionError, "later");
  await tab.signOut();
  await clock.advance(3_000);
  await signIn;
  assertEquals(browser.stored, null);
  assert(server.sessions.get("s1")!.revoked);
});

Deno.test("another user in another tab switches all tabs", async () => {
  const { browser, clock } = world();
  const [one, two] = [browser.tab(), browser.tab()];
  await one.signIn(ADA);
  await settle();
  assertEquals((await two.getSession())?.user.id, "ada");
  await two.signIn(BOB);
  await settle();
  assertEquals(types(one).at(-1), "user_changed");
  assertEquals(await one.getAccessToken(), await two.getAccessToken());
  await one.signOut();
  await clock.advance(1);
  assertEquals(types(two).at(-1), "signed_out");
});

for (
  const [code, reason] of [
    ["refresh_token_reused", "reuse"],
    ["session_expired", "expired"],
    ["invalid_refresh_token", "invalid_refresh_token"],
    ["token_revoked", "admin"],
  ] as const
) {
  Deno.test(`${code} ends the session in every tab and gives the reason`, async () => {
    const { browser, clock, server } = world();
    const [one, two] = [browser.tab(), browser.tab()];
    await one.signIn(ADA);
    server.next = [() => Response.json({ code, reason }, { status: 400 })];
    await clock.advance(811_000);
    for (const tab of [one, two]) {
      assertEquals(tab.events.at(-1), {
        type: "session_revoked",
        reason,
        session_id: "s1",
      });
      assertEquals(tab.snapshot().reason, reason);
    }
    assertEquals(await two.getAccessToken(), null);
    assert(!JSON.stringify(browser.stored).includes("s1."));
  });
}

Deno.test("failures keep the session, and the client recovers within 30 s", async () => {
  const { browser, clock, server } = world();
  browser.random = () => 1;
  const tab = browser.tab();
  await tab.signIn(ADA);
  server.next = Array(100).fill(() => new Response("<html>", { status: 502 }));
  await clock.advance(810_000 + 7_500);
  assertEquals(server.refreshes, 4); // At 0, 1, 3 and 7 s.
  assert(await tab.getAccessToken()); // Still good.
  await clock.advance(3 * MINUTE);
  const error = await assertRejects(() => tab.getAccessToken(), SessionError);
  assert(error.transient && !isRevoked(error));
  server.next = [];
  await clock.advance(30_000);
  assert(await tab.getAccessToken());
  assert(!types(tab).slice(1).includes("signed_out"));
});

Deno.test("the client waits as long as Retry-After says", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  server.next = [
    () => Response.json({}, { status: 429, headers: { "Retry-After": "20" } }),
  ];
  await clock.advance(829_000);
  assertEquals(server.refreshes, 1);
  await clock.advance(2_000);
  assertEquals(server.refreshes, 2);
});

Deno.test("an unknown 403 or page does not sign the user out", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  server.next = [
    () => new Response("no", { status: 403 }),
    () => new Response("<html>Accept the terms"),
    () => Response.json({ access_token: "x" }),
  ];
  await clock.advance(820_000);
  assertEquals(server.refreshes, 4);
  assertEquals(types(tab).at(-1), "token_refreshed");
});

Deno.test("a refresh without an answer is repeated within the reuse interval", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  server.delay = 60_000;
  await clock.advance(811_000);
  server.delay = 0;
  await clock.advance(6_000);
  assertEquals(server.sessions.get("s1")!.generation, 1);
  assertEquals(types(tab).at(-1), "token_refreshed");
});

Deno.test("offline, the client waits for the network", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  browser.online = false;
  server.down = true;
  const before = server.requests.length;
  await clock.advance(3_600_000);
  assertEquals(server.requests.length, before);
  browser.online = true;
  server.down = false;
  browser.fire("online");
  await clock.advance(1);
  assertEquals(types(tab).at(-1), "token_refreshed");
});

Deno.test("fetch repeats a request with its body once after token_expired", async () => {
  const bodies: [string, () => BodyInit][] = [
    ["text", () => "hello"],
    ["a stream", () => new Blob(["hello"]).stream()],
  ];
  for (const [, body] of bodies) {
    const { browser, server } = world();
    const tab = browser.tab();
    await tab.signIn(ADA);
    server.next = [
      () => Response.json({ code: "token_expired" }, { status: 401 }),
    ];
    const response = await tab.fetch(`${URL_}/rest/v1/x`, {
      method: "POST",
      body: body(),
    });
    assertEquals((await response.json()).body, "hello");
    assertEquals(server.refreshes, 1);
  }
});

Deno.test("fetch repeats a Request with its headers", async () => {
  const { browser, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  server.next = [
    () =>
      Response.json({ code: "PGRST303", message: "JWT expired" }, {
        status: 401,
      }),
  ];
  const response = await tab.fetch(
    new Request(`${URL_}/rest/v1/x`, {
      method: "POST",
      body: "hello",
      headers: { "X-Own": "1" },
    }),
  );
  assertEquals((await response.json()).body, "hello");
  assertEquals(server.requests.at(-1)!.headers.get("X-Own"), "1");
});

Deno.test("fetch repeats a stream", async () => {
  const { browser, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  server.next = [
    () => Response.json({ code: "token_expired" }, { status: 401 }),
  ];
  const response = await tab.fetch(`${URL_}/rest/v1/x`, {
    method: "POST",
    body: new Blob(["hello"]).stream(),
  });
  assertEquals((await response.json()).body, "hello");
});

Deno.test("fetch repeats a request only once", async () => {
  const { browser, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  const expired = () =>
    Response.json({ code: "token_expired" }, { status: 401 });
  const fresh = () => server.answer(server.sessions.get("s1")!);
  server.next = [expired, fresh, expired, expired];
  assertEquals((await tab.fetch(`${URL_}/rest/v1/x`)).status, 401);
  assertEquals(server.next.length, 1);
});

Deno.test("fetch repeats no request as another user", async () => {
  const { browser, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  server.next = [async () => {
    await browser.tab().signIn(BOB);
    return Response.json({ code: "token_expired" }, { status: 401 });
  }];
  assertEquals((await tab.fetch(`${URL_}/rest/v1/x`)).status, 401);
});

Deno.test("fetch notices a revocation", async () => {
  const { browser, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  server.sessions.get("s1")!.revoked = "banned";
  await tab.fetch(`${URL_}/rest/v1/x`);
  assertEquals(tab.snapshot().reason, "banned");
  assertEquals(await tab.getAccessToken(), null);
});

Deno.test("fetch sends the token to the project and trusted origins only", async () => {
  const { browser, server } = world();
  const tab = browser.tab({ trustedOrigins: ["https://api.example"] });
  await tab.signIn(ADA);
  for (
    const [url, sent] of [
      ["https://evil.example/x", false],
      [`${URL_}.evil.example/x`, false],
      ["https://api.example/x", true],
    ] as const
  ) {
    await tab.fetch(url);
    assertEquals(server.requests.at(-1)!.headers.has("Authorization"), sent);
  }
});

for (const broken of ["setItem", "getItem"] as const) {
  Deno.test(`signIn works where ${broken} fails`, async () => {
    const { browser, clock } = world();
    const { storage } = browser.tab();
    const fail = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    const tab = browser.tab({ storage: { ...storage, [broken]: fail } });
    await tab.signIn(ADA);
    assert(await tab.getAccessToken());
    await clock.advance(811_000);
    assertEquals(types(tab).at(-1), "token_refreshed");
  });
}

Deno.test("the client works with an asynchronous storage", async () => {
  const { browser, clock } = world();
  const items = new Map<string, string>();
  const tab = browser.tab({
    storage: {
      getItem: (key) => settle(1).then(() => items.get(key) ?? null),
      setItem: (key, value) => settle(1).then(() => items.set(key, value)),
      removeItem: (key) => settle(1).then(() => items.delete(key)),
    },
  });
  await tab.signIn(ADA);
  await settle(20);
  clock.now += 811_000;
  assert(await tab.getAccessToken());
  await tab.signOut();
  assertEquals([...items.keys()], ["latchkey.project.example.device"]);
});

Deno.test("a listener that throws does not affect the others", async () => {
  const { browser } = world();
  const tab = browser.tab();
  const error = console.error;
  console.error = () => {};
  try {
    tab.onChange(() => {
      throw new Error("bug");
    });
    let heard = 0;
    tab.onChange(() => void heard++);
    await tab.signIn(ADA);
    await settle();
    assertEquals(heard, 2);
  } finally {
    console.error = error;
  }
});

Deno.test("one session, all others, and all sessions can be ended", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab();
  await new (browser.constructor as typeof import("./testing.ts").Browser)(
    clock,
    server,
  ).tab().signIn(ADA);
  await tab.signIn(ADA);
  assertEquals(await tab.revoke("s1"), 1);
  await tab.signOut({ scope: "others" });
  assert(await tab.getAccessToken());
  await tab.signOut({ scope: "global" });
  assertEquals(server.sessions.get("s2")!.revoked, "user");
  assertEquals(browser.stored, null);
});

Deno.test("signOut offline removes the tokens and says that the server does not know", async () => {
  const { browser, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  server.down = true;
  await assertRejects(() => tab.signOut(), SessionError);
  assertEquals(browser.stored, null);
});

Deno.test("refresh within one second of the sign-in makes one request", async () => {
  const { browser, server } = world();
  server.isDeterministic = true;
  const tab = browser.tab();
  const { access_token } = await tab.signIn(ADA);
  const session = await tab.refresh();
  assertEquals(session!.access_token, access_token);
  assertEquals(server.refreshes, 1);
  assertEquals(types(tab).at(-1), "token_refreshed");
});

Deno.test("signIn sends only the fields that the server knows", async () => {
  const { browser, server } = world();
  const account = { ...ADA, name: "Ada" };
  await browser.tab().signIn(account);
  assertEquals(Object.keys(await server.requests[0]!.json()).sort(), [
    "device_id",
    "email",
    "password",
  ]);
});

Deno.test("fetch reads the reason from an error of the Data API", async () => {
  const { browser, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  const body = { code: "token_revoked", details: "banned", message: "Over." };
  server.next = [() => Response.json(body, { status: 401 })];
  await tab.fetch(`${URL_}/rest/v1/notes`);
  assertEquals(tab.snapshot().reason, "banned");
});

Deno.test("a last token that has expired on arrival is refreshed once a second", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  server.life = 0;
  server.delay = 10;
  const refresh = tab.refresh();
  await clock.advance(100);
  await refresh;
  assertEquals(server.refreshes, 1);
  await clock.advance(3_000);
  assertEquals(server.refreshes, 4);
});

Deno.test("signIn by phone sends the captcha token and the device's name", async () => {
  const { browser, server } = world();
  await browser.tab().signIn({
    phone: "+15550100",
    password: "x",
    deviceName: "Phone",
    captchaToken: "solved",
  });
  const { device_id: _id, ...body } = await server.requests[0]!.json();
  assertEquals(body, {
    phone: "+15550100",
    password: "x",
    device_name: "Phone",
    captcha_token: "solved",
  });
});

Deno.test("a refresh answer for another session is discarded", async () => {
  const { browser, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  await browser.tab({ storageKey: "other" }).signIn(BOB);
  server.next = [() => server.answer(server.sessions.get("s2")!)];
  await assertRejects(() => tab.refresh(), SessionError);
  assertEquals((await tab.getSession())!.user.id, "ada");
});

Deno.test("a page that becomes visible refreshes", async () => {
  const { browser, clock, server } = world();
  await browser.tab().signIn(ADA);
  await settle();
  browser.sleep(5 * 3_600_000);
  browser.fire("visible");
  await clock.advance(1);
  assertEquals(server.refreshes, 1);
});

Deno.test("a sign-out request outlives its page", async () => {
  const { browser, server } = world();
  for (const scope of ["local", "global"] as const) {
    let last: RequestInit | undefined;
    const tab = browser.tab({
      fetch: (input, init) => server.fetch(input, last = init),
    });
    await tab.signIn(ADA);
    await tab.signOut({ scope });
    assertEquals(last!.keepalive, true);
  }
});

for (
  const [name, refusal] of Object.entries({
    PGRST301: () =>
      Response.json({ code: "PGRST301", message: "JWT expired" }, {
        status: 401,
      }),
    "the header alone": () =>
      new Response(null, {
        status: 401,
        headers: {
          "WWW-Authenticate":
            'Bearer error="invalid_token", error_description="JWT expired"',
        },
      }),
  })
) {
  Deno.test(`fetch recognises an expired token by ${name}`, async () => {
    const { browser, server } = world();
    const tab = browser.tab();
    await tab.signIn(ADA);
    server.next = [refusal];
    assertEquals((await tab.fetch(`${URL_}/rest/v1/x`)).status, 200);
    assertEquals(server.refreshes, 1);
  });
}

Deno.test("fetch keeps the app's own key and token", async () => {
  const { browser, server } = world();
  const tab = browser.tab();
  await tab.signIn(ADA);
  const header = (name: string) => server.requests.at(-1)!.headers.get(name);
  await tab.fetch(`${URL_}/rest/v1/x`);
  assertEquals(header("apikey"), "sb_publishable_test");
  await tab.fetch(`${URL_}/rest/v1/x`, { headers: { apikey: "own" } });
  assertEquals(header("apikey"), "own");
  const own = await tab.getAccessToken() + "0";
  await tab.fetch(`${URL_}/rest/v1/x`, { headers: { Authorization: own } });
  assertEquals(header("Authorization"), own);
});

Deno.test("a new sign-in ends the session that it replaces", async () => {
  const { browser, server } = world();
  const tab = browser.tab();
  const old = await tab.signIn(ADA);
  const bob = await tab.signIn(BOB);
  await settle();
  assertEquals(server.sessions.get(old.session_id)!.revoked, "signed_out");
  assert(!server.sessions.get(bob.session_id)!.revoked);
  // A second adoption of the same session keeps it.
  server.next = [() => server.answer(server.sessions.get(bob.session_id)!)];
  await tab.adopt("an access token of Auth's");
  await settle();
  assert(!server.sessions.get(bob.session_id)!.revoked);
  assertEquals((await tab.refresh())!.session_id, bob.session_id);
});

Deno.test("a second adoption during a refresh loses no tokens", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab();
  const { session_id } = await tab.signIn(ADA);
  await settle();
  const again = () => server.answer(server.sessions.get(session_id)!);
  // The answers cross where a page adopts on every event of Supabase Auth.
  server.delay = 1_500;
  await clock.advance(809_500);
  server.next = [again];
  const adopted = tab.adopt("an access token of Auth's");
  await clock.advance(5_000);
  await adopted;
  server.delay = 0;
  await clock.advance(20 * 60_000);
  assertEquals(server.sessions.get(session_id)!.revoked, undefined);
  assert(await tab.getAccessToken());
});

Deno.test("an adoption that ends after a sign-out ends its session; after another adoption it does not", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab();
  server.delay = 1_000;
  const first = assertRejects(() => tab.adopt("a"), SessionError, "later");
  await settle();
  await tab.signOut();
  await clock.advance(3_000);
  await first;
  assertEquals(browser.stored, null);
  assertEquals(server.sessions.get("s1")!.revoked, "signed_out");

  const twice = assertRejects(() => tab.adopt("b"), SessionError, "later");
  await settle();
  server.next = [() => server.answer(server.sessions.get("s2")!)];
  const adopted = tab.adopt("b");
  await clock.advance(3_000);
  await twice;
  assertEquals((await adopted).session_id, "s2");
  assert(!server.sessions.get("s2")!.revoked);
});
