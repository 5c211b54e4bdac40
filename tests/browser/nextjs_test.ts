/**
 * examples/nextjs, built and started as a user would, in Chromium on the stack:
 * what server rendering must not lose, leak or keep.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { decodeJwt } from "jose";
import configuration from "../../deno.json" with { type: "json" };
import type { BrowserContext, Page, Response } from "playwright-core";
import {
  accessTokens,
  api,
  expectOk,
  newUser,
  stack,
  type User,
  withDatabase,
  withSettings,
} from "../harness.ts";
import { balance, bodyOf, buildApp, headersOf, nextApp } from "./apps.ts";
import { browser, expectAccessible, newContext } from "./browser.ts";
import { addComponents } from "./nextjs/registry.ts";

const COOKIE = "__Host-latchkey-session";
const SESSION_COOKIE = /^__Host-latchkey-session(\.\d)?$/;
const { version } = configuration;
const PATHS = ["/", "/notes", "/devices", "/sign-in", "/auth/session"];

await browser();
await withDatabase(stack.dbUrl, async (sql) => {
  const notes = new URL(
    "../../examples/nextjs/supabase/notes.sql",
    import.meta.url,
  );
  await sql.unsafe(
    `drop table if exists public.notes;
    ${await Deno.readTextFile(notes)}
    notify pgrst, 'reload schema'`,
  );
});
const app = await buildApp("examples/nextjs", {
  ...nextApp(stack),
  async prepare(app) {
    const { dependencies } = JSON.parse(
      await Deno.readTextFile(`${app}/package.json`),
    );
    assertEquals(dependencies["supabase-latchkey"], `^${version}`);
    // After `init` in the app's folder, the build must ignore Deno's code.
    await Deno.mkdir(`${app}/supabase/functions/login`, { recursive: true });
    await Deno.copyFile(
      new URL("../../supabase/functions/login/index.ts", import.meta.url),
      `${app}/supabase/functions/login/index.ts`,
    );
  },
  complete: (app, run) =>
    addComponents(
      ["session-list", "session-ended-dialog", "sign-in-form"],
      app,
      run,
    ),
});
const { port } = await app.start();
const ORIGIN = `http://localhost:${port}`;

Deno.test.afterAll(async () => {
  await app.close();
  await withDatabase(
    stack.dbUrl,
    (sql) =>
      sql.unsafe("drop table public.notes; notify pgrst, 'reload schema'"),
  );
});

/** A browser for the length of a callback. */
async function withBrowser<T>(
  use: (context: BrowserContext, page: Page) => Promise<T>,
  options: Parameters<typeof newContext>[0] = {},
): Promise<T> {
  const context = await newContext(options);
  try {
    return await use(context, await context.newPage());
  } finally {
    await context.close();
  }
}

/** Signs in by the form, and waits for the notes. */
async function signIn(page: Page, { email, password }: User, origin = ORIGIN) {
  await page.goto(`${origin}/sign-in`);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("heading", { name: "Notes" }).waitFor();
}

/** The cookie of the session, in its parts if it is long. */
async function sessionCookies(context: BrowserContext) {
  return (await context.cookies())
    .filter(({ name }) => SESSION_COOKIE.test(name))
    .sort((a, b) => a.name < b.name ? -1 : 1);
}

/** What the browser's cookie holds. */
async function tokens(context: BrowserContext) {
  const parts = await sessionCookies(context);
  const value = parts.map(({ value }) => value).join("");
  const [, refresh, access] = /^(lkr_[\w-]+)\.(.*)$/.exec(value) ?? [];
  if (!refresh) throw new Error(`No session in the cookie: ${value}`);
  return { refresh, access: access!, cookie: parts[0]! };
}

