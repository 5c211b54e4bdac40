/**
 * The client in a real Chromium on the stack: storage, locks, tabs, sockets and
 * CORS. What depends on time is tested in client/.
 */
import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { decodeJwt } from "jose";
import type {
  BrowserContext,
  Frame,
  Page,
  WebSocketRoute,
} from "playwright-core";
import { readConfig } from "../../stack/config.ts";
import { functionsEnvironment, startFunctions } from "../../stack/functions.ts";
import {
  browser,
  bundle,
  expectAccessible,
  expectQuiet,
  newContext,
  servePage,
} from "./browser.ts";
import type { Session } from "../../client/mod.ts";
import type { app as App } from "./browser_client_page.ts";
import {
  api,
  expectOk,
  newUser,
  stack,
  supabase,
  until,
  type User,
  withDatabase,
} from "../harness.ts";

/** In the pages. */
declare const app: typeof App;

const script = await bundle(new URL("browser_client_page.ts", import.meta.url));
await browser();

/** Both kinds of locks, by what to add to the page's address. */
const LOCKS = {
  "with Web Locks": "",
  "without Web Locks": "&without-locks",
};

/** The address of the app's page on an origin. */
function address(origin: string, query = "") {
  return `${origin}/__test/app?url=${encodeURIComponent(stack.apiUrl)}` +
    `&key=${stack.publishableKey}${query}`;
}

async function withContext(
  use: (context: BrowserContext) => Promise<void>,
  allowed: RegExp[] = [],
) {
  const context = await newContext();
  try {
    await servePage(context, `${stack.apiUrl}/__test/app`, script);
    await use(context);
    expectQuiet(context, allowed);
  } finally {
    await context.close();
  }
}

/** Opens the app in a tab and waits until it can be called. */
async function openTab(context: BrowserContext, query = ""): Promise<Page> {
  const page = await context.newPage();
  await page.goto(address(stack.apiUrl, query));
  await ready(page);
  return page;
}

async function ready(page: Page | Frame) {
  await page.waitForFunction(() =>
    "app" in globalThis && app.client.snapshot().status !== "loading"
  );
}

async function signIn(page: Page | Frame, { email, password }: User) {
  return await page.evaluate(
    async (credentials) => await app.client.signIn(credentials),
    { email, password },
  );
}

/**
 * Waits until a refresh gives another token: within one second the same claims
 * may give the same token.
 */
async function nextSecond({ expires_at, expires_in }: Session) {
  const signedAt = expires_at! - expires_in;
  await until(() => Date.now() >= (signedAt + 1) * 1000, "the next second");
}

/** Waits until the page's listeners were called with an event. */
async function heard(page: Page, type: string) {
  await page.waitForFunction(
    (type) => app.events.some((event) => event.type === type),
    type,
  );
  return await page.evaluate(
    (type) => app.events.find((event) => event.type === type)!,
    type,
  );
}

/** Waits until the session's channel is joined. */
async function joined(page: Page) {
  await page.waitForFunction(() => {
    const channels = app.supabase.getChannels();
    return channels.length === 1 && channels[0]!.state === "joined";
  });
}

/** Counts the refresh requests of a context's pages. */
function countRefreshes(context: BrowserContext) {
  const counter = { count: 0 };
  context.on("request", (request) => {
    if (isRefresh(new URL(request.url()))) counter.count++;
  });
  return counter;
}

function isRefresh(url: URL) {
  return url.pathname === "/functions/v1/refresh";
}

async function generation(sessionId: string): Promise<number> {
  return await withDatabase(stack.dbUrl, async (sql) => {
    const [row] = await sql`
      select generation from latchkey.refresh_tokens
      where session_id = ${sessionId}`;
    return row!.generation;
  }, 1);
}

Deno.test("browser: a reload keeps the session, and supabase-js reads as the user", () =>
  withContext(async (context) => {
    const [user, somebodyElse] = await Promise.all([newUser(), newUser()]);
    await api.login(somebodyElse);
    const page = await openTab(context);
    const { session_id } = await signIn(page, user);
    await page.reload();
    await ready(page);
    const snapshot = await page.evaluate(() => app.client.snapshot());
    assertEquals(
      [snapshot.status, snapshot.session?.session_id],
      ["signed_in", session_id],
    );
    const profile = await page.evaluate(async () =>
      (await app.supabase.functions.invoke("profile", { method: "GET" })).data
    );
    assertEquals(profile, { user_id: user.id, email: user.email, session_id });
    const events = await page.evaluate(async () =>
      (await app.supabase.schema("latchkey").from("session_events").select())
        .data!
    );
    assert(events.some((event) => event.session_id === session_id));
    assert(events.every((event) => event.user_id === user.id));
  }));

