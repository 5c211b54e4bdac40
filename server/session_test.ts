import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { exportJWK, generateKeyPair } from "jose";
import { SessionError } from "../client/errors.ts";
import { browserClaims } from "./browser_claims.ts";
import { createServerSession } from "./mod.ts";
import {
  APP,
  Browser,
  OWN_PAGE,
  Project,
  sessionOf,
  unsigned,
} from "./testing.ts";

const NAME = "__Host-latchkey-session";
const ADA = { email: "ada@example.com", password: "correct" };

/** A session from a cookie. */
function open(project: Project, cookie: string, headers = {}) {
  return sessionOf(project, new Browser(cookie).request("/", { headers }));
}

Deno.test("server: without a cookie nobody is signed in, and no request is sent", async () => {
  const project = new Project();
  for (const cookie of ["", `${NAME}=`, `${NAME}=nonsense`, `${NAME}=lkr_`]) {
    const { session, set } = open(project, cookie);
    assertEquals(await session.getUser({ live: true }), null);
    assertEquals(await session.getAccessToken(), null);
    assertEquals(await session.snapshot(), {
      status: "signed_out",
      session: null,
      reason: undefined,
    });
    assertEquals(set.size, 0);
  }
  assertEquals(project.requests, []);
});

Deno.test("server: a session in the cookie is verified with the cached keys", async () => {
  const project = new Project();
  const cookie = await project.signIn();
  for (let i = 0; i < 3; i++) {
    const { session, set } = open(project, cookie);
    const user = await session.getUser();
    assertEquals(
      [user!.id, user!.email, user!.user_metadata],
      ["user-1", "ada@example.com", { name: "Ada" }],
    );
    const data = await session.getSession();
    assertEquals(data!.session_id, "session-1");
    assert(!("refresh_token" in data!));
    assertEquals(set.size, 0);
  }
  assertEquals(project.requests.map(({ path }) => path), [
    "/auth/v1/.well-known/jwks.json",
  ]);
});

Deno.test("server: a forged access token identifies nobody", async () => {
  const project = new Project();
  await project.signIn();
  const exp = Math.floor(Date.now() / 1000) + 900;
  const claims = {
    sub: "user-2",
    aud: "authenticated",
    role: "authenticated",
    session_id: "session-1",
    iat: exp - 900,
    exp,
  };
  const [header, , signature] = (await project.accessToken({
    id: "session-1",
    email: "",
  })).split(".");
  const payload = btoa(JSON.stringify(claims)).replace(/=+$/, "");
  for (
    const token of [unsigned(claims), `${header}.${payload}.${signature}`, "x"]
  ) {
    // With an authentic refresh token, its own user is signed in.
    const { session } = open(project, `${NAME}=lkr_session-1_0.${token}`);
    assertEquals((await session.getUser())!.id, "user-1");
    const forged = open(project, `${NAME}=lkr_x.${token}`);
    assertEquals(await forged.session.getUser(), null);
    assertEquals(
      (await forged.session.snapshot()).reason,
      "invalid_refresh_token",
    );
  }
});

Deno.test("server: a token that is due is refreshed once per request, and kept in the cookie", async () => {
  const project = new Project();
  const cookie = await project.signIn({ age: 850 });
  const { session, set, headers } = open(project, cookie);
  const tokens = await Promise.all([
    session.getAccessToken(),
    session.getAccessToken(),
    session.getSession().then((session) => session!.access_token),
  ]);
  assertEquals(new Set(tokens).size, 1);
  assertEquals(project.count("/refresh"), 1);
  assertEquals(set.get(NAME), `lkr_session-1_1.${tokens[0]}`);
  assertEquals(
    [headers.get("Cache-Control"), headers.get("Expires")],
    ["private, no-cache, no-store, must-revalidate, max-age=0", "0"],
  );
});

Deno.test("server: thirty parallel requests get the same successor", async () => {
  const project = new Project();
  const cookie = await project.signIn({ age: 901 });
  const sets = await Promise.all(
    Array.from({ length: 30 }, async () => {
      const { session, set } = open(project, cookie);
      assert(await session.getUser());
      return set.get(NAME)!.split(".")[0];
    }),
  );
  assertEquals([...new Set(sets)], ["lkr_session-1_1"]);
  assertEquals(project.sessions.get("session-1")!.generation, 1);
});

