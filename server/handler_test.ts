import { assert, assertEquals, assertThrows } from "@std/assert";
import { createSessionHandler, type ServerSession } from "./mod.ts";
import { APP, Browser, OWN_PAGE, Project, serverKey } from "./testing.ts";

const NAME = "__Host-latchkey-session";
const ADA = { email: "ada@example.com", password: "correct" };

/** A browser, and an app that answers with `respond`. */
function open(
  project: Project,
  cookie = "",
  respond: (session: ServerSession) => Response | Promise<Response> = async (
    session,
  ) => new Response((await session.getUser())?.email ?? "signed out"),
) {
  const withSession = createSessionHandler(project.options);
  const browser = new Browser(cookie);
  const send = async (path: string, init?: RequestInit) =>
    browser.receive(await withSession(browser.request(path, init), respond));
  const post = (path: string, body: unknown, headers = {}) =>
    send(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  return { browser, send, post };
}

Deno.test("handler: a page signs in, gets tokens and signs out through the app's routes", async () => {
  const project = new Project();
  const { browser, send, post } = open(project);
  assertEquals(await (await send("/auth/session")).json(), {
    status: "signed_out",
    session: null,
  });
  const response = await post("/auth/login", { ...ADA, device_name: "Phone" });
  const body = await response.text();
  assert(!body.includes("lkr_"));
  assertEquals(JSON.parse(body).session.session_id, "session-1");
  const { device_id, ...sent } = JSON.parse(project.requests[0]!.body);
  assertEquals(sent, { ...ADA, device_name: "Phone" });
  const { value: _, ...cookie } = browser.cookies.get(NAME)!;
  assertEquals(
    cookie,
    {
      name: NAME,
      httpOnly: true,
      secure: true,
      sameSite: "lax",
      path: "/",
      maxAge: 400 * 86_400,
    } as typeof cookie,
  );
  assertEquals(await (await send("/")).text(), "ada@example.com");

  const session = await (await send("/auth/session")).json();
  assertEquals(session.status, "signed_in");
  assertEquals(Object.keys(session.session).sort(), [
    "access_token",
    "expires_at",
    "expires_in",
    "session_id",
    "token_type",
    "user",
  ]);
  const refreshed = await (await post("/auth/refresh", {})).json();
  assertEquals(refreshed.session.session_id, "session-1");
  assert(browser.cookie.includes("lkr_session-1_1."));
  await project.signIn();
  const other = await post("/auth/revoke", { session_id: "session-2" });
  assertEquals(await other.json(), { revoked: 1 });
  await post("/auth/revoke", { scope: "local" });
  assertEquals(browser.session, "");
  assertEquals(await (await send("/")).text(), "signed out");
  // The browser is the same device at its next sign-in, for whoever signs in.
  const device = browser.cookies.get(`${NAME}-device`)!;
  assertEquals([device.value, device.httpOnly, device.secure], [
    device_id,
    true,
    true,
  ]);
  await post("/auth/login", ADA);
  assertEquals(JSON.parse(project.requests.at(-1)!.body).device_id, device_id);
  assertEquals(browser.cookies.get(`${NAME}-device`)!.value, device_id);
});

Deno.test("handler: a page adopts a session of Supabase Auth", async () => {
  const project = new Project();
  const { browser, post } = open(project);
  await post("/auth/login", { device_name: "Phone" }, {
    Authorization: "Bearer auth-token",
  });
  assert(browser.cookie.includes("lkr_session-1_0."));
  const { headers, body } = project.requests[0]!;
  assertEquals(
    [headers.get("Authorization"), JSON.parse(body).device_name],
    ["Bearer auth-token", "Phone"],
  );
});

Deno.test("handler: a request with two credentials, or a malformed one, changes nothing", async () => {
  const project = new Project();
  const { browser, post } = open(project);
  const bodies: [unknown, Record<string, string>][] = [
    [ADA, { Authorization: "Bearer auth-token" }],
    [ADA, { Authorization: "Bearer" }],
    [ADA, { Authorization: "Bearer auth token" }],
    [ADA, { Authorization: "Bearer auth-token, Bearer other" }],
  ];
  for (const [body, headers] of bodies) {
    const response = await post("/auth/login", body, headers);
    assertEquals(response.status, 400, headers.Authorization);
  }
  assertEquals([browser.cookie, project.requests], ["", []]);
  // A staging server may ask for a password of its own.
  const basic = { Authorization: "Basic c3RhZ2luZzpwYXNz" };
  assertEquals((await post("/auth/login", ADA, basic)).status, 200);
  const scope = "global";
  const both = await post("/auth/revoke", { scope, session_id: "session-1" });
  assertEquals(both.status, 400);
  assertEquals(project.sessions.get("session-1")!.ended, undefined);
});

Deno.test("handler: a body without a length is read only up to the limit", async () => {
  const project = new Project();
  const { send } = open(project);
  let chunks = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(new Uint8Array(1024));
      if (++chunks === 1000) controller.close();
    },
  });
  const response = await send("/auth/login", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body,
  });
  assertEquals(response.status, 413);
  assert(chunks < 30);
});