Deno.test("browser: the return from an OAuth provider becomes a Latchkey session", () =>
  withContext(async (context) => {
    const { email, password } = await newUser();
    const { data } = await supabase().auth.signInWithPassword({
      email,
      password,
    });
    const { access_token, refresh_token } = data.session!;
    const page = await context.newPage();
    // As Supabase Auth redirects back, with its session in the fragment.
    await page.goto(
      address(stack.apiUrl, "&auth") + "#" + new URLSearchParams({
        access_token,
        refresh_token,
        expires_in: "900",
        token_type: "bearer",
      }),
    );
    await ready(page);
    await heard(page, "signed_in");
    const { session_id } = decodeJwt(access_token);
    const refreshed = await page.evaluate(() => app.client.refresh());
    assertEquals(refreshed!.session_id, session_id);
    assertEquals(await generation(refreshed!.session_id), 1);
    // The tokens are no longer in the address.
    assertEquals(new URL(page.url()).hash, "");
    const user = await page.evaluate(async () =>
      (await app.supabase.auth.getUser()).data.user
    );
    assertEquals(user!.email, email);
  }));

for (const [name, query] of Object.entries(LOCKS)) {
  Deno.test(`browser: twenty tabs at expiry make one refresh, ${name}`, () =>
    withContext(async (context) => {
      const first = await openTab(context, query);
      const session = await signIn(first, await newUser());
      const others = await Promise.all(
        Array.from({ length: 19 }, () => openTab(context, query)),
      );
      const tabs = [first, ...others];
      const refreshes = countRefreshes(context);
      await nextSecond(session);
      await first.evaluate(() => app.expire());
      const tokens = await Promise.all(
        tabs.map((tab) => tab.evaluate(() => app.client.getAccessToken())),
      );
      assertEquals(new Set(tokens).size, 1);
      assert(tokens[0] && tokens[0] !== session.access_token);
      await Promise.all(tabs.map((tab) => heard(tab, "token_refreshed")));
      assertEquals(refreshes.count, 1);
      assertEquals(await generation(session.session_id), 1);
    }));

  Deno.test(`browser: a tab closed during a refresh does not block the others, ${name}`, () =>
    withContext(async (context) => {
      const closing = await openTab(context, query);
      const { session_id } = await signIn(closing, await newUser());
      const rotated = Promise.withResolvers<void>();
      await closing.route(isRefresh, async (route) => {
        await route.fetch();
        rotated.resolve(); // The answer never arrives.
      });
      await closing.evaluate(() => {
        app.expire();
        void app.client.getAccessToken().catch(() => {});
      });
      await rotated.promise;
      const staying = await openTab(context, query);
      await closing.close();
      const start = performance.now();
      const token = await staying.evaluate(() => app.client.getAccessToken());
      assert(token, "The session ended");
      // After the reuse interval of 10 s the server would call it theft.
      assert(performance.now() - start < 8_000, "It waited for too long");
      const { status } = await staying.evaluate(() => app.client.snapshot());
      assertEquals(status, "signed_in");
      assertEquals(await generation(session_id), 1);
    }, [/request failed: .*\/refresh: net::ERR_(ABORTED|FAILED)/]));
}

Deno.test("browser: another tab notices a sign-out and another user", () =>
  withContext(async (context) => {
    const [ada, bob] = await Promise.all([newUser(), newUser()]);
    const [here, there] = [await openTab(context), await openTab(context)];
    await signIn(here, ada);
    await heard(there, "signed_in");
    await signIn(here, bob);
    const changed = await heard(there, "user_changed");
    assertEquals("session" in changed && changed.session.user.id, bob.id);
    await here.evaluate(() => app.client.signOut());
    await heard(there, "signed_out");
    assertEquals(
      await there.evaluate(async () => [
        app.client.snapshot().status,
        await app.client.getAccessToken(),
      ]),
      ["signed_out", null],
    );
  }));