Deno.test("server: lost answers keep the session, and the next request gets the successor", async () => {
  const project = new Project();
  const cookie = await project.signIn({ age: 850 });
  project.lost = 1;
  const first = open(project, cookie);
  // The old access token is still valid.
  assertEquals((await first.session.getUser())!.id, "user-1");
  assertEquals(first.set.size, 0);
  assertEquals(project.sessions.get("session-1")!.generation, 1);
  const second = open(project, cookie);
  assert(await second.session.getUser());
  assert(second.set.get(NAME)!.startsWith("lkr_session-1_1."));
});

Deno.test("server: with an expired access token a lost answer is tried again in the same request", async () => {
  const project = new Project();
  const cookie = await project.signIn({ age: 901 });
  project.lost = 2;
  const { session, set } = open(project, cookie);
  assertEquals((await session.getUser())!.id, "user-1");
  assertEquals(project.count("/refresh"), 3);
  assert(set.get(NAME)!.startsWith("lkr_session-1_1."));
});

Deno.test("server: an outage rejects as transient and keeps the cookie", async () => {
  const project = new Project();
  const cookie = await project.signIn({ age: 901 });
  const outages: [string, () => void][] = [
    ["network_error", () => project.isDown = true],
    [
      "too_many_requests",
      () =>
        project.instead = () =>
          Response.json({ code: "too_many_requests" }, { status: 429 }),
    ],
    [
      "database_unavailable",
      () =>
        project.instead = () =>
          Response.json({ code: "database_unavailable" }, {
            status: 503,
            headers: { "Retry-After": "7" },
          }),
    ],
    ["bad_answer", () => project.instead = () => new Response("portal")],
  ];
  for (const [code, fail] of outages) {
    fail();
    const { session, set } = open(project, cookie);
    const error = await assertRejects(() => session.getUser(), SessionError);
    assertEquals([error.code, error.transient], [code, true]);
    await assertRejects(() => session.snapshot(), SessionError);
    assertEquals(set.size, 0);
    project.isDown = false;
    project.instead = undefined;
  }
  assert(await open(project, cookie).session.getUser());
});

Deno.test("server: without the published keys a token is used but identifies nobody", async () => {
  const project = new Project();
  const cookie = await project.signIn();
  project.broken = /jwks/;
  const { session, set } = open(project, cookie);
  const error = await assertRejects(() => session.getUser(), SessionError);
  assertEquals([error.code, error.transient], ["auth_unavailable", true]);
  assert(await session.getAccessToken());
  assertEquals([set.size, project.count("/refresh")], [0, 0]);
  // The database verifies it too.
  assert(await session.getUser({ live: true }));
});

Deno.test("server: a live check signs out at once, with the reason", async () => {
  const project = new Project();
  const cookie = await project.signIn();
  project.sessions.get("session-1")!.ended = "admin";
  assert(await open(project, cookie).session.getUser());
  const { session, set, headers } = open(project, cookie);
  assertEquals(await session.getUser({ live: true }), null);
  assertEquals(await session.getAccessToken(), null);
  assertEquals((await session.snapshot({ live: true })).reason, "admin");
  assertEquals(set.get(NAME), "ended.admin");
  assert(headers.get("Cache-Control")!.includes("no-store"));
  assertEquals(project.count("/session_active"), 1);
  // The reason is known until the next sign-in.
  const next = open(project, `${NAME}=ended.admin`);
  assertEquals(await next.session.snapshot(), {
    status: "signed_out",
    session: null,
    reason: "admin",
  });
  await next.session.signIn(ADA);
  assertEquals((await next.session.snapshot()).reason, undefined);
});

Deno.test("server: a live check that cannot be made refuses, and keeps the session", async () => {
  const project = new Project();
  const cookie = await project.signIn();
  project.broken = /session_active/;
  const { session, set } = open(project, cookie);
  const error = await assertRejects(
    () => session.getUser({ live: true }),
    SessionError,
  );
  assert(error.transient);
  assert(await session.getUser());
  assertEquals(set.size, 0);
});