Deno.test("handler: a refresh reaches a response that streams, and no cache stores it", async () => {
  const project = new Project();
  const { browser, send } = open(
    project,
    await project.signIn({ age: 850 }),
    () => new Response("page", { headers: { "Cache-Control": "s-maxage=60" } }),
  );
  const response = await send("/");
  assert(browser.cookie.includes("lkr_session-1_1."));
  assertEquals(
    response.headers.get("Cache-Control"),
    "private, no-cache, no-store, must-revalidate, max-age=0",
  );
  // Without a cookie to set, the app decides.
  const second = await send("/");
  assertEquals(second.headers.get("Cache-Control"), "s-maxage=60");
  assertEquals(second.headers.getSetCookie(), []);
});

Deno.test("handler: the answer to a request with a session is not stored by default", async () => {
  const project = new Project();
  const { send } = open(project, await project.signIn());
  assert((await send("/")).headers.get("Cache-Control")!.includes("no-store"));
  const visitor = open(project);
  assertEquals((await visitor.send("/")).headers.get("Cache-Control"), null);
  // A response that is no page is passed on as it is.
  const image = new Response("image", {
    headers: { "Cache-Control": "max-age=60" },
  });
  const cookie = await project.signIn();
  assertEquals(await open(project, cookie, () => image).send("/"), image);
});

Deno.test("handler: a response with immutable headers gets the cookie too", async () => {
  const project = new Project();
  const { browser, send } = open(
    project,
    await project.signIn({ age: 850 }),
    () => Response.redirect(`${APP}/notes`),
  );
  assertEquals((await send("/")).status, 302);
  assert(browser.cookie.includes("lkr_session-1_1."));
});

Deno.test("handler: requests of other origins get nothing and change nothing", async () => {
  const project = new Project();
  const { browser, send } = open(project, await project.signIn());
  const before = browser.cookie;
  const senders: Record<string, string>[] = [
    { "Sec-Fetch-Site": "same-site" },
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "none" },
    { "Sec-Fetch-Site": "cross-site", "Latchkey-Mode": "server" },
    { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate" },
  ];
  for (const headers of senders) {
    const session = await send("/auth/session", { headers });
    assertEquals(session.status, 403);
    assert(!(await session.text()).includes("eyJ"));
    for (const path of ["login", "refresh", "revoke"]) {
      for (const type of ["application/json", "text/plain"]) {
        const response = await send(`/auth/${path}`, {
          method: "POST",
          headers: {
            ...headers,
            "Content-Type": type,
            Origin: "https://evil.example.com",
          },
          body: JSON.stringify({ ...ADA, scope: "global" }),
        });
        assertEquals(response.status, 403, `${path} ${type}`);
      }
    }
  }
  assertEquals(browser.session, before);
  assertEquals([project.sessions.size, project.count("/refresh")], [1, 0]);
});

Deno.test("handler: a page over http, where browsers send no metadata, still works", async () => {
  const project = new Project();
  const withSession = createSessionHandler(project.options);
  const cookie = await project.signIn();
  const ask = (headers: HeadersInit) =>
    withSession(
      new Request(`${APP}/auth/session`, { headers }),
      () => new Response(),
    );
  assertEquals((await ask({ Cookie: cookie })).status, 403);
  const headers = { Cookie: cookie, "Latchkey-Mode": "server" };
  assertEquals((await ask(headers)).status, 200);
});

