/**
 * Sessions that are bound to a key in the IndexedDB of a real Chromium: what
 * scripts can do with the key, and what happens when it is lost or blocked.
 */
import { assert, assertEquals } from "@std/assert";
import { calculateJwkThumbprint } from "jose";
import type { BrowserContext, Page } from "playwright-core";
import type { Session } from "../../client/mod.ts";
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
declare const indexedDB: any;

/** An origin that may have cookies. */
const APP = "http://127.0.0.1:1001";

const REFUSED = /status of 400/;

const script = await bundle(new URL("browser_client_page.ts", import.meta.url));
await browser();

/** A new browser profile. */
async function withProfile(
  use: (context: BrowserContext) => Promise<void>,
  allowed: RegExp[] = [],
) {
  const context = await newContext();
  try {
    await servePage(context, `${APP}/app`, script);
    await use(context);
    expectQuiet(context, allowed);
  } finally {
    await context.close();
  }
}

async function openTab(
  context: BrowserContext,
  { query = "", isBlocked = false } = {},
): Promise<Page> {
  const page = await context.newPage();
  if (isBlocked) {
    await page.addInitScript(() => {
      // deno-lint-ignore no-explicit-any
      (globalThis as any).IDBFactory.prototype.open = () => {
        throw new DOMException("Denied.", "SecurityError");
      };
    });
  }
  await page.goto(
    `${APP}/app?without-realtime&key=${stack.publishableKey}` +
      `&url=${encodeURIComponent(stack.apiUrl)}${query}`,
  );
  await ready(page);
  return page;
}

async function ready(page: Page) {
  await page.waitForFunction(() =>
    "app" in globalThis && app.client.snapshot().status !== "loading"
  );
}

function signIn(page: Page, { email, password }: User) {
  return page.evaluate((account) => app.client.signIn(account), {
    email,
    password,
  });
}

/** Refreshes in the page; returns the code of the error, if any. */
function refresh(page: Page) {
  return page.evaluate(() =>
    app.client.refresh().then(
      (session) => session ? "refreshed" : "ended",
      ({ code, transient }) => `${code}${transient ? ", transient" : ""}`,
    )
  );
}

/** Lets the access token expire; returns the code of the next error, if any. */
function expire(page: Page) {
  return page.evaluate(async () => {
    app.expire();
    return await app.client.getAccessToken().then(
      () => undefined,
      ({ code }) => code as string,
    );
  });
}

/** Waits until the page has ended its session; returns the reason. */
async function ended(page: Page) {
  await page.waitForFunction(() =>
    app.client.snapshot().status === "signed_out"
  );
  assertEquals(
    await page.evaluate(() => app.client.getAccessToken()),
    null,
  );
  const event = await page.evaluate(() => app.events.at(-1)!);
  assertEquals(event.type, "session_revoked");
  return "reason" in event ? event.reason : undefined;
}

/** What scripts see in the database of keys. */
function readKeys(page: Page) {
  return page.evaluate(async () => {
    const open = indexedDB.open("latchkey");
    await new Promise((resolve) => open.onsuccess = resolve);
    const keys = open.result.transaction("proof_keys").objectStore(
      "proof_keys",
    );
    const all = keys.getAll();
    await new Promise((resolve) => all.onsuccess = resolve);
    open.result.close();
    return await Promise.all(
      all.result.map(
        async (
          { privateKey, publicJwk }: {
            privateKey: CryptoKey;
            publicJwk: JsonWebKey;
          },
        ) => ({
          publicJwk,
          extractable: privateKey.extractable,
          usages: privateKey.usages,
          exported: await crypto.subtle.exportKey("jwk", privateKey)
            .then(() => "exported", ({ name }) => name),
        }),
      ),
    );
  });
}

async function deleteKeys(page: Page) {
  await page.evaluate(() =>
    new Promise<void>((resolve, reject) => {
      const request = indexedDB.deleteDatabase("latchkey");
      request.onsuccess = () => resolve();
      request.onblocked = () => reject(new Error("A connection is open."));
    })
  );
}

/** The rows of a user's sessions, the oldest first. */
function rows({ id }: User) {
  return withDatabase(stack.dbUrl, async (sql) => {
    const rows = await sql`
      select t.session_id, t.generation, t.revoked_reason as reason,
        translate(encode(t.jkt, 'base64'), '+/=', '-_') as jkt,
        (select count(*)::int from latchkey.session_events e
         where e.session_id = t.session_id
           and e.event = 'authn_proof_refused') as refused
      from latchkey.refresh_tokens t
      where t.user_id = ${id} order by t.created_at`;
    return rows.map((row) => ({ ...row })) as {
      session_id: string;
      generation: number;
      reason: string | null;
      jkt: string | null;
      refused: number;
    }[];
  });
}

/** A second profile with a copy of the first one's localStorage and cookies. */
async function copyStorage(from: Page, to: BrowserContext, query = "") {
  await to.addCookies(await from.context().cookies());
  const items = await from.evaluate(() => ({ ...localStorage }));
  const page = await openTab(to, { query });
  await page.evaluate((items) => {
    for (const [key, value] of Object.entries(items)) {
      localStorage.setItem(key, String(value));
    }
  }, items);
  await page.reload();
  await ready(page);
  return page;
}