Deno.test("server: after a sign-out in another request there is nothing to explain", async () => {
  const project = new Project();
  const { session, set } = open(project, await project.signIn());
  project.sessions.get("session-1")!.ended = "signed_out";
  assertEquals(await session.snapshot({ live: true }), {
    status: "signed_out",
    session: null,
    reason: undefined,
  });
  assertEquals(set.get(NAME), "");
});

Deno.test("server: a refresh of an ended session signs out with the reason", async () => {
  for (const reason of ["user", "admin", "password_changed"]) {
    const project = new Project();
    const cookie = await project.signIn({ age: 850 });
    project.sessions.get("session-1")!.ended = reason;
    const { session, set } = open(project, cookie);
    assertEquals((await session.snapshot()).reason as string, reason);
    assertEquals(set.get(NAME), `ended.${reason}`);
  }
});

Deno.test("server: a sign-in replaces the session before", async () => {
  const project = new Project();
  const cookie = await project.signIn();
  const { session, set } = open(project, cookie);
  const started = await session.signIn(ADA);
  assertEquals(started.session_id, "session-2");
  assert(set.get(NAME)!.startsWith("lkr_session-2_0."));
  assertEquals(project.sessions.get("session-1")!.ended, "signed_out");
  assertEquals((await session.getSession())!.session_id, "session-2");
  const refused = await assertRejects(
    () => session.signIn({ ...ADA, password: "wrong" }),
    SessionError,
  );
  assertEquals(refused.code, "invalid_credentials");
  assertEquals((await session.getSession())!.session_id, "session-2");
});

Deno.test("server: sign-outs delete the cookie, also when the server is down", async () => {
  for (const scope of ["local", "global", "others"] as const) {
    const project = new Project();
    await project.signIn();
    const { session, set } = open(project, await project.signIn());
    await session.signOut({ scope });
    const isOut = scope !== "others";
    assertEquals(set.get(NAME), isOut ? "" : undefined);
    assertEquals(await session.getUser() === null, isOut);
    assertEquals(
      [...project.sessions.values()].map(({ ended }) => !!ended),
      [scope !== "local", isOut],
    );
  }
  const project = new Project();
  const { session, set } = open(project, await project.signIn());
  project.isDown = true;
  await assertRejects(
    () => session.signOut(),
    SessionError,
    "Signed out here, but the server does not know.",
  );
  assertEquals(set.get(NAME), "");
  assertEquals(await session.getUser(), null);
});

Deno.test("server: lists sessions and ends another one, or its own", async () => {
  const project = new Project();
  await project.signIn();
  const { session, set } = open(project, await project.signIn());
  assertEquals((await session.sessions()).length, 2);
  assertEquals(await session.revoke("session-1"), 1);
  assert(await session.getUser({ live: true }));
  assertEquals(await session.revoke("session-2"), 1);
  assertEquals([await session.getUser(), set.get(NAME)], [null, ""]);
});

Deno.test("server: refresh fetches new tokens before they are due", async () => {
  const project = new Project();
  const { session, set } = open(project, await project.signIn());
  assertEquals((await session.getUser())!.role, "authenticated");
  project.claims = { role: "editor" };
  assertEquals((await session.refresh())!.user.role, "editor");
  assert(set.get(NAME)!.startsWith("lkr_session-1_1."));
  assertEquals((await session.getUser())!.role, "editor");
});

Deno.test("server: a long access token is split over cookies, and shrinks again", async () => {
  const project = new Project();
  project.claims = { app_metadata: { notes: "x".repeat(6_000) } };
  const { session, set } = open(project, "");
  await session.signIn(ADA);
  const parts = [...set].filter(([name]) => /\.\d$/.test(name));
  assertEquals(
    parts.map(([name]) => name),
    [0, 1, 2].map((i) => `${NAME}.${i}`),
  );
  assert(parts.every(([name, value]) => name.length + value.length < 4_000));
  const cookie = parts.map(([name, value]) => `${name}=${value}`).join("; ");
  assertEquals((await open(project, cookie).session.getUser())!.id, "user-1");
  // Parallel responses may mix their parts.
  const mixed = cookie.replace(/(\.2=.{20}).{20}/, `$1${"x".repeat(20)}`);
  const healed = open(project, mixed);
  assertEquals((await healed.session.getUser())!.id, "user-1");
  assertEquals(project.count("/refresh"), 1);
  project.claims = {};
  const short = open(project, cookie);
  await short.session.refresh();
  assertEquals([...short.set].map(([name, value]) => [name, value !== ""]), [
    [NAME, true],
    [`${NAME}.0`, false],
    [`${NAME}.1`, false],
    [`${NAME}.2`, false],
  ]);
});

