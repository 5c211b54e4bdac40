/**
 * The example page as a visitor uses it, in a real Chromium.
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

/** Chromium logs each response whose status is an error. */
const REFUSED = /Failed to load resource.*\b400\b.*\/functions\/v1\/refresh/;

/** The page loads the list on every focus, so an ended session may meet it. */
const LATE_LIST = /401 .*\/functions\/v1\/sessions/;

Deno.test("page: a visitor signs up, reloads, signs out and signs in again", async () => {
  await using visit = await open();
  const { page } = visit;
  const device = visit.device(1);
  const email = `${crypto.randomUUID()}@example.com`;
  await device.getByLabel("Email").fill(email);
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
  await device.getByText("Last seen from Chrome on Linux, this computer")
    .waitFor();

  await button(device, "Sign out").click();
  await signedOut(device);
  assertEquals(await ended(device).count(), 0);
  await device.getByLabel("Email").fill(email);
  await device.getByLabel("Password").fill("correct horse battery");
  await button(device, "Sign in").click();
  await signedIn(device, email);
  expectQuiet(visit.context, [LATE_LIST]);
});

Deno.test("page: one device ends the other, which says so at once", async () => {
  await using visit = await open();
  const { page } = visit;
  const [one, two] = [visit.device(1), visit.device(2)];
  await button(one, "Use the demo account").click();
  await signedIn(one);
  await button(page, "Open another device").click();
  await button(two, "Use the demo account").click();
  await signedIn(two);
  assertEquals(
    await one.getByRole("status").first().innerText(),
    await two.getByRole("status").first().innerText(),
  );
  await listening(two);
  // A reload would reset the title.
  await two.locator("body").evaluate((body: { title: string }) =>
    body.title = "not reloaded"
  );

  await button(one, "End Device 2").click();
  await ended(two).filter({ hasText: "from another device" }).waitFor();
  assertMatch(await ended(two).innerText(), /\b\d+ ms\b/);
  assertEquals(
    await two.locator("body").evaluate((body: { title: string }) => body.title),
    "not reloaded",
  );
  await button(one, "End Device 2").waitFor({ state: "detached" });

  await button(two, "Use the demo account").click();
  await signedIn(two);
  await listening(two);
  await button(two, "End all others").click();
  await ended(one).waitFor();
  await button(one, "Use the demo account").click();
  await signedIn(one);
  await listening(one);
  await button(two, "End all").click();
  await ended(one).waitFor();
  await signedOut(two);
  // The session may end while its device joins the channel. The join is then
  // refused, and the client refreshes to learn the reason.
  expectQuiet(visit.context, [LATE_LIST, REFUSED]);
});

Deno.test("page: a copied refresh token is worth nothing, and the device goes on", async () => {
  await using visit = await open();
  const device = visit.device(1);
  await button(device, "Use the demo account").click();
  await signedIn(device);
  await device.getByText("Bound to its key", { exact: true }).first().waitFor();
  await device.getByText("The session is bound to a key").waitFor();
  await button(device, "Play the thief").click();
  for (const words of ["400 invalid_dpop_proof", "Nothing ended."]) {
    await device.getByRole("listitem").filter({ hasText: words }).first()
      .waitFor();
  }
  await device.getByText("1 refresh", { exact: true }).waitFor();
  assertEquals(await ended(device).count(), 0);
  expectQuiet(visit.context, [REFUSED, LATE_LIST]);
});

Deno.test("page: without a key, a stolen refresh token ends the session, and the device says why", async () => {
  await using visit = await open();
  // As a phone that opens http://192.168.….
  await visit.context.addInitScript(() => {
    // deno-lint-ignore no-explicit-any
    delete (Crypto.prototype as any).subtle;
  });
  await visit.page.reload();
  const device = visit.device(1);
  await button(device, "Use the demo account").click();
  await signedIn(device);
  await listening(device);
  await button(device, "Play the thief").click();
  await ended(device).filter({ hasText: "may have been stolen" }).waitFor();
  assertMatch(await ended(device).innerText(), /\b\d+ ms\b/);
  await device.getByRole("listitem")
    .filter({ hasText: "400 refresh_token_reused" }).first().waitFor();

  // A reload keeps the reason.
  await visit.page.reload();
  await ended(device).filter({ hasText: "may have been stolen" }).waitFor();
  expectQuiet(visit.context, [REFUSED]);
});

Deno.test("page: a ban ends the session, with its reason and its delay", async () => {
  await using visit = await open();
  const device = visit.device(1);
  await button(device, "Use the demo account").click();
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
  await ended(device).filter({ hasText: "The account was banned" }).waitFor();
  assertMatch(await ended(device).innerText(), /\b\d+ ms\b/);
  expectQuiet(visit.context);
});

