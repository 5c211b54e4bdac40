/**
 * Apps whose pages SvelteKit and React Router render on a server, in Chromium:
 * many requests at the moment of expiry, what scripts and caches see, and what a
 * page says when its session ends elsewhere.
 */
import { assert, assertEquals } from "@std/assert";
import { exportJWK, generateKeyPair } from "jose";
import type { BrowserContext, Page, Response } from "playwright-core";
import {
  accessTokens,
  api,
  newUser,
  stack,
  until,
  type User,
  withDatabase,
} from "../harness.ts";
import { freePort } from "../../stack/free_port.ts";
import { balance, bodyOf, buildApp, type BuiltApp, headersOf } from "./apps.ts";
import { browser, expectQuiet, newContext } from "./browser.ts";

// deno-lint-ignore no-explicit-any
declare const document: any, localStorage: any, sessionStorage: any;

const COOKIE = "__Host-latchkey-session";
/** The routers abort a request for data when they have read what they need. */
const ABORTED_BY_ROUTER =
  /^request failed: \w+ \S+(\.data|\/__data\.json)\S*: net::ERR_ABORTED$/;
const NO_STORE = /private.*no-store/;

/** The apps, and the arguments of `node` that start each. */
const APPS = {
  SvelteKit: { source: "tests/apps/sveltekit", server: ["build"] },
  "React Router": {
    source: "tests/apps/react-router",
    server: [
      "node_modules/@react-router/serve/bin.js",
      "build/server/index.js",
    ],
  },
};

const { privateKey } = await generateKeyPair("ES256", { extractable: true });
const ENVIRONMENT = {
  SUPABASE_URL: stack.apiUrl,
  PAGE_SUPABASE_URL: stack.apiUrl,
  SUPABASE_KEY: stack.publishableKey,
  LATCHKEY_SERVER_KEY: JSON.stringify(await exportJWK(privateKey)),
};

await browser();

/** A browser that is signed in, and what it received. */
class Visitor {
  readonly responses: {
    response: Response;
    headers: ReturnType<typeof headersOf>;
    body: Promise<string>;
  }[] = [];

  constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly origin: string,
    readonly user: User,
  ) {
    context.on("response", (response) => {
      this.responses.push({
        response,
        headers: headersOf(response),
        body: bodyOf(response),
      });
    });
  }

  /** Opens the app and signs in by its form. */
  static async signIn(origin: string): Promise<Visitor> {
    const user = await newUser();
    const context = await newContext();
    const page = await context.newPage();
    const visitor = new Visitor(context, page, origin, user);
    await page.goto(`${origin}/sign-in`, { waitUntil: "networkidle" });
    await page.getByLabel("E-mail").fill(user.email);
    await page.getByLabel("Password").fill(user.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await visitor.expectSignedIn();
    return visitor;
  }

  async expectSignedIn(page = this.page): Promise<void> {
    await page.getByRole("heading", { name: `Hello, ${this.user.email}` })
      .waitFor();
  }

  /** The session's id and the refresh token, from the cookie. */
  async session(): Promise<{ session_id: string; refresh_token: string }> {
    const value = await this.cookie();
    const [refresh_token, , payload] = value.split(".");
    const { session_id } = JSON.parse(
      atob(payload!.replaceAll("-", "+").replaceAll("_", "/")),
    );
    return { session_id, refresh_token: refresh_token! };
  }

  async cookie(): Promise<string> {
    const cookies = await this.context.cookies();
    return cookies.find(({ name }) => name === COOKIE)?.value ?? "";
  }

  /** Lets the access token in the cookie expire. */
  async expire(): Promise<void> {
    const { refresh_token } = await this.session();
    const payload = (await this.cookie()).split(".")[2]!;
    const claims = JSON.parse(
      atob(payload.replaceAll("-", "+").replaceAll("_", "/")),
    );
    const now = Math.floor(Date.now() / 1000);
    const token = await accessTokens.issue({
      ...claims,
      iat: now - 901,
      exp: now - 1,
    });
    await this.context.addCookies([{
      name: COOKIE,
      value: `${refresh_token}.${token}`,
      domain: new URL(this.origin).hostname,
      path: "/",
      httpOnly: true,
      secure: true,
      sameSite: "Lax",
    }]);
  }

  async generation(): Promise<number> {
    const { session_id } = await this.session();
    return await withDatabase(stack.dbUrl, async (sql) => {
      const [row] = await sql`
        select generation from latchkey.refresh_tokens
        where session_id = ${session_id} and revoked_at is null`;
      return row!.generation;
    });
  }

  /**
   * Sends thirty requests at the same time: pages in tabs, and from one page
   * what a prefetch, a client-side navigation and a script send.
   *
   * @returns What was not answered as for a user who is signed in.
   */
  async thirtyRequests(): Promise<string[]> {
    const tabs = await Promise.all(
      Array.from({ length: 5 }, () => this.context.newPage()),
    );
    const navigations = tabs.map(async (tab) => {
      const response = await tab.goto(`${this.origin}/other`);
      const text = await tab.locator("body").textContent();
      return `${response!.status()} ${text}`;
    });
    const fetches = this.page.evaluate(
      (paths) =>
        Promise.all(paths.map(async (path) => {
          const response = await fetch(path);
          return `${response.status} ${await response.text()}`;
        })),
      Array.from(
        { length: 25 },
        (_, i) => ["/", "/other", "/auth/session"][i % 3]!,
      ),
    );
    const answers = [...await Promise.all(navigations), ...await fetches];
    assertEquals(answers.length, 30);
    await Promise.all(tabs.map((tab) => tab.close()));
    return answers.filter((text) =>
      !text.startsWith("200 ") || !text.includes(this.user.email)
    );
  }

  /** Closes the browser, unless a page complained. */
  async close(allowed: RegExp[] = []): Promise<void> {
    expectQuiet(this.context, [ABORTED_BY_ROUTER, ...allowed]);
    await this.context.close();
  }
}

