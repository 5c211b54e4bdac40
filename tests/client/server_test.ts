/**
 * `supabase-latchkey/server` on the running stack: sessions that are bound to the
 * server's key, in a browser's cookie.
 */
import { assert, assertEquals } from "@std/assert";
import { exportJWK, generateKeyPair } from "jose";
import { createSessionHandler } from "../../server/mod.ts";
import { Browser } from "../../server/testing.ts";
import {
  accessTokens,
  api,
  newUser,
  stack,
  supabase,
  type User,
  withDatabase,
  withSettings,
} from "../harness.ts";

const COOKIE = "__Host-latchkey-session";

const FIREFOX =
  "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const CURL = "curl/8.14.1";

const { privateKey } = await generateKeyPair("ES256", { extractable: true });

/** Answers of /refresh that are lost after the project has handled them. */
let lost = 0;

const withSession = createSessionHandler({
  url: stack.apiUrl,
  key: stack.publishableKey,
  serverKey: await exportJWK(privateKey),
  async fetch(input, init) {
    const response = await fetch(input, init);
    if (!String(input).endsWith("/refresh") || lost === 0) return response;
    lost--;
    await response.body?.cancel();
    throw new TypeError("The answer was lost, on purpose.");
  },
});

/** A page that says who is signed in, or why nobody is. */
async function open(browser: Browser, path = "/", headers = {}) {
  const response = await withSession(
    browser.request(path, { headers }),
    async (session) => Response.json(await session.snapshot({ live: true })),
  );
  assertEquals(response.status, 200);
  return await browser.receive(response).json();
}

async function signIn(user: User, headers = {}): Promise<Browser> {
  const browser = new Browser();
  const { email, password } = user;
  const response = await withSession(
    browser.request("/auth/login", {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(
        "Authorization" in headers ? {} : { email, password },
      ),
    }),
    () => new Response(),
  );
  assertEquals(response.status, 200);
  browser.receive(response);
  return browser;
}

function tokens(browser: Browser) {
  const value = browser.cookies.get(COOKIE)!.value!;
  const dot = value.indexOf(".");
  const accessToken = value.slice(dot + 1);
  const payload = accessToken.split(".")[1]!;
  return {
    refreshToken: value.slice(0, dot),
    accessToken,
    claims: JSON.parse(
      atob(payload.replaceAll("-", "+").replaceAll("_", "/")),
    ),
  };
}

/** The same cookie, with an access token that has expired. */
async function expired(browser: Browser): Promise<Browser> {
  const { refreshToken, claims } = tokens(browser);
  const now = Math.floor(Date.now() / 1000);
  const token = await accessTokens.issue({
    ...claims,
    iat: now - 901,
    exp: now - 1,
  });
  return new Browser(`${COOKIE}=${refreshToken}.${token}`);
}

Deno.test("server: a cookie that was never received signs nobody out, a day later", async () => {
  const user = await newUser();
  const browser = await signIn(user);
  const { session_id } = tokens(browser).claims;
  const old = await expired(browser);
  const aborted = new Browser(old.cookie);
  assertEquals((await open(aborted)).status, "signed_in");
  await withDatabase(stack.dbUrl, async (sql) => {
    const rows = await sql`
      update latchkey.refresh_tokens set rotated_at = rotated_at - interval '1 day'
      where session_id = ${session_id} and jkt is not null and generation = 1
      returning 1`;
    assertEquals(rows.length, 1);
  });
  const later = await open(old);
  assertEquals(later.session.session_id, session_id);
  assertEquals(tokens(old).refreshToken, tokens(aborted).refreshToken);
});

Deno.test("server: a refresh token that was copied from a cookie is worthless without the server", async () => {
  const browser = await signIn(await newUser());
  const { refreshToken } = tokens(browser);
  const thief = await api.refresh(refreshToken);
  assertEquals(
    [thief.status, thief.body.code],
    [400, "invalid_dpop_proof"],
  );
  assertEquals((await open(await expired(browser))).status, "signed_in");
});