Deno.test("server: only the app's own origin changes anything", async () => {
  const senders: [Record<string, string>, boolean][] = [
    [OWN_PAGE, true],
    [{ "Sec-Fetch-Site": "same-site", Origin: APP }, false],
    [{ "Sec-Fetch-Site": "cross-site" }, false],
    [{ "Sec-Fetch-Site": "none" }, false],
    // Browsers before 2023.
    [{ "Sec-Fetch-Site": "", Origin: APP }, false],
    [{ Origin: APP }, true],
    [{ Origin: "https://evil.example.com" }, false],
    [{ Origin: "null" }, false],
    [{ Origin: `${APP}.example.net` }, false],
    [{}, false],
  ];
  for (const [headers, isAllowed] of senders) {
    const project = new Project();
    const cookie = await project.signIn();
    const { session, set } = sessionOf(
      project,
      new Request(APP, { headers: { ...headers, Cookie: cookie } }),
    );
    const attempts = [
      () => session.signIn(ADA),
      () => session.revoke("session-1"),
      () => session.signOut({ scope: "others" }),
      () => session.signOut(),
    ];
    for (const attempt of attempts) {
      if (isAllowed) await attempt();
      else {
        const error = await assertRejects(attempt, SessionError);
        assertEquals(
          [error.code, error.details.status],
          ["cross_site_request", 403],
        );
      }
    }
    assertEquals(set.size > 0, isAllowed, JSON.stringify(headers));
    if (!isAllowed) {
      assertEquals(project.sessions.size, 1);
      assert(await session.getUser({ live: true }));
    }
  }
});

Deno.test("server: a navigation from elsewhere may adopt, but no form and no image", async () => {
  const navigation = {
    "Sec-Fetch-Site": "cross-site",
    "Sec-Fetch-Mode": "navigate",
  };
  const senders: [Record<string, string>, boolean][] = [
    [OWN_PAGE, true],
    [navigation, true],
    [{ ...navigation, "Sec-Fetch-Site": "none" }, true],
    [{ ...navigation, Origin: "https://evil.example.com" }, false],
    [{ "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors" }, false],
  ];
  for (const [headers, isAllowed] of senders) {
    const project = new Project();
    const { session } = sessionOf(project, new Request(APP, { headers }));
    const adopt = () => session.adopt("token");
    if (isAllowed) assertEquals((await adopt()).session_id, "session-1");
    else {await assertRejects(
        adopt,
        SessionError,
        "not come from a page of the app",
      );}
    const sent = project.requests.find(({ path }) => path.endsWith("/login"));
    assertEquals(
      sent?.headers.get("Authorization"),
      isAllowed ? "Bearer token" : undefined,
    );
  }
});

Deno.test("server: proves its key, and tells who is asking", async () => {
  const project = new Project();
  const headers = {
    "User-Agent": "Firefox " + "x".repeat(600),
    "X-Forwarded-For": "192.0.2.1, 198.51.100.7:4711",
  };
  const request = new Browser(await project.signIn({ age: 850 }))
    .request("/", { headers });
  const addressHeader = "x-forwarded-for";
  const { session } = sessionOf(project, request, { addressHeader });
  await session.getUser();
  await session.signIn(ADA);
  await session.adopt("token");
  const paths = ["refresh", "login", "login"];
  assertEquals(
    project.proofs.map(({ htm, htu }) => [htm, htu]),
    paths.map((path) => ["POST", `${project.url}/functions/v1/${path}`]),
  );
  for (const { client_ip, client_user_agent } of project.proofs) {
    assertEquals(
      [client_ip, client_user_agent],
      ["198.51.100.7", headers["User-Agent"].slice(0, 512)],
    );
  }
  assertEquals(new Set(project.proofs.map(({ jti }) => jti)).size, 3);
});