Deno.test("browser: offline keeps the session, and back online it is refreshed", () =>
  withContext(async (context) => {
    await context.clock.install();
    // Without Realtime, which would also ask for a token when it reconnects.
    const page = await openTab(context, "&without-realtime");
    await nextSecond(await signIn(page, await newUser()));
    await context.setOffline(true);
    const failure = await page.evaluate(async () => {
      app.expire();
      return await app.client.getAccessToken().then(
        () => "none",
        (error) => error.code,
      );
    });
    assertEquals(failure, "network_error");
    assertEquals(
      await page.evaluate(() => app.client.snapshot().status),
      "signed_in",
    );
    // The planned retry finds no network and plans no other.
    await context.clock.fastForward(60_000);
    await context.setOffline(false);
    await heard(page, "token_refreshed");
  }, [/ERR_INTERNET_DISCONNECTED/]));

Deno.test("browser: a revocation reaches the page without a reload", () =>
  withContext(async (context) => {
    const user = await newUser();
    const page = await openTab(context);
    const { session_id } = await signIn(page, user);
    await joined(page);
    // Requests fail from now on: only the broadcast can reach the page.
    await context.route("**/v1/**", (route) => route.abort());
    const other = await api.login(user);
    expectOk(await api.revoke(other, { session_id }));
    // deno-lint-ignore no-explicit-any
    const { at, ...event }: any = await heard(page, "session_revoked");
    assertEquals(event, {
      type: "session_revoked",
      session_id,
      reason: "user",
    });
    assertEquals(typeof at, "number");
    assertEquals(
      await page.evaluate(() => [
        app.client.snapshot().status,
        app.client.snapshot().reason,
        app.supabase.getChannels().length,
      ]),
      ["signed_out", "user", 0],
    );
  }, [/ERR_FAILED/]));

Deno.test("browser: watch joins a new channel after the server closed one", () =>
  withContext(async (context) => {
    const user = await newUser();
    const page = await context.newPage();
    const socket = await routeSocket(page);
    await page.goto(address(stack.apiUrl));
    await ready(page);
    const { session_id } = await signIn(page, user);
    await joined(page);
    socket.closeChannel();
    await until(() => socket.joins.length === 2, "a second join");
    await joined(page);
    socket.drop();
    await until(() => socket.joins.length === 3, "a third join");
    await joined(page);
    const other = await api.login(user);
    expectOk(await api.revoke(other, { session_id }));
    await heard(page, "session_revoked");
  }));

/** Intercepts a page's socket. */
async function routeSocket(page: Page) {
  let current: WebSocketRoute | undefined;
  /** The frames that joined a channel: [join_ref, ref, topic, …]. */
  const joins: string[][] = [];
  await page.routeWebSocket(/\/realtime\/v1\/websocket/, (socket) => {
    current = socket;
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      if (typeof message === "string") {
        const frame = JSON.parse(message);
        if (frame[3] === "phx_join") joins.push(frame);
      }
      server.send(message);
    });
  });
  return {
    joins,
    /** As the server does when a token has expired. */
    closeChannel() {
      const [joinRef, , topic] = joins.at(-1)!;
      current!.send(JSON.stringify([joinRef, joinRef, topic, "phx_close", {}]));
    },
    /** As a proxy does when it restarts. */
    drop: () => void current!.close({ code: 1012, reason: "Restarting" }),
  };
}

Deno.test("browser: a full localStorage does not break the sign-in", () =>
  withContext(async (context) => {
    const page = await openTab(context);
    await page.evaluate(() => {
      for (let size = 2 ** 22; size >= 1; size /= 2) {
        try {
          for (;;) {
            localStorage.setItem(
              `${size}-${localStorage.length}`,
              "x".repeat(size),
            );
          }
        } catch {
          // The rest is smaller than this.
        }
      }
    });
    const { access_token } = await signIn(page, await newUser());
    assertEquals(
      await page.evaluate(() => app.client.getAccessToken()),
      access_token,
    );
    assertEquals(
      await page.evaluate(async () =>
        (await app.client.fetch(
          new URLSearchParams(location.search).get("url") +
            "/functions/v1/profile",
        )).status
      ),
      200,
    );
  }));

Deno.test("browser: a denied localStorage does not break the sign-in", () =>
  withContext(async (context) => {
    const page = await context.newPage();
    await page.goto(address(stack.apiUrl));
    await page.evaluate(() => {
      // deno-lint-ignore no-explicit-any
      const { document } = globalThis as any;
      document.body.innerHTML =
        `<iframe sandbox="allow-scripts" src="${location.href}"></iframe>`;
    });
    await until(() => page.frames().length === 2, "the frame");
    const frame = page.frames()[1]!;
    await ready(frame);
    assertEquals(
      await frame.evaluate(() => {
        try {
          return typeof localStorage;
        } catch (error) {
          return (error as Error).name;
        }
      }),
      "SecurityError",
    );
    const { access_token } = await signIn(frame, await newUser());
    assertEquals(
      await frame.evaluate(() => app.client.getAccessToken()),
      access_token,
    );
  }));