/** Makes the access token in the browser's cookie one that has expired. */
async function expire(context: BrowserContext): Promise<string> {
  const { refresh, access, cookie } = await tokens(context);
  const claims = decodeJwt(access);
  const ago = 1_000;
  const expired = await accessTokens.issue({
    ...claims,
    iat: claims.iat! - ago,
    exp: claims.exp! - ago,
  });
  const { name: _, value: __, ...attributes } = cookie;
  await context.clearCookies({ name: SESSION_COOKIE });
  const value = `${refresh}.${expired}`;
  await context.addCookies([{ name: COOKIE, value, ...attributes }]);
  return value;
}

/** The session's row. */
async function row(context: BrowserContext) {
  const { session_id } = decodeJwt((await tokens(context)).access);
  return await withDatabase(stack.dbUrl, async (sql) => {
    const [row] = await sql`
      select generation, revoked_reason, jkt is not null as bound
      from latchkey.refresh_tokens where session_id = ${session_id as string}`;
    return row as {
      generation: number;
      revoked_reason: string | null;
      bound: boolean;
    };
  }, 1);
}

/** Waits until the page listens for the end of its session. */
async function watching(page: Page) {
  // Listens from the start, because the frame may arrive before the reload ends.
  const joined = page.waitForEvent("websocket").then((socket) =>
    socket.waitForEvent("framereceived", {
      predicate: ({ payload }) => String(payload).includes('"system"'),
    })
  );
  await page.reload();
  await joined;
}

Deno.test("nextjs: sign up, write a note, and end another device", () =>
  withBrowser(async (context, page) => {
    const email = `${crypto.randomUUID()}@example.com`;
    const password = "correct horse battery";
    await page.goto(ORIGIN);
    await expectAccessible(page);
    await page.getByRole("link", { name: "Create an account" }).click();
    await page.getByRole("heading", { name: "Create an account" }).waitFor();
    await expectAccessible(page);
    // With the keyboard alone.
    await page.getByLabel("E-mail").focus();
    await page.keyboard.type(email);
    await page.keyboard.press("Tab");
    await page.keyboard.type(password);
    await page.keyboard.press("Enter");
    await page.getByText("No notes yet").waitFor();
    await page.getByLabel("New note").fill("Feed the cat");
    await page.keyboard.press("Enter");
    await page.getByRole("listitem").filter({ hasText: "Feed the cat" })
      .waitFor();
    assertEquals(await page.getByLabel("New note").inputValue(), "");
    await expectAccessible(page);
    assert((await row(context)).bound, "The session is not bound to the key");

    await withBrowser(async (otherContext, other) => {
      await signIn(other, { id: "", email, password });
      await other.getByText("Feed the cat").waitFor();
      await watching(other);

      await page.getByRole("link", { name: "Devices" }).click();
      const devices = page.getByRole("region", { name: "Your devices" })
        .getByRole("listitem");
      await devices.nth(1).waitFor();
      assertMatch((await devices.nth(0).textContent())!, /This device/);
      assertMatch(
        (await devices.nth(1).textContent())!,
        /Last seen from 127\.0\.0\.1.*Last active/,
      );
      await expectAccessible(page);
      await devices.nth(1).getByRole("button", { name: /^Sign out / }).focus();
      await page.keyboard.press("Enter");
      await page.getByText("No other device is signed in.").waitFor();
      // The focus is where the list can be read on.
      assertEquals(
        await page.locator(":focus").textContent(),
        "Your devices",
      );

      const dialog = other.getByRole("dialog", { name: "You are signed out" });
      await dialog.waitFor();
      await dialog.getByText("You signed this device out from another device.")
        .waitFor();
      await expectAccessible(other);
      await other.keyboard.press("Escape");
      assert(await dialog.isVisible());
      await other.keyboard.press("Enter");
      await other.getByRole("heading", { name: "Sign in" }).waitFor();
      assertMatch(
        (await other.getByRole("status").textContent())!,
        /from another device/,
      );
      await expectAccessible(other);
      assertEquals(await other.getByText("Feed the cat").count(), 0);
      // After the sign-in, the page from before.
      await other.getByLabel("E-mail").fill(email);
      await other.getByLabel("Password").fill(password);
      await other.keyboard.press("Enter");
      await other.getByText("Feed the cat").waitFor();
      assertEquals((await row(otherContext)).generation, 0);
    });
  }));