Deno.test("handler: errors say what to do, with the status that fits", async () => {
  const project = new Project();
  const { send, post } = open(project, await project.signIn());
  const cases: [string, number, Response][] = [
    ["method_not_allowed", 405, await send("/auth/login")],
    ["method_not_allowed", 405, await post("/auth/session", {})],
    [
      "invalid_credentials",
      400,
      await post("/auth/login", {
        ...ADA,
        password: "wrong",
      }),
    ],
    ["invalid_request", 400, await post("/auth/revoke", { scope: "all" })],
    ["invalid_request", 400, await post("/auth/revoke", null)],
    ["invalid_request", 413, await post("/auth/login", "x".repeat(20_000))],
    [
      "invalid_request",
      400,
      await send("/auth/login", {
        method: "POST",
        body: new URLSearchParams(ADA),
      }),
    ],
  ];
  for (const [code, status, response] of cases) {
    const body = await response.json();
    assertEquals([body.code, response.status], [code, status]);
    assert(body.error_description);
  }
  assertEquals(cases[0]![2].headers.get("Allow"), "POST");
  // Others are the app's.
  assertEquals(await (await send("/auth/callback")).text(), "ada@example.com");
  assertEquals(await (await send("/auth/toString")).text(), "ada@example.com");
});

Deno.test("handler: during an outage the app answers 503 and nothing is lost", async () => {
  const project = new Project();
  const cookie = await project.signIn({ age: 901 });
  const { browser, send } = open(project, cookie);
  project.isDown = true;
  for (const path of ["/", "/auth/session"]) {
    const response = await send(path);
    assertEquals(response.status, 503);
    assert(Number(response.headers.get("Retry-After")) > 0);
    assertEquals((await response.json()).code, "network_error");
  }
  project.isDown = false;
  assertEquals(await (await send("/")).text(), "ada@example.com");
  assert(browser.cookie.includes("lkr_session-1_1."));
  // A page that needs no session is served all the same.
  project.isDown = true;
  const open2 = open(project, cookie, () => new Response("about"));
  assertEquals(await (await open2.send("/about")).text(), "about");
});

Deno.test("handler: a request that two others overtook ends nothing, and its retry succeeds", async () => {
  const project = new Project();
  const cookie = await project.signIn();
  const { browser, post } = open(project, cookie);
  await post("/auth/refresh", {});
  await post("/auth/refresh", {});
  project.isLate = false;
  const slow = await open(project, cookie).post("/auth/refresh", {});
  const { code } = await slow.json();
  assertEquals([slow.status, code], [503, "use_dpop_nonce"]);
  assert(slow.headers.has("Retry-After"));
  assertEquals(slow.headers.getSetCookie(), []);
  assertEquals(project.count("/refresh"), 3);
  const retry = await post("/auth/refresh", {});
  assertEquals(retry.status, 200);
  assert(browser.cookie.includes("lkr_session-1_3."));
});

Deno.test("handler: a page that asks during a sign-in does not delete the new session", async () => {
  // The limit of sessions may also end the old one.
  for (const reason of ["signed_out", "session_limit"]) {
    const project = new Project();
    const cookie = await project.signIn();
    const { browser, send, post } = open(project, cookie);
    assertEquals((await post("/auth/login", ADA)).status, 200);
    assertEquals(project.sessions.get("session-1")!.ended, "signed_out");
    project.sessions.get("session-1")!.ended = reason;
    // Another tab heard that the old session ended, and asked before the browser
    // had the new cookie.
    const late = await open(project, cookie).send("/auth/session?live", {
      headers: { "Sec-Fetch-Mode": "cors" },
    });
    assertEquals((await late.clone().json()).status, "signed_out");
    browser.receive(late);
    assertEquals(await (await send("/")).text(), "ada@example.com");
    // A page that is loaded with the old cookie replaces it.
    const page = open(
      project,
      cookie,
      async (session) => Response.json(await session.snapshot({ live: true })),
    );
    await page.send("/", { headers: { "Sec-Fetch-Mode": "navigate" } });
    assertEquals(
      page.browser.session,
      reason === "signed_out" ? "" : `${NAME}=ended.${reason}`,
    );
  }
});

Deno.test("handler: bad options are refused when the app starts", () => {
  assertThrows(
    () => createSessionHandler({ url: "", key: "x", serverKey }),
    Error,
    "Set url",
  );
});

Deno.test("handler: an ended session is signed out in the next request, with the reason", async () => {
  const project = new Project();
  const { browser, send } = open(
    project,
    await project.signIn(),
    async (session) => Response.json(await session.snapshot({ live: true })),
  );
  project.sessions.get("session-1")!.ended = "user";
  for (let i = 0; i < 2; i++) {
    const { status, reason } = await (await send("/")).json();
    assertEquals([status, reason], ["signed_out", "user"]);
  }
  assertEquals(browser.session, `${NAME}=ended.user`);
  const asked = await (await send("/auth/session?live", { headers: OWN_PAGE }))
    .json();
  assertEquals(asked.reason, "user");
});