Deno.test("server: a copied cookie in another browser is a change of client", async () => {
  const visit = async (browser: Browser, userAgent: string) => {
    const own = await expired(browser);
    const snapshot = await open(own, "/", { "User-Agent": userAgent });
    return { own, ...snapshot };
  };
  await withSettings({ on_client_change: "ignore" }, async () => {
    let owner = await signIn(await newUser());
    let thief = new Browser(owner.cookie);
    // One key proves both browsers, so no reuse is detected.
    for (let i = 0; i < 3; i++) {
      owner = (await visit(owner, FIREFOX)).own;
      thief = (await visit(thief, CURL)).own;
      assertEquals(tokens(owner).refreshToken, tokens(thief).refreshToken);
    }
  });
  await withSettings({ on_client_change: "end" }, async () => {
    const owner = await signIn(await newUser(), { "User-Agent": FIREFOX });
    const thief = new Browser(owner.cookie);
    assertEquals((await visit(owner, FIREFOX)).status, "signed_in");
    for (const [browser, agent] of [[thief, CURL], [owner, FIREFOX]] as const) {
      const { status, reason } = await visit(browser, agent);
      assertEquals([status, reason], ["signed_out", "suspicious"]);
    }
  });
});

Deno.test("server: a refresh that two others overtook ends nothing", async () => {
  const browser = await signIn(await newUser());
  const slow = new Browser(browser.cookie);
  const refresh = async (browser: Browser) =>
    browser.receive(
      await withSession(
        browser.request("/auth/refresh", {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: "{}",
        }),
        () => new Response(),
      ),
    );
  for (let i = 0; i < 2; i++) {
    assertEquals((await refresh(browser)).status, 200);
  }
  const overtaken = await refresh(slow);
  assertEquals(
    [overtaken.status, (await overtaken.json()).code],
    [503, "use_dpop_nonce"],
  );
  assertEquals((await refresh(browser)).status, 200);
  assertEquals((await open(browser)).status, "signed_in");
});

Deno.test("server: thirty requests at the moment of expiry get one successor, with lost answers", async () => {
  const browser = await signIn(await newUser());
  const { session_id } = tokens(browser).claims;
  const { cookie } = await expired(browser);
  lost = 10;
  const browsers = await Promise.all(
    Array.from({ length: 30 }, async () => {
      const own = new Browser(cookie);
      assertEquals((await open(own)).session.session_id, session_id);
      return tokens(own).refreshToken;
    }),
  );
  assertEquals([lost, new Set(browsers).size], [0, 1]);
});

Deno.test("server: a session that ended elsewhere is signed out in the next request", async () => {
  const user = await newUser();
  const browser = await signIn(user);
  const { session_id } = tokens(browser).claims;
  const other = await api.login(user);
  assertEquals((await api.revoke(other, { session_id })).body.revoked, 1);
  for (let i = 0; i < 2; i++) {
    const { status, reason } = await open(browser);
    assertEquals([status, reason], ["signed_out", "user"]);
  }
  assertEquals(browser.session, `${COOKIE}=ended.user`);
});

Deno.test("server: adopts a session of Supabase Auth, and ends it", async () => {
  const user = await newUser();
  const { data } = await supabase().auth.signInWithPassword(user);
  const { access_token } = data.session!;
  const browser = await signIn(user, {
    Authorization: `Bearer ${access_token}`,
  });
  const { session } = await open(browser);
  assertEquals([session.user.id, session.user.email], [user.id, user.email]);
  const signOut = await withSession(
    browser.request("/auth/revoke", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: '{"scope":"local"}',
    }),
    () => new Response(),
  );
  assertEquals(signOut.status, 200);
  browser.receive(signOut);
  assertEquals(browser.session, "");
  const { body } = await api.profile({ access_token: session.access_token });
  assertEquals([body.code, body.reason], ["token_revoked", "signed_out"]);
  assert((await open(browser)).status === "signed_out");
});