Deno.test("page: the form explains what is missing or wrong", async () => {
  await using visit = await open();
  const device = visit.device(1);
  const says = (text: string) =>
    device.getByRole("alert").filter({ hasText: text }).waitFor();
  await button(device, "Sign in").click();
  await says("Enter an email address");
  await device.getByLabel("Email").fill("nobody@example.com");
  await button(device, "Sign in").click();
  await says("Enter a password.");
  await device.getByLabel("Password").fill("wrong horse battery");
  await button(device, "Sign in").click();
  await says("password");
  await signedOut(device);
  expectQuiet(visit.context, [/\b400\b.*\/functions\/v1\/login/]);
});

Deno.test("page: an error stays until the next action, also after sign-out", async () => {
  await using visit = await open();
  const device = visit.device(1);
  const problem = device.getByRole("alert")
    .filter({ hasText: /server.*reach|reach.*server/ });
  await button(device, "Use the demo account").click();
  await signedIn(device);
  await listening(device);
  await visit.context.setOffline(true);
  await button(device, "Refresh now").click();
  await problem.waitFor();
  await visit.context.setOffline(false);
  // The page loads the list again on focus.
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

Deno.test("page: the keyboard is enough to sign in and out", async () => {
  await using visit = await open();
  const { keyboard } = visit.page;
  const device = visit.device(1);
  await button(device, "Use the demo account").click();
  await signedIn(device);
  const email = await device.getByRole("status").innerText();
  await button(device, "Sign out").press("Enter");
  await signedOut(device);
  // The device's heading has the focus, and the form follows it.
  await tabTo(visit.page, device.getByLabel("Email"));
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

Deno.test("page: the demo account is the primary action and is shared", async () => {
  await using visit = await open();
  const [one, two] = [visit.device(1), visit.device(2)];
  assertEquals(await one.locator("form button.primary").allInnerTexts(), [
    "Use the demo account",
  ]);
  await button(one, "Use the demo account").press("Enter");
  await signedIn(one);
  const email = await one.getByRole("status").innerText();
  await button(visit.page, "Open another device").click();
  await button(two, "Use the demo account").click();
  await signedIn(two, email.replace("Signed in as ", "").trim());
  expectQuiet(visit.context, [LATE_LIST]);
});

Deno.test("page: End all others needs another device", async () => {
  await using visit = await open();
  const [one, two] = [visit.device(1), visit.device(2)];
  await button(one, "Use the demo account").click();
  await one.getByText("No other device is signed in").waitFor();
  assert(await button(one, "End all others").isDisabled());
  await button(visit.page, "Open another device").click();
  await button(two, "Use the demo account").click();
  await button(one, "End Device 2").waitFor();
  assert(await button(one, "End all others").isEnabled());

  await button(one, "End all others").press("Enter");
  await ended(two).waitFor();
  await one.getByText("No other device is signed in").waitFor();
  assert(await button(one, "End all others").isDisabled());
  // A disabled button would lose the focus to the start of the page.
  assert(
    await one.getByRole("heading", { name: "Your devices" }).evaluate((
      heading: { matches(selector: string): boolean },
    ) => heading.matches(":focus")),
  );
  expectQuiet(visit.context, [LATE_LIST, REFUSED]);
});

Deno.test("page: devices of different accounts say why neither lists the other", async () => {
  await using visit = await open();
  const [one, two] = [visit.device(1), visit.device(2)];
  await button(one, "Use the demo account").click();
  await signedIn(one);
  await button(visit.page, "Open another device").click();
  const email = `${crypto.randomUUID()}@example.com`;
  await two.getByLabel("Email").fill(email);
  await two.getByLabel("Password").fill("correct horse battery");
  await button(two, "Sign up").click();
  await one.getByText(`Device 2 is signed in as ${email}, a different account`)
    .waitFor();
  await two.getByText("Device 1 is signed in as demo.").waitFor();

  await button(two, "Sign out").click();
  await one.getByText("a different account").waitFor({ state: "hidden" });
  await button(two, "Use the demo account").click();
  await button(one, "End Device 2").waitFor();
  assert(await one.getByText("a different account").isHidden());
  expectQuiet(visit.context, [LATE_LIST]);
});

Deno.test("page: on a phone, a sticky bar shows the state of every device", async () => {
  await using visit = await open({ viewport: { width: 375, height: 812 } });
  const { page } = visit;
  const bar = page.getByRole("navigation", { name: "Devices" });
  const [one, two] = [visit.device(1), visit.device(2)];
  await button(one, "Use the demo account").click();
  await signedIn(one);
  assert(await bar.isHidden());
  await button(page, "Open another device").click();
  const demo = button(two, "Use the demo account");
  await demo.waitFor();
  await until(() => isOnScreen(demo), "the new device to be on the screen");
  await demo.click();
  await listening(two);
  await bar.getByRole("link", { name: "Device 1 Signed in" }).click();
  await until(
    () => isOnScreen(one.getByRole("heading", { name: "Device 1" })),
    "the first device to be on the screen",
  );

  const end = button(one, "End Device 2");
  await end.click();
  const link = bar.getByRole("link", { name: "Device 2 Ended" });
  await link.waitFor();
  assert(!await isOnScreen(ended(two)));
  assert(await isOnScreen(link));
  await link.click();
  await until(() => isOnScreen(ended(two)), "the end to be on the screen");
  expectQuiet(visit.context, [LATE_LIST, REFUSED]);
});

for (const width of [375, 1280]) {
  Deno.test(`page: the timeline shows only whole entries: ${width} px`, async () => {
    await using visit = await open({ viewport: { width, height: 812 } });
    const device = visit.device(1);
    const entries = device.getByRole("log").getByRole("listitem");
    await button(device, "Use the demo account").click();
    await listening(device);
    await button(device, "Load protected data").click();
    await device.getByText("The profile function").waitFor();
    assertEquals(await entries.count(), 6);
    assertEquals(await cutEntries(device), []);

    await device.getByRole("button", { name: /^Show all \d+$/ }).click();
    assert(await entries.count() > 6);
    assertEquals(await cutEntries(device), []);
    await button(device, "Show the latest 6").click();
    assertEquals(await entries.count(), 6);
    expectQuiet(visit.context);
  });
}

for (const colorScheme of ["light", "dark"] as const) {
  for (
    const viewport of [{ width: 1280, height: 800 }, {
      width: 375,
      height: 812,
    }]
  ) {
    Deno.test(`page: accessible, and nothing overflows: ${colorScheme}, ${viewport.width} px`, async () => {
      await using visit = await open({ colorScheme, viewport });
      const { page } = visit;
      const device = visit.device(1);
      await button(device, "Sign in").click();
      await device.getByRole("alert").waitFor();
      await inOrder(page);
      await button(device, "Use the demo account").click();
      await signedIn(device);
      await listening(device);
      await button(device, "Load protected data").click();
      await device.getByText("The profile function").waitFor();
      await button(page, "Open another device").click();
      await button(visit.device(2), "Use the demo account").click();
      await button(device, "End Device 2").waitFor();
      await inOrder(page);
      await button(device, "Play the thief").click();
      await device.getByText("Nothing ended.").first().waitFor();
      await inOrder(page);
      expectQuiet(visit.context, [REFUSED]);
    });
  }
}

Deno.test("page: it gets no secret key and runs only its own scripts", async () => {
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

/** Opens the page in a separate browser context, which closes with the test. */
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
    .filter({ hasText: "This session has ended" });
}

async function signedIn(device: FrameLocator, email = "") {
  await device.getByRole("status")
    .filter({ hasText: `Signed in as ${email}` }).waitFor();
}

async function signedOut(device: FrameLocator) {
  await device.getByRole("status").filter({ hasText: "Signed out" }).waitFor();
}

/** Waits for the check that the client makes once it has joined its channel. */
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
  }, "the element to have the focus");
}

/** Whether all of the element is inside the window, in a frame too. */
async function isOnScreen(element: Locator): Promise<boolean> {
  const box = await element.boundingBox();
  const { height } = element.page().viewportSize()!;
  return box !== null && box.y >= 0 && box.y + box.height <= height;
}

/** The timeline's entries of which only a part is visible. */
async function cutEntries(device: FrameLocator): Promise<string[]> {
  // Deno's types of the DOM lack these.
  interface Part {
    textContent: string | null;
    getBoundingClientRect(): { top: number; bottom: number };
    querySelectorAll(selector: string): Iterable<Part>;
  }
  return await device.getByRole("log").evaluate((log: Part) => {
    const { top, bottom } = log.getBoundingClientRect();
    return [...log.querySelectorAll("li")].filter((entry) => {
      const box = entry.getBoundingClientRect();
      return box.top < bottom && box.bottom > top &&
        (box.top < top - 1 || box.bottom > bottom + 1);
    }).map((entry) => entry.textContent!);
  });
}

/** Checks the page and its devices with axe, and that nothing overflows. */
async function inOrder(page: Page) {
  await until(
    () => page.frames().every((frame) => frame.url() !== "about:blank"),
    "the frames",
  );
  // Frames first: axe must be in each frame before it checks the whole page.
  for (const frame of page.frames().reverse()) {
    await expectAccessible(frame as unknown as Page);
    const [content, room] = await frame.locator("html")
      .evaluate((
        html: { scrollWidth: number; clientWidth: number },
      ) => [html.scrollWidth, html.clientWidth]);
    assert(content! <= room!, `${frame.url()} is ${content} px wide`);
    assertEquals(await frame.evaluate(overflowing), []);
  }
}

/** Runs in the page: the elements that leave their card to the left or right. */
function overflowing(): string[] {
  // deno-lint-ignore no-explicit-any
  const { document } = globalThis as any;
  return [...document.querySelectorAll(".cards > section")].flatMap((card) => {
    const { left, right } = card.getBoundingClientRect();
    const padding = 16;
    return [...card.querySelectorAll("*")]
      .filter((element) => {
        const box = element.getBoundingClientRect();
        return box.width > 0 &&
          (box.left < left + padding || box.right > right - padding);
      })
      .map((element) => element.outerHTML);
  });
}