/** Sends thirty requests at the same moment, as a busy app does. */
async function thirtyRequests(context: BrowserContext, page: Page) {
  const tabs = await Promise.all(
    Array.from({ length: 5 }, () => context.newPage()),
  );
  const origin = new URL(page.url()).origin;
  await expire(context);
  const before = await tokens(context);
  const [answers] = await Promise.all([
    page.evaluate(async (paths) => {
      const get = async (path: string, headers = {}) => {
        // Next.js redirects a fetch to the same path with a key for caches.
        const signal = AbortSignal.timeout(20_000);
        const response = await fetch(path, { headers, signal });
        const { pathname } = new URL(response.url);
        const text = await response.text();
        return { path, pathname, status: response.status, text };
      };
      return await Promise.all([
        ...paths.flatMap((path) => [
          get(path),
          get(path, { RSC: "1" }),
          get(path, { RSC: "1", "Next-Router-Prefetch": "1" }),
        ]),
        ...Array.from({ length: 10 }, () => get("/auth/session")),
      ]);
    }, ["/", "/notes", "/devices", "/notes", "/devices"]),
    ...tabs.map((tab) => tab.goto(`${origin}/notes`)),
  ]);
  assertEquals(answers.length + tabs.length, 30);
  for (const tab of tabs) {
    await tab.getByRole("heading", { name: "Notes" }).waitFor();
    await tab.close();
  }
  for (const { path, pathname, status, text } of answers) {
    assertEquals([status, pathname], [200, path]);
    assert(!text.includes("/sign-in?next"), `${path} signed out`);
    if (path === "/auth/session") {
      assertEquals(JSON.parse(text).status, "signed_in");
    }
  }
  const after = await tokens(context);
  assert(after.refresh !== before.refresh);
  assertEquals(await row(context), {
    generation: 1,
    revoked_reason: null,
    bound: true,
  });
  await page.goto(`${origin}/notes`);
  await page.getByRole("heading", { name: "Notes" }).waitFor();
}

Deno.test("nextjs: thirty requests at expiry get one successor", () =>
  withBrowser(async (context, page) => {
    await signIn(page, await newUser());
    await thirtyRequests(context, page);
  }));

Deno.test("nextjs: thirty requests at expiry get one successor from two processes that lose answers", async () => {
  const servers = [
    await app.start({ lostAnswers: 2 }),
    await app.start({ lostAnswers: 2 }),
  ];
  using balancer = balance(servers.map(({ port }) => port));
  await withBrowser(async (context, page) => {
    await signIn(page, await newUser(), `http://localhost:${balancer.port}`);
    await thirtyRequests(context, page);
    assert(balancer.connections.every((count) => count > 0), "One was idle");
  });
});

