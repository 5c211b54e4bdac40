/**
 * Cookie mode in a real Chromium, across origins: what the browser stores, sends
 * and hides, and what a hostile page can do.
 */
import { assert, assertEquals } from "@std/assert";
import type { BrowserContext, Page } from "playwright-core";
import {
  browser,
  bundle,
  expectQuiet,
  newContext,
  servePage,
} from "./browser.ts";
import type { app as App } from "./browser_client_page.ts";
import { newUser, stack, type User, withDatabase } from "../harness.ts";

/** In the pages. */
declare const app: typeof App;
// deno-lint-ignore no-explicit-any
declare const document: any;

/** The app's origin, which may have cookies. The functions have another. */
const APP = "http://127.0.0.1:1001";
/** One of another site, and one of the same site that is not listed. */
const HOSTILE = ["http://localhost:1002", "http://127.0.0.1:1002"];

const script = await bundle(new URL("browser_client_page.ts", import.meta.url));
await browser();

async function withContext(
  use: (context: BrowserContext) => Promise<void>,
  allowed: RegExp[] = [],
) {
  const context = await newContext();
  try {
    for (const origin of [APP, ...HOSTILE]) {
      await servePage(context, `${origin}/app`, script);
    }
    await use(context);
    expectQuiet(context, allowed);
  } finally {
    await context.close();
  }
}

async function openTab(context: BrowserContext, origin = APP): Promise<Page> {
  const page = await context.newPage();
  await page.goto(
    `${origin}/app?cookie&without-realtime&key=${stack.publishableKey}` +
      `&url=${encodeURIComponent(stack.apiUrl)}`,
  );
  await page.waitForFunction(() => "app" in globalThis);
  return page;
}

function signIn(page: Page, { email, password }: User) {
  return page.evaluate(
    (account) => app.client.signIn(account),
    { email, password },
  );
}

async function cookies(context: BrowserContext) {
  return (await context.cookies())
    .filter(({ name }) => name === "__Host-latchkey");
}

function generation(session_id: string): Promise<number> {
  return withDatabase(stack.dbUrl, async (sql) => {
    const [row] = await sql`
      select generation from latchkey.refresh_tokens
      where session_id = ${session_id} and revoked_at is null`;
    return row!.generation;
  });
}

Deno.test("cookie mode: the browser keeps the refresh token where no script sees it", () =>
  withContext(async (context) => {
    const page = await openTab(context);
    const session = await signIn(page, await newUser());
    assertEquals(session.refresh_token, "");
    const [cookie] = await cookies(context);
    assert(cookie!.value.startsWith("lkr_"));
    assertEquals(
      [cookie!.httpOnly, cookie!.secure, cookie!.sameSite, cookie!.path],
      [true, true, "Strict", "/"],
    );
    const visible = await page.evaluate(() =>
      [document.cookie, ...Object.values(localStorage)].join()
    );
    assert(!visible.includes("lkr_"));

    // A reload keeps the session, which the cookie alone refreshes.
    await page.reload();
    await page.waitForFunction(() => "app" in globalThis);
    const refreshed = await page.evaluate(() => app.client.refresh());
    assertEquals(refreshed!.session_id, session.session_id);
    assertEquals(await generation(session.session_id), 1);
    assert((await cookies(context))[0]!.value !== cookie!.value);

    await page.evaluate(() => app.client.signOut());
    assertEquals(await cookies(context), []);
  }));

Deno.test("cookie mode: twenty tabs make one refresh", () =>
  withContext(async (context) => {
    const tabs = [await openTab(context)];
    while (tabs.length < 20) tabs.push(await openTab(context));
    const { session_id } = await signIn(tabs[0]!, await newUser());
    await tabs[0]!.evaluate(() => app.expire());
    const tokens = await Promise.all(
      tabs.map((tab) => tab.evaluate(() => app.client.getAccessToken())),
    );
    assertEquals(new Set(tokens).size, 1);
    assertEquals(await generation(session_id), 1);
  }));

Deno.test("cookie mode: a sign-in as another user during a refresh keeps the new cookie", () =>
  withContext(async (context) => {
    const [ada, bob] = [await newUser(), await newUser()];
    const [one, two] = [await openTab(context), await openTab(context)];
    await signIn(one, ada);
    const [, session] = await Promise.all([
      one.evaluate(() => app.client.refresh()),
      signIn(two, bob),
    ]);
    const refreshed = await one.evaluate(() => app.client.refresh());
    assertEquals(refreshed!.session_id, session.session_id);
  }));

Deno.test("cookie mode: a hostile page can neither refresh nor sign out", () =>
  withContext(async (context) => {
    const page = await openTab(context);
    const { session_id } = await signIn(page, await newUser());
    for (const origin of HOSTILE) {
      const url = `${stack.apiUrl}/functions/v1`;
      const attacks = [
        ["refresh", "{}"],
        ["revoke", '{"scope":"local"}'],
      ];
      const hostile = await openTab(context, origin);
      for (const [name, body] of attacks) {
        // The header causes a preflight request, which fails.
        const read = await hostile.evaluate(
          ([url, key, body]) =>
            fetch(url!, {
              method: "POST",
              credentials: "include",
              headers: {
                apikey: key!,
                "Content-Type": "application/json",
                "Latchkey-Mode": "cookie",
              },
              body,
            }).then(() => "read", () => "refused"),
          [`${url}/${name}`, stack.publishableKey, body],
        );
        assertEquals(read, "refused");
        // A form's content types and no header need no preflight.
        await hostile.evaluate(
          ([url, body]) =>
            fetch(url!, {
              method: "POST",
              mode: "no-cors",
              credentials: "include",
              headers: { "Content-Type": "text/plain" },
              body,
            }),
          [`${url}/${name}`, body],
        );
        const form = hostile.waitForResponse((response) =>
          response.url() === `${url}/${name}` &&
          response.request().isNavigationRequest()
        );
        await hostile.evaluate((action) => {
          const frame = document.createElement("iframe");
          frame.name = action;
          const form = document.createElement("form");
          Object.assign(form, { action, method: "post", target: action });
          document.body.append(frame, form);
          form.submit();
        }, `${url}/${name}`);
        assertEquals((await form).status() >= 400, true);
      }
    }
    assertEquals(await generation(session_id), 0);
    assert(await page.evaluate(() => app.client.refresh()));
  }, [
    /blocked by CORS policy/,
    /net::ERR_(FAILED|ABORTED)/,
    /status of 4\d\d/,
    /favicon/,
  ]));