for (const [mode, query] of [["body", ""], ["cookie", "&cookie"]] as const) {
  Deno.test(`proof key: in ${mode} mode the session is bound to a key that no script can export and a reload keeps`, () =>
    withProfile(async (context) => {
      const page = await openTab(context, { query });
      const user = await newUser();
      await signIn(page, user);
      const keys = await readKeys(page);
      assertEquals(
        keys.map(({ publicJwk: _, ...rest }) => rest),
        [{
          extractable: false,
          usages: ["sign"],
          exported: "InvalidAccessError",
        }],
      );
      await page.reload();
      await ready(page);
      assertEquals(await refresh(page), "refreshed");
      assertEquals(await readKeys(page), keys);
      const [row] = await rows(user);
      assertEquals(
        [row!.jkt, row!.generation],
        [await calculateJwkThumbprint(keys[0]!.publicJwk), 1],
      );
      const list = await page.evaluate(() => app.client.sessions());
      assertEquals(list.map(({ bound }) => bound), [true]);
    }));

  Deno.test(`proof key: in ${mode} mode a copied profile is worth nothing without the key, and the first one goes on`, () =>
    withProfile(async (context) => {
      const page = await openTab(context, { query });
      const user = await newUser();
      await signIn(page, user);
      await withProfile(async (other) => {
        const copy = await copyStorage(page, other, query);
        assertEquals(await refresh(copy), "key_lost");
        const [row] = await rows(user);
        assertEquals(
          [row!.generation, row!.reason, row!.refused],
          [0, null, 1],
        );
        await expire(copy);
        assertEquals(await ended(copy), "key_lost");
        assertEquals(await refresh(page), "refreshed");
        // The other profile can sign in, with a key of its own.
        await signIn(copy, user);
        assertEquals(await refresh(copy), "refreshed");
        const [first, second] = await rows(user);
        assert(first!.jkt && second!.jkt && first!.jkt !== second!.jkt);
        assertEquals([first!.reason, second!.reason], [null, null]);
      }, [REFUSED]);
      assertEquals(await refresh(page), "refreshed");
    }));
}

Deno.test("proof key: tabs that sign in at the same moment create one key", () =>
  withProfile(async (context) => {
    const user = await newUser();
    const tabs = await Promise.all(
      Array.from({ length: 4 }, () => openTab(context)),
    );
    await Promise.all(tabs.map((tab) => signIn(tab, user)));
    assertEquals((await readKeys(tabs[0]!)).length, 1);
    const jkts = (await rows(user)).map(({ jkt }) => jkt);
    assertEquals(jkts.length, 4);
    assertEquals(new Set(jkts).size, 1);
    assert(jkts[0]);
    for (const tab of tabs) assertEquals(await refresh(tab), "refreshed");
  }));

Deno.test("proof key: after the database was deleted, the page goes on, and a new one until its token expires", () =>
  withProfile(async (context) => {
    const page = await openTab(context);
    const user = await newUser();
    const { access_token }: Session = await signIn(page, user);
    await deleteKeys(page);
    // The open page still has the key.
    assertEquals(await refresh(page), "refreshed");
    await page.reload();
    await ready(page);
    assertEquals(await refresh(page), "key_lost");
    assertEquals(
      await page.evaluate(async () => [
        typeof await app.client.getAccessToken(),
        app.client.snapshot().status,
      ]),
      ["string", "signed_in"],
    );
    assert(access_token);
    await expire(page);
    assertEquals(await ended(page), "key_lost");
    await signIn(page, user);
    assertEquals(await refresh(page), "refreshed");
    const [first, second] = await rows(user);
    assert(second!.jkt && second!.jkt !== first!.jkt);
    assertEquals(first!.reason, null);
  }, [REFUSED]));

Deno.test("proof key: where IndexedDB is blocked, the user signs in without a key", () =>
  withProfile(async (context) => {
    const page = await openTab(context, { isBlocked: true });
    const user = await newUser();
    await signIn(page, user);
    assertEquals(await refresh(page), "refreshed");
    const [row] = await rows(user);
    assertEquals([row!.jkt, row!.generation], [null, 1]);
    // Later the key works. This session stays as it is.
    const other = await openTab(context);
    assertEquals(await refresh(other), "refreshed");
    assertEquals((await rows(user))[0]!.jkt, null);
  }));

Deno.test("proof key: while IndexedDB is blocked, a bound session is kept and sends nothing", () =>
  withProfile(async (context) => {
    const first = await openTab(context);
    const user = await newUser();
    await signIn(first, user);
    await first.close();
    const blocked = await openTab(context, { isBlocked: true });
    const sent: string[] = [];
    blocked.on("request", (request) => void sent.push(request.url()));
    assertEquals(await refresh(blocked), "key_unavailable, transient");
    assertEquals(await expire(blocked), "key_unavailable");
    assertEquals(
      await blocked.evaluate(() => app.client.snapshot().status),
      "signed_in",
    );
    assertEquals(sent, []);
    await blocked.close();
    const page = await openTab(context);
    const token = await page.evaluate(() =>
      app.client.refresh().then((session) => session?.session_id)
    );
    const [row] = await rows(user);
    assertEquals([token, row!.generation], [row!.session_id, 1]);
    // supabase-js also asks for the token, which has expired.
  }, [/Failed to set initial Realtime auth token/]));