Deno.test("nextjs: the refresh token is in no script's reach, and no cache stores a session", () =>
  withBrowser(async (context, page) => {
    const seen: {
      response: Response;
      headers: ReturnType<typeof headersOf>;
      body: Promise<string>;
    }[] = [];
    context.on("response", (response) => {
      seen.push({
        response,
        headers: headersOf(response),
        body: bodyOf(response),
      });
    });
    const user = await newUser();
    await signIn(page, user);
    await expire(context);
    await page.goto(`${ORIGIN}/notes`);
    await page.getByLabel("New note").fill("Feed the cat");
    await page.keyboard.press("Enter");
    await page.getByRole("listitem").waitFor();
    await page.getByRole("link", { name: "Devices" }).click();
    await page.getByText("No other device is signed in.").waitFor();
    await expire(context);
    await page.evaluate(async () => {
      for (const path of ["/notes", "/auth/session", "/auth/session?live"]) {
        await (await fetch(path)).text();
        await (await fetch(path, { headers: { RSC: "1" } })).text();
      }
      const refreshed = await fetch("/auth/refresh", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: "{}",
      });
      await refreshed.text();
    });
    const inReach = await page.evaluate(async () => {
      const { document, localStorage, sessionStorage, indexedDB, caches } =
        // deno-lint-ignore no-explicit-any
        globalThis as any;
      return JSON.stringify([
        document.cookie,
        { ...localStorage },
        { ...sessionStorage },
        (await indexedDB.databases()).map(({ name }: { name: string }) => name),
        await caches.keys(),
        document.documentElement.outerHTML,
      ]);
    });
    assert(!inReach.includes("lkr_"), inReach);
    assert(!inReach.includes("latchkey-session"), inReach);

    let sessionsSet = 0;
    for (const { response, headers, body } of seen) {
      const url = response.url();
      assert(!(await body).includes("lkr_"), url);
      const all = await headers;
      const cookies = all.filter(({ name, value }) =>
        name.toLowerCase() === "set-cookie" && value.includes("lkr_")
      );
      for (const { name, value } of all) {
        if (name.toLowerCase() !== "set-cookie") {
          assert(!value.includes("lkr_"), `${url}: ${name}`);
        }
      }
      const cacheControl = all.find(({ name }) =>
        name.toLowerCase() === "cache-control"
      )?.value ?? "";
      for (const { value } of cookies) {
        sessionsSet++;
        for (const part of ["HttpOnly", "Secure", "SameSite=lax", "Path=/"]) {
          assert(value.toLowerCase().includes(part.toLowerCase()), value);
        }
        assert(!/domain=/i.test(value));
        assertMatch(cacheControl, /private/, url);
      }
      // Also pages that only show a user's data. Next.js redirects a fetch to
      // the same path with a key for caches, before it knows of the session.
      const { pathname, origin } = new URL(url);
      const isPage = origin === ORIGIN && PATHS.includes(pathname);
      if (isPage && response.status() === 200) {
        assertMatch(cacheControl, /no-store/, url);
      }
    }
    // The sign-in, the two that expired, and the one that was asked for.
    assert(sessionsSet >= 4, `Only ${sessionsSet} responses set a session`);
    for (const { name, domain, httpOnly } of await context.cookies()) {
      assert(name.startsWith(COOKIE), name);
      assertEquals([domain, httpOnly], ["localhost", true]);
    }
  }));