Deno.test("browser: a page without a secure context is refreshed", () =>
  withContext(async (context) => {
    // For example a phone that opens http://192.168.….
    await context.addInitScript(() => {
      // deno-lint-ignore no-explicit-any
      delete (Navigator.prototype as any).locks;
      // deno-lint-ignore no-explicit-any
      delete (Crypto.prototype as any).randomUUID;
      // deno-lint-ignore no-explicit-any
      delete (Crypto.prototype as any).subtle;
    });
    const page = await openTab(context);
    const session = await signIn(page, await newUser());
    await nextSecond(session);
    const token = await page.evaluate(async () => {
      app.expire();
      return await app.client.getAccessToken();
    });
    assert(token && token !== session.access_token);
  }));

Deno.test("browser: a page of another origin reads every answer", async () => {
  const root = fromFileUrl(new URL("../..", import.meta.url));
  await using cleanup = new AsyncDisposableStack();
  // Nothing listens on port 1: these functions have lost their database.
  const broken = await startFunctions({
    projectRoot: root,
    functions: (await readConfig(root)).functions,
    env: {
      ...functionsEnvironment({
        apiUrl: stack.apiUrl,
        databaseUrl: stack.dbUrl,
        keys: stack.keys,
      }),
      LATCHKEY_DB_URL: "postgresql://nobody@127.0.0.1:1/none",
    },
  });
  cleanup.defer(() => broken.close());
  await withContext(async (context) => {
    const origin = "http://app.localhost";
    await servePage(context, `${origin}/__test/app`, script);
    const page = await context.newPage();
    await page.goto(address(origin));
    await ready(page);
    const { session_id, refresh_token } = await signIn(page, await newUser());
    const profile = await page.evaluate(
      async (url) => await (await app.client.fetch(url)).json(),
      `${api.url}/profile`,
    );
    assertEquals(profile.session_id, session_id);
    const [status, challenge] = await page.evaluate(async ([url, key]) => {
      const response = await fetch(url, {
        headers: { apikey: key, Authorization: "Bearer none" },
      });
      return [response.status, response.headers.get("WWW-Authenticate")];
    }, [`${api.url}/profile`, stack.publishableKey] as const);
    assertEquals(status, 401);
    assert(String(challenge).startsWith('Bearer error="invalid_token"'));
    const [unavailable, wait] = await page.evaluate(
      async ([url, key, token]) => {
        const response = await fetch(url, {
          method: "POST",
          headers: { apikey: key, "Content-Type": "application/json" },
          body: JSON.stringify({ refresh_token: token }),
        });
        return [response.status, Number(response.headers.get("Retry-After"))];
      },
      [`${broken.url}/refresh`, stack.publishableKey, refresh_token] as const,
    );
    assertEquals(unavailable, 503);
    assert(Number(wait) > 0);
  }, [/the server responded with a status of (401|503)/]);
});

Deno.test("browser: the helpers that find faults find them", async () => {
  const context = await newContext();
  try {
    const page = await context.newPage();
    await page.setContent("<img><script>console.warn('careful')</script>");
    await assertFails(() => expectQuiet(context), "careful");
    expectQuiet(context, [/careful/]);
    await assertFails(() => expectAccessible(page), "image-alt");
  } finally {
    await context.close();
  }
});

async function assertFails(work: () => unknown, words: string) {
  try {
    await work();
  } catch (error) {
    return assert(String(error).includes(words), String(error));
  }
  assert(false, `It did not fail with "${words}"`);
}

Deno.test("browser: a <base> on another origin gets no token", () =>
  withContext(async (context) => {
    const page = await openTab(context);
    await signIn(page, await newUser());
    const sent: (string | undefined)[] = [];
    await context.route("https://cdn.example/**", (route) => {
      sent.push(route.request().headers().authorization);
      return route.fulfill({
        headers: {
          "Access-Control-Allow-Origin": "*",
          "Access-Control-Allow-Headers": "authorization, apikey",
        },
        body: "{}",
      });
    });
    await page.evaluate(
      "document.head.innerHTML += '<base href=https://cdn.example/>'",
    );
    await page.evaluate(async () => {
      await app.client.fetch("rest/v1/notes");
    });
    assertEquals(sent, [undefined]);
  }));
