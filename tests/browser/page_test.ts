/**
 * The example page as a visitor meets it, in a real Chromium.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type {
  BrowserContextOptions,
  FrameLocator,
  Locator,
  Page,
} from "playwright-core";
import { expectAccessible, expectQuiet, newContext } from "./browser.ts";
import { stack, until, withDatabase } from "../harness.ts";

/** Chromium itself writes down every answer that is no success. */
const REFUSED = /Failed to load resource.*\b400\b.*\/functions\/v1\/refresh/;

/** A list that was being loaded, as on every focus, when the session ended. */
const LATE_LIST = /401 .*\/functions\/v1\/sessions/;

Deno.test("from sign-up to sign-out, and in again", async () => {
  await using visit = await open();
  const { page } = visit;
  const device = visit.device(1);
  const email = `${crypto.randomUUID()}@example.com`;
  await device.getByLabel("E-mail").fill(email);
  await device.getByLabel("Password").fill("correct horse battery");
  await button(device, "Sign up").click();
  await signedIn(device, email);
  assertMatch(
    await device.getByRole("timer", { name: "Access token" }).innerText(),
    /^1[45]:\d\d\s+left$/,
  );

  await button(device, "Load protected data").click();
  await device.getByRole("region", { name: "Protected data" })
    .filter({ hasText: email }).waitFor();
  await button(device, "Refresh now").click();
  await device.getByText("1 refresh", { exact: true }).waitFor();
  await device.getByRole("log", { name: "Timeline" })
    .filter({ hasText: "New tokens" }).waitFor();

  await page.reload();
  await signedIn(device, email);
  await device.getByText("This device", { exact: true }).waitFor();

  await button(device, "Sign out").click();
  await signedOut(device);
  assertEquals(await ended(device).count(), 0);
  await device.getByLabel("E-mail").fill(email);
  await device.getByLabel("Password").fill("correct horse battery");
  await button(device, "Sign in").click();
  await signedIn(device, email);
  expectQuiet(visit.context, [LATE_LIST]);
});

Deno.test("one device ends the other, whose panel says so at once", async () => {
  await using visit = await open();
  const { page } = visit;
  const [one, two] = [visit.device(1), visit.device(2)];
  await button(one, "Use a demo account").click();
  await signedIn(one);
  await button(page, "Open another device").click();
  await button(two, "Use a demo account").click();
  await signedIn(two);
  assertEquals(
    await one.getByRole("status").first().innerText(),
    await two.getByRole("status").first().innerText(),
  );
  await listening(two);
  // Gone after a reload.
  await two.locator("body").evaluate((body: { title: string }) =>
    body.title = "the same"
  );

  await button(one, "End Device 2").click();
  await ended(two).filter({ hasText: "from another device" }).waitFor();
  assertMatch(await ended(two).innerText(), /\b\d+ ms\b/);
  assertEquals(
    await two.locator("body").evaluate((body: { title: string }) => body.title),
    "the same",
  );
  await button(one, "End Device 2").waitFor({ state: "detached" });

  await button(two, "Use a demo account").click();
  await signedIn(two);
  await listening(two);
  await button(two, "End all others").click();
  await ended(one).waitFor();
  await button(one, "Use a demo account").click();
  await signedIn(one);
  await listening(one);
  await button(two, "End all").click();
  await ended(one).waitFor();
  await signedOut(two);
  // A join that an end overtook is refused, and the client asks why.
  expectQuiet(visit.context, [LATE_LIST, REFUSED]);
});

Deno.test("the thief is caught, and the device is told", async () => {
  await using visit = await open();
  const device = visit.device(1);
  await button(device, "Use a demo account").click();
  await signedIn(device);
  await listening(device);
  await button(device, "Play the thief").click();
  await ended(device).filter({ hasText: "may have been stolen" }).waitFor();
  assertMatch(await ended(device).innerText(), /\b\d+ ms\b/);
  await device.getByRole("listitem")
    .filter({ hasText: "400 refresh_token_reused" }).first().waitFor();

  // The reason is there after a reload too.
  await visit.page.reload();
  await ended(device).filter({ hasText: "may have been stolen" }).waitFor();
  expectQuiet(visit.context, [REFUSED]);
});

Deno.test("an end from outside is named and timed", async () => {
  await using visit = await open();
  const device = visit.device(1);
  await button(device, "Use a demo account").click();
  await signedIn(device);
  await listening(device);
  const status = await device.getByRole("status").innerText();
  const email = status.replace("Signed in as ", "").trim();
  await withDatabase(
    stack.dbUrl,
    (sql) =>
      sql`update auth.users set banned_until = now() + interval '1 hour'
        where email = ${email}`,
  );
  await ended(device).filter({ hasText: "was banned" }).waitFor();
  assertMatch(await ended(device).innerText(), /\b\d+ ms\b/);
  expectQuiet(visit.context);
});

Deno.test("mistakes are answered in sentences beside the form", async () => {
  await using visit = await open();
  const device = visit.device(1);
  const says = (text: string) =>
    device.getByRole("alert").filter({ hasText: text }).waitFor();
  await button(device, "Sign in").click();
  await says("Enter an e-mail address");
  await device.getByLabel("E-mail").fill("nobody@example.com");
  await button(device, "Sign in").click();
  await says("Enter a password.");
  await device.getByLabel("Password").fill("wrong horse battery");
  await button(device, "Sign in").click();
  await says("password");
  await signedOut(device);
  expectQuiet(visit.context, [/\b400\b.*\/functions\/v1\/login/]);
});