Deno.test("nextjs: an end is shown with its reason in the next render, without the broadcast", () =>
  withBrowser(async (context, page) => {
    await page.routeWebSocket(/./, (socket) => void socket.close());
    const user = await newUser();
    await signIn(page, user);
    const { session_id } = decodeJwt((await tokens(context)).access);
    const other = await api.login(user);
    expectOk(await api.revoke(other, { session_id }));
    // A navigation without a new document.
    await page.getByRole("link", { name: "Devices" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.getByRole("status").getByText(/from another device/).waitFor();
    assertEquals(
      await page.getByRole("button", { name: "Sign out" }).count(),
      0,
    );
    const expectReason = async () => {
      await page.goto(`${ORIGIN}/notes`);
      await page.getByRole("status").getByText(/from another device/).waitFor();
    };
    // The reason stays until the next sign-in,
    await expectReason();
    // also after a route has removed the tokens from the cookie.
    await page.evaluate(async () =>
      await (await fetch("/auth/session?live")).text()
    );
    assertEquals(
      (await sessionCookies(context)).map(({ value }) => value),
      ["ended.user"],
    );
    await expectReason();
  }));

Deno.test("nextjs: the back button shows nothing protected after a sign-out", () =>
  withBrowser(async (context, page) => {
    await signIn(page, await newUser());
    await page.getByLabel("New note").fill("Feed the cat");
    await page.keyboard.press("Enter");
    await page.getByRole("listitem").waitFor();
    await page.getByRole("link", { name: "Devices" }).click();
    await page.getByRole("region", { name: "Your devices" }).waitFor();
    await page.getByRole("link", { name: "Notes", exact: true }).click();
    await page.getByRole("listitem").waitFor();
    const { session_id } = decodeJwt((await tokens(context)).access);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    assertEquals(await sessionCookies(context), []);
    // The user did this, so there is nothing to explain.
    assertEquals(await page.getByRole("status").count(), 0);
    for (let i = 0; i < 3; i++) {
      await page.goBack();
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
      assertEquals(await page.getByText("Feed the cat").count(), 0);
      assertEquals(await page.getByText("Your devices").count(), 0);
    }
    const [row] = await withDatabase(
      stack.dbUrl,
      (sql) =>
        sql`select revoked_reason from latchkey.refresh_tokens
          where session_id = ${session_id as string}`,
      1,
    );
    assertEquals(row!.revoked_reason, "signed_out");
  }));

Deno.test("nextjs: a navigation that is aborted after the refresh signs nobody out, a minute later either", () =>
  withBrowser(async (context, page) => {
    await signIn(page, await newUser());
    const sent = await expire(context);
    const { session_id } = decodeJwt((await tokens(context)).access);
    // The server refreshes, and the browser never gets the cookie.
    const lost = await fetch(`${ORIGIN}/notes`, {
      headers: { Cookie: `${COOKIE}=${sent}` },
    });
    assertMatch(await lost.text(), /No notes yet/);
    assertEquals(lost.headers.getSetCookie().length > 0, true);
    await withDatabase(stack.dbUrl, (sql) =>
      sql`update latchkey.refresh_tokens
          set rotated_at = rotated_at - interval '1 minute'
          where session_id = ${session_id as string}`, 1);
    await page.reload();
    await page.getByRole("heading", { name: "Notes" }).waitFor();
    assertEquals((await row(context)).generation, 1);
    // And the copy of the cookie is worth nothing without the server's key.
    const { refresh } = await tokens(context);
    const stolen = await api.refresh(refresh);
    assertEquals(
      [stolen.status, stolen.body.code],
      [400, "invalid_dpop_proof"],
    );
    await page.reload();
    await page.getByRole("heading", { name: "Notes" }).waitFor();
  }));

/** Every route that a visitor can send something to. */
const ROUTES = [
  ...["/", "/notes", "/devices", "/sign-in", "/sign-up", "/sign-in/link"],
  ...["/auth/confirm", "/auth/verify", "/auth/sign-out"],
  ...["/auth/session", "/auth/login", "/auth/refresh", "/auth/revoke"],
];

/** Runs in another site's page: sends everything that a page can send. */
async function attack(
  { origin, routes, fields }: {
    origin: string;
    routes: string[];
    fields: Record<string, string>;
  },
): Promise<string[]> {
  // deno-lint-ignore no-explicit-any
  const { document } = globalThis as any;
  /** What was read of an answer. */
  const read: string[] = [];
  const sent: Promise<unknown>[] = [];
  for (const [i, route] of routes.entries()) {
    const url = origin + route;
    const image = document.createElement("img");
    sent.push(
      new Promise((done) => image.onload = image.onerror = done),
    );
    image.src = url;
    document.body.append(image);

    for (const enctype of ["multipart/form-data", "text/plain"]) {
      const frame = document.createElement("iframe");
      frame.name = `frame-${i}-${enctype}`;
      document.body.append(frame);
      const form = document.createElement("form");
      Object.assign(form, {
        action: url,
        method: "post",
        enctype,
        target: frame.name,
      });
      for (const [name, value] of Object.entries(fields)) {
        const input = document.createElement("input");
        Object.assign(input, { name, value });
        form.append(input);
      }
      document.body.append(form);
      sent.push(new Promise((done) => frame.onload = done));
      form.submit();
    }
    for (
      const init of [
        { method: "GET" },
        { method: "POST", mode: "no-cors", body: JSON.stringify(fields) },
        {
          method: "POST",
          body: JSON.stringify(fields),
          headers: { "Content-Type": "application/json" },
        },
        { method: "GET", headers: { "Latchkey-Mode": "server" } },
      ] as RequestInit[]
    ) {
      sent.push(
        fetch(url, { ...init, credentials: "include" })
          .then((response) => response.text())
          .then((text) => void (text && read.push(`${route}: ${text}`)))
          .catch(() => {}),
      );
    }
  }
  await Promise.all(sent);
  return read;
}

for (
  const [name, attacker] of Object.entries({
    "another site": "http://evil.example",
    "a sibling subdomain": "http://evil.example.localhost",
  })
) {
  Deno.test(`nextjs: forms, images and fetches of ${name} change nothing`, () =>
    withBrowser(async (context, page) => {
      const origin = `http://app.example.localhost:${port}`;
      const user = await newUser();
      await signIn(page, user, origin);
      await page.getByLabel("New note").fill("Feed the cat");
      await page.keyboard.press("Enter");
      await page.getByRole("listitem").waitFor();
      // The hidden fields that name the server actions, which anybody can read.
      const html = await page.evaluate(async () =>
        await (await fetch("/notes")).text()
      );
      const fields = Object.fromEntries(
        [...html.matchAll(
          /<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?/g,
        )]
          .map(([, name, value = ""]) => [name!, value]),
      );
      assert(Object.keys(fields).some((name) => name.startsWith("$ACTION")));
      const before = { ...await tokens(context), row: await row(context) };

      const evil = await context.newPage();
      await evil.route(
        `${attacker}/**`,
        (route) =>
          route.fulfill({ contentType: "text/html", body: "<body></body>" }),
      );
      await evil.goto(`${attacker}/`);
      const read = await evil.evaluate(attack, {
        origin,
        routes: ROUTES,
        fields: {
          ...fields,
          ...{ email: user.email, password: user.password, scope: "global" },
          ...{ text: "Buy a dog", next: "/" },
        },
      });
      assertEquals(read, []);
      // And as a navigation, which takes the cookie along.
      await evil.evaluate((origin) => {
        // deno-lint-ignore no-explicit-any
        const { document } = globalThis as any;
        const form = document.createElement("form");
        form.action = `${origin}/auth/sign-out`;
        form.method = "post";
        document.body.append(form);
        form.submit();
      }, origin);
      await evil.waitForURL(`${origin}/**`);

      assertEquals(
        { ...await tokens(context), row: await row(context) },
        before,
      );
      await page.reload();
      assertEquals(
        await page.getByRole("main").getByRole("listitem").allTextContents(),
        ["Feed the cat"],
      );
      const [{ sessions }] = await withDatabase(
        stack.dbUrl,
        (sql) =>
          sql<[{ sessions: number }]>`
          select count(*)::int as sessions from latchkey.refresh_tokens
          where user_id = ${user.id}`,
        1,
      );
      assertEquals(sessions, 1);
    }));
}

Deno.test("nextjs: cookies that a sibling subdomain plants are not read", () =>
  withBrowser(async (context, page) => {
    const origin = `http://app.example.localhost:${port}`;
    const [attacker, user] = await Promise.all([newUser(), newUser()]);
    const { refresh, access } = await withBrowser(async (context, page) => {
      await signIn(page, attacker, origin);
      return await tokens(context);
    });
    const evil = await context.newPage();
    await evil.route(
      "http://evil.example.localhost/**",
      (route) =>
        route.fulfill({ contentType: "text/html", body: "<body></body>" }),
    );
    await evil.goto("http://evil.example.localhost/");
    const plant = () =>
      evil.evaluate(([name, value]) => {
        // deno-lint-ignore no-explicit-any
        const { document } = globalThis as any;
        const bare = name!.slice("__Host-".length);
        const names = [name, `${name}.0`, bare, `${bare}.0`, `=${name}`];
        names.push(`__host-${bare}`, `\u2000${name}`);
        for (const name of names) {
          for (const path of ["/", "/notes", "/auth"]) {
            document.cookie = `${name}=${value}; Domain=example.localhost; ` +
              `Path=${path}; Max-Age=1000`;
          }
        }
        return document.cookie as string;
      }, [COOKIE, `${refresh}.${access}`]);
    assert((await plant()).includes(refresh), "Nothing was planted");

    await page.goto(`${origin}/notes`);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await signIn(page, user, origin);
    await plant();
    await page.reload();
    await page.getByText(user.email).waitFor();
    assertEquals(
      await page.evaluate(async () =>
        (await (await fetch("/auth/session")).json()).session.user.email
      ),
      user.email,
    );
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.goto(`${origin}/notes`);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  }));

Deno.test("nextjs: the link of an e-mail signs in by a route, once and only by a click", () =>
  withBrowser(async (context, page) => {
    const user = await newUser();
    await page.goto(`${ORIGIN}/sign-in`);
    await page.getByRole("link", { name: "E-mail me a sign-in link" }).click();
    await page.getByRole("heading", { name: "Sign in by e-mail" }).waitFor();
    await page.getByLabel("E-mail").fill(user.email);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Send the link" }).click();
    await page.getByRole("heading", { name: "Check your e-mail" }).waitFor();
    await expectAccessible(page);
    const [{ token }] = await withDatabase(
      stack.dbUrl,
      (sql) =>
        sql<[{ token: string }]>`
        select recovery_token as token from auth.users where id = ${user.id}`,
      1,
    );
    const link = `${ORIGIN}/auth/confirm?token_hash=${token}&type=magiclink`;
    // A mail scanner opens it first.
    await (await fetch(link)).text();
    await page.goto(link);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("heading", { name: "Notes" }).waitFor();
    const { access } = await tokens(context);
    assertEquals(decodeJwt(access).email, user.email);
    assert((await row(context)).bound);
    await page.goto(link);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText("This link has expired or was already used")
      .waitFor();
  }));

Deno.test("nextjs: sign-ins through the app are counted by the browser's address", () =>
  // An address may have ten wrong passwords then.
  withSettings({ attempts_before_delay: 1 }, async () => {
    const user = await newUser();
    /** A browser, as the proxy in front of the app sees it. */
    const from = <T>(address: string, use: (page: Page) => Promise<T>) =>
      withBrowser((_, page) => use(page), {
        extraHTTPHeaders: { "X-Real-IP": address },
      });
    const guesser = `192.0.2.${crypto.getRandomValues(new Uint8Array(1))[0]}`;
    await from(guesser, async (page) => {
      await page.goto(`${ORIGIN}/sign-in`);
      const codes = await page.evaluate(async () => {
        const codes: string[] = [];
        // The delay after the tenth doubles each time, and this page is slow.
        while (codes.length < 20 && codes.at(-1) !== "too_many_requests") {
          const response = await fetch("/auth/login", {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            // Another account each time, so that only the address repeats.
            body: JSON.stringify({
              email: `${crypto.randomUUID()}@example.com`,
              password: "wrong password",
            }),
          });
          codes.push((await response.json()).code);
        }
        return codes;
      });
      assertEquals(
        new Set(codes.slice(0, 10)),
        new Set(["invalid_credentials"]),
      );
      assertEquals(codes.at(-1), "too_many_requests");
    });
    await from("198.51.100.7", async (page) => {
      await signIn(page, user);
      await page.getByRole("link", { name: "Devices" }).click();
      await page.getByText("Last seen from 198.51.100.7").waitFor();
    });
  }));
