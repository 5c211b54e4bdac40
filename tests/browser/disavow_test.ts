/**
 * The page of examples/disavow as the owner of an account uses it, in a real
 * Chromium.
 */
import { assert, assertEquals } from "@std/assert";
import type { BrowserContext, Page } from "playwright-core";
import { DisavowTokens } from "../../supabase/functions/_latchkey/disavow_token.ts";
import { parseKeyRing } from "../../supabase/functions/_latchkey/environment.ts";
import {
  api,
  newUser,
  type Session,
  stack,
  until,
  type User,
} from "../harness.ts";
import { expectAccessible, expectQuiet, newContext } from "./browser.ts";

const folder = new URL("../../examples/disavow/", import.meta.url);
const ADDRESS = "https://app.example/disavow/";
const CONTENT_TYPES: Record<string, string> = {
  "index.html": "text/html",
  "disavow.js": "text/javascript",
  "style.css": "text/css",
};
/** Chromium logs each response whose status is an error. */
const REFUSED = /Failed to load resource.*\b400\b.*\/functions\/v1\/revoke/;

const ring = parseKeyRing(stack.keys.refreshTokenKeys);
const tokens = new DisavowTokens(ring, ring.keys().next().value!);
const tokenOf = ({ session_id }: Session) =>
  tokens.issue(session_id, Date.now() / 1000);

/** Serves the page on an app's own origin, with the project's URL and key. */
async function open(
  use: (context: BrowserContext) => Promise<void>,
  allowed: RegExp[] = [],
) {
  const context = await newContext();
  try {
    await context.route(`${ADDRESS}*`, async (route) => {
      const name = new URL(route.request().url()).pathname
        .slice(new URL(ADDRESS).pathname.length) || "index.html";
      if (!CONTENT_TYPES[name]) return route.fulfill({ status: 204 });
      const text = await Deno.readTextFile(new URL(name, folder));
      await route.fulfill({
        contentType: CONTENT_TYPES[name],
        body: text
          .replace("http://127.0.0.1:54321", stack.apiUrl)
          .replace("sb_publishable_…", stack.publishableKey),
      });
    });
    await use(context);
    expectQuiet(context, [...allowed, /favicon/]);
  } finally {
    await context.close();
  }
}

const says = (page: Page, text: string | RegExp) =>
  page.getByRole("status").filter({ hasText: text }).waitFor();
const button = (page: Page) =>
  page.getByRole("button", { name: "It wasn't me" });

const stateOf = async (session: Session) => {
  const { status, body } = await api.profile(session);
  return status === 200 ? "active" : body.reason;
};
const signIn = async (user: User) =>
  [await api.login(user), await api.login(user)] as const;

Deno.test("disavow page: opening the link changes nothing, pressing the button ends all sessions", () =>
  open(async (context) => {
    const [mine, theirs] = await signIn(await newUser());
    const requests: string[] = [];
    context.on("request", (request) => requests.push(request.url()));
    const page = await context.newPage();
    await page.goto(`${ADDRESS}#token=${tokenOf(theirs)}`);
    await button(page).waitFor();
    await expectAccessible(page);
    // As a mail scanner that runs scripts, and waits.
    await page.waitForLoadState("networkidle");
    assertEquals(page.url(), ADDRESS);
    assertEquals(await stateOf(theirs), "active");
    assert(requests.every((url) => !url.includes("lkw_")), `${requests}`);

    await button(page).click();
    await says(page, "You are signed out everywhere");
    await expectAccessible(page);
    assertEquals(await button(page).count(), 0);
    assertEquals(await stateOf(theirs), "suspicious");
    assertEquals(await stateOf(mine), "user");
    assert(requests.every((url) => !url.includes("lkw_")), `${requests}`);

    // The token is not in the history either.
    await page.reload();
    await says(page, "Open this page from the link in your message.");
  }));

Deno.test("disavow page: one session ends, by keyboard, and a used link says so", () =>
  open(async (context) => {
    const [mine, theirs] = await signIn(await newUser());
    const link = `${ADDRESS}#token=${tokenOf(theirs)}`;
    const page = await context.newPage();
    await page.goto(link);
    await button(page).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await says(page, "The session has ended.");
    assertEquals(await stateOf(theirs), "suspicious");
    assertEquals(await stateOf(mine), "active");

    const again = await context.newPage();
    await again.goto(link);
    await button(again).click();
    await says(again, "was already used");
    assertEquals(await stateOf(mine), "active");
  }, [REFUSED]));

Deno.test("disavow page: without a connection the button can be pressed again", () =>
  open(async (context) => {
    const [, theirs] = await signIn(await newUser());
    const page = await context.newPage();
    await page.goto(`${ADDRESS}#token=${tokenOf(theirs)}`);
    await button(page).waitFor();
    const revoke = `${stack.apiUrl}/functions/v1/revoke`;
    await page.route(revoke, (route) => route.abort());
    await button(page).click();
    await says(page, "cannot be reached");
    await page.unroute(revoke);
    await button(page).click();
    await says(page, "Done.");
    await until(
      async () => await stateOf(theirs) === "suspicious",
      "the end of the session",
    );
  }, [/ERR_FAILED|request failed/]));