Deno.test("a problem stays to be read, and after a sign-out too", async () => {
  await using visit = await open();
  const device = visit.device(1);
  const problem = device.getByRole("alert")
    .filter({ hasText: "The server cannot be reached" });
  await button(device, "Use a demo account").click();
  await signedIn(device);
  await listening(device);
  await visit.context.setOffline(true);
  await button(device, "Refresh now").click();
  await problem.waitFor();
  await visit.context.setOffline(false);
  // The list of devices is loaded where the device is looked at again.
  const listed = visit.page.waitForResponse(/\/functions\/v1\/sessions/);
  await device.locator("body").evaluate(() =>
    dispatchEvent(new Event("focus"))
  );
  await (await listed).finished();
  await problem.waitFor();
  await button(device, "Refresh now").click();
  await problem.waitFor({ state: "hidden" });

  await visit.context.setOffline(true);
  await button(device, "Sign out").click();
  await signedOut(device);
  await problem.filter({ hasText: "Signed out here" }).waitFor();
  expectQuiet(visit.context, [/ERR_INTERNET_DISCONNECTED/]);
});

Deno.test("the keyboard is enough to sign in and out", async () => {
  await using visit = await open();
  const { keyboard } = visit.page;
  const device = visit.device(1);
  await button(device, "Use a demo account").click();
  await signedIn(device);
  const email = await device.getByRole("status").innerText();
  await button(device, "Sign out").press("Enter");
  await signedOut(device);
  // Focus went to the device's heading; the form is next.
  await tabTo(visit.page, device.getByLabel("E-mail"));
  await keyboard.type(`${crypto.randomUUID()}@example.com`);
  await keyboard.press("Tab");
  await keyboard.type("correct horse battery");
  await tabTo(visit.page, button(device, "Sign up"));
  await keyboard.press("Enter");
  await signedIn(device);
  assert(await device.getByRole("status").innerText() !== email);
  await tabTo(visit.page, button(device, "Sign out"));
  await keyboard.press("Space");
  await signedOut(device);
  expectQuiet(visit.context, [LATE_LIST]);
});

for (const colorScheme of ["light", "dark"] as const) {
  for (
    const viewport of [{ width: 1280, height: 800 }, {
      width: 375,
      height: 812,
    }]
  ) {
    Deno.test(`accessible and in place: ${colorScheme}, ${viewport.width} px`, async () => {
      await using visit = await open({ colorScheme, viewport });
      const { page } = visit;
      const device = visit.device(1);
      await button(device, "Sign in").click();
      await device.getByRole("alert").waitFor();
      await inOrder(page);
      await button(device, "Use a demo account").click();
      await signedIn(device);
      await listening(device);
      await button(device, "Load protected data").click();
      await device.getByText("Your profile").waitFor();
      await button(page, "Open another device").click();
      await button(visit.device(2), "Use a demo account").click();
      await button(device, "End Device 2").waitFor();
      await inOrder(page);
      await button(device, "Play the thief").click();
      await ended(device).waitFor();
      await inOrder(page);
      expectQuiet(visit.context, [REFUSED]);
    });
  }
}

Deno.test("the page gets no secret, and no script but its own", async () => {
  const config = await fetch(`${stack.apiUrl}/config.json`);
  assertEquals(await config.json(), { publishable_key: stack.publishableKey });
  const response = await fetch(stack.apiUrl);
  const html = await response.text();
  assertMatch(
    response.headers.get("Content-Security-Policy")!,
    /default-src 'none'.*script-src 'self'/,
  );
  assert(!/<script(?![^>]*\bsrc=)|<style|\sstyle=/.test(html));
});

/** The page in a browser of its own, closed with the test. */
async function open(options: BrowserContextOptions = {}) {
  const context = await newContext({ reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(stack.apiUrl);
  await page.getByRole("heading", { name: "Latchkey" }).waitFor();
  return {
    context,
    page,
    device: (n: number) => page.frameLocator(`iframe[title="Device ${n}"]`),
    [Symbol.asyncDispose]: () => context.close(),
  };
}

function button(where: Page | FrameLocator, name: string) {
  return where.getByRole("button", { name, exact: true });
}

function ended(device: FrameLocator) {
  return device.getByRole("alert")
    .filter({ hasText: "This session was ended" });
}

async function signedIn(device: FrameLocator, email = "") {
  await device.getByRole("status")
    .filter({ hasText: `Signed in as ${email}` }).waitFor();
}

async function signedOut(device: FrameLocator) {
  await device.getByRole("status").filter({ hasText: "Signed out" }).waitFor();
}

/** After it has joined its channel, the client asks whether all is well. */
async function listening(device: FrameLocator) {
  await device.getByRole("log", { name: "Timeline" })
    .filter({ hasText: "session_active: 200" }).waitFor();
}

/** Presses Tab until the element has the focus. */
async function tabTo(page: Page, element: Locator) {
  await until(async () => {
    await page.keyboard.press("Tab");
    return await element.evaluate((
      found: { matches(selector: string): boolean },
    ) => found.matches(":focus"));
  }, "the focus to come there");
}

/** No violation, and nothing wider than the window, in page and devices. */
async function inOrder(page: Page) {
  await until(
    () => page.frames().every((frame) => frame.url() !== "about:blank"),
    "the frames",
  );
  // The devices first: with axe in them, the desk's run looks at all of them.
  for (const frame of page.frames().reverse()) {
    await expectAccessible(frame as unknown as Page);
    const [content, room] = await frame.locator("html")
      .evaluate((
        html: { scrollWidth: number; clientWidth: number },
      ) => [html.scrollWidth, html.clientWidth]);
    assert(content! <= room!, `${frame.url()} is ${content} px wide`);
  }
}