Deno.test("server: an address is believed from the named header only", () => {
  const claims = (value: string, name?: string) =>
    browserClaims(new Headers({ "X-Real-IP": value }), name).client_ip;
  assertEquals(claims("192.0.2.1"), undefined);
  for (
    const [value, address] of [
      ["192.0.2.1", "192.0.2.1"],
      ["192.0.2.1:80", "192.0.2.1"],
      ["[2001:db8::7]:80", "2001:db8::7"],
      ["10.0.0.1, 2001:db8::7", "2001:db8::7"],
      ["unknown", undefined],
      ["999.0.2.1", undefined],
      ["1.2.3", undefined],
      ["192.0.2.01", undefined],
      ["0x7f.0.0.1", undefined],
      ["fe80::1%eth0", undefined],
      ["", undefined],
    ] as const
  ) assertEquals(claims(value, "x-real-ip"), address, value);
});

Deno.test("server: with another key a session is signed out, but the cookie is kept", async () => {
  const project = new Project();
  const cookie = await project.signIn({ age: 901 });
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const wrong = { serverKey: await exportJWK(privateKey) };
  const request = new Browser(cookie).request();
  const { session, set } = sessionOf(project, request, wrong);
  assertEquals(await session.snapshot(), {
    status: "signed_out",
    session: null,
    reason: "key_lost",
  });
  assertEquals(set.size, 0);
  // When the server has the right key again, nothing is lost.
  assert(await open(project, cookie).session.getUser());
  // While the access token is valid, it is used.
  const due = new Browser(await project.signIn({ age: 850 })).request();
  assert(await sessionOf(project, due, wrong).session.getUser());
});

Deno.test("server: the cookie that a sibling subdomain could plant is not read", async () => {
  const project = new Project();
  const planted = (await project.signIn()).replace("__Host-", "");
  assertEquals(await open(project, planted).session.getUser(), null);
  // Without `Secure`, on purpose, there is no prefix.
  const request = new Browser(planted).request();
  const { session } = sessionOf(project, request, { secure: false });
  assert(await session.getUser());
});

Deno.test("server: a token with a malformed header is refreshed like a forged one", async () => {
  const project = new Project();
  const cookie = await project.signIn();
  const [, payload, signature] = cookie.split(".").slice(1);
  for (const header of ['{"alg":5}', "{}", "not JSON"]) {
    const { session } = open(
      project,
      `${NAME}=lkr_session-1_0.${
        btoa(header).replace(/=+$/, "")
      }.${payload}.${signature}`,
    );
    assertEquals((await session.getUser())!.id, "user-1", header);
  }
  assertEquals(project.count("/refresh"), 3);
});

Deno.test("server: with a legacy secret the database verifies the token", async () => {
  const project = new Project();
  const [, payload] =
    (await project.accessToken({ id: "session-1", email: "" }))
      .split(".");
  const header = btoa('{"alg":"HS256"}').replace(/=+$/, "");
  const cookie = `${NAME}=lkr_session-1_0.${header}.${payload}.c2ln`;
  await project.signIn();
  const { session } = open(project, cookie);
  assertEquals((await session.getUser())!.id, "user-1");
  assertEquals(project.count("/session_active"), 1);
  project.broken = /session_active/;
  await assertRejects(() => open(project, cookie).session.getUser());
});

Deno.test("server: bad options are refused at the start, and name what to set", () => {
  const good = {
    ...new Project().options,
    request: new Request(APP),
    cookies: { getAll: () => [], setAll: () => {} },
  };
  for (
    const [name, options] of Object.entries({
      url: { url: "example.supabase.co" },
      key: { key: "" },
      origin: { origin: "https://app.example.com/path" },
      LATCHKEY_SERVER_KEY: { serverKey: "" },
      "not JSON": { serverKey: "secret-text" },
      "private P-256": {
        serverKey: { ...good.serverKey as JsonWebKey, d: undefined },
      },
    })
  ) {
    const error = assertThrows(
      () => createServerSession({ ...good, ...options } as typeof good),
      SessionError,
      name,
    );
    assertEquals(error.code, "invalid_options");
    assert(
      !JSON.stringify([error.message, error.cause]).includes("secret-text"),
    );
  }
});