for (const [name, { source, server }] of Object.entries(APPS)) {
  let built: Promise<BuiltApp> | undefined;
  let running: Promise<{ origin: string }> | undefined;
  Deno.test.afterAll(async () => await (await built)?.close());

  /** Starts a server for browsers that reach it at another origin, or at its own. */
  const start = async (
    { origin = "", lostAnswers = 0 } = {},
  ) => {
    const app =
      await (built ??= buildApp(source, { server, env: ENVIRONMENT }));
    const port = freePort();
    origin ||= `http://127.0.0.1:${port}`;
    await app.start({ port, env: { ORIGIN: origin }, lostAnswers });
    return { origin, port };
  };
  const app = () => running ??= start();

  Deno.test(`${name}: thirty requests at the moment of expiry get one successor`, async () => {
    const { origin } = await app();
    const visitor = await Visitor.signIn(origin);
    const before = await visitor.session();
    await visitor.expire();
    assertEquals(await visitor.thirtyRequests(), []);
    const after = await visitor.session();
    assertEquals(after.session_id, before.session_id);
    assertEquals(await visitor.generation(), 1);
    // What the browser has now is the successor.
    await visitor.page.reload();
    await visitor.expectSignedIn();
    await visitor.close();
  });

  Deno.test(`${name}: with two processes and lost answers, everyone is served too`, async () => {
    const port = freePort();
    const origin = `http://127.0.0.1:${port}`;
    const servers = await Promise.all([
      start({ origin, lostAnswers: 2 }),
      start({ origin, lostAnswers: 2 }),
    ]);
    using balancer = balance(servers.map(({ port }) => port), port);
    const { connections } = balancer;
    const visitor = await Visitor.signIn(origin);
    const { session_id } = await visitor.session();
    for (let round = 1; round <= 2; round++) {
      await visitor.expire();
      assertEquals(await visitor.thirtyRequests(), []);
      assertEquals(await visitor.generation(), round);
    }
    assertEquals((await visitor.session()).session_id, session_id);
    assert(connections.every((count) => count > 0), `${connections}`);
    await visitor.close();
  });

  Deno.test(`${name}: no script, storage, page or cache sees the refresh token`, async () => {
    const { origin } = await app();
    const visitor = await Visitor.signIn(origin);
    await visitor.page.getByRole("status").getByText("signed_in").waitFor();
    await visitor.expire();
    await visitor.page.reload();
    await visitor.expectSignedIn();
    await visitor.page.evaluate(() =>
      fetch("/auth/refresh", { method: "POST" }).then((answer) => answer.text())
    );
    const { refresh_token } = await visitor.session();
    assert(refresh_token.startsWith("lkr_"));
    const inPage = await visitor.page.evaluate(() =>
      [
        document.cookie,
        document.documentElement.outerHTML,
        JSON.stringify(localStorage),
        JSON.stringify(sessionStorage),
      ].join()
    );
    assert(!inPage.includes("lkr_"), inPage);
    let sets = 0;
    for (const { response, headers, body } of visitor.responses) {
      const all = await headers;
      const value = (name: string) =>
        all.filter((header) => header.name.toLowerCase() === name)
          .map(({ value }) => value).join("\n");
      assert(!(await body).includes("lkr_"), response.url());
      if (!value("set-cookie").includes(COOKIE)) continue;
      sets++;
      assert(NO_STORE.test(value("cache-control")), response.url());
      assert(/HttpOnly/i.test(value("set-cookie")));
      assert(/Secure/i.test(value("set-cookie")));
      assert(/SameSite=Lax/i.test(value("set-cookie")));
    }
    // The sign-in, the page after the expiry, and the route.
    assert(sets >= 3, `${sets}`);
    await visitor.close();
  });

  Deno.test(`${name}: a session that ended elsewhere is signed out at once, with the reason`, async () => {
    const { origin } = await app();
    const visitor = await Visitor.signIn(origin);
    const { page } = visitor;
    await page.getByRole("status").getByText("signed_in").waitFor();
    await endElsewhere(visitor);
    await page.getByRole("status").getByText("ended: user").waitFor();
    // The page has told its server, so a page without a live check knows too.
    await until(
      async () => await visitor.cookie() === "ended.user",
      "the cookie to say so",
    );
    await page.goto(`${origin}/other`);
    assertEquals(new URL(page.url()).pathname, "/sign-in");
    await page.goto(origin);
    await page.getByText("Signed out: user").waitFor();
    await visitor.close([/401|403/]);
  });

  Deno.test(`${name}: without the broadcast, the next page is signed out, with the reason`, async () => {
    const { origin } = await app();
    const visitor = await Visitor.signIn(origin);
    const { page } = visitor;
    await page.goto(`${origin}/other`);
    await endElsewhere(visitor);
    await page.getByRole("link", { name: "Home" }).click();
    await page.getByText("Signed out: user").waitFor();
    assertEquals(await visitor.cookie(), "ended.user");
    // A sign-in starts over.
    await page.getByLabel("E-mail").fill(visitor.user.email);
    await page.getByLabel("Password").fill(visitor.user.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await visitor.expectSignedIn();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    assertEquals(await visitor.cookie(), "");
    await visitor.close();
  });
}

/** Ends the visitor's session from another device of the same user. */
async function endElsewhere(visitor: Visitor): Promise<void> {
  const other = await api.login(visitor.user);
  const { session_id } = await visitor.session();
  const { status, body } = await api.revoke(other, { session_id });
  assertEquals([status, body.revoked], [200, 1]);
}
