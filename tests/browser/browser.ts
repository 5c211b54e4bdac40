/**
 * Shared by the browser tests: one Chromium per test file, contexts that record
 * what went wrong in their pages, and pages at any address without a server.
 *
 * @module
 */
import axe from "axe-core";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { fromFileUrl } from "@std/path";
import { installChromium } from "./chromium.ts";

const root = new URL("../..", import.meta.url);

const LONGEST_WAIT_MILLISECONDS = 30_000;

let launched: Promise<Browser> | undefined;
const complaints = new WeakMap<BrowserContext, string[]>();
const bundles = new Map<string, Promise<string>>();

/** The test file's Chromium, which closes after the file's tests. */
export function browser(): Promise<Browser> {
  return launched ??= launch();
}

// If this process is killed, Chromium sees its pipe close and ends.
Deno.test.afterAll(async () => await (await launched)?.close());

async function launch(): Promise<Browser> {
  const { executablePath, env } = await installChromium(
    fromFileUrl(new URL(".latchkey", root)),
  );
  return await chromium.launch({
    executablePath,
    env: { ...Deno.env.toObject(), ...env },
    // Chromium's sandbox does not work for root, nor in most containers.
    chromiumSandbox: false,
    args: ["--disable-gpu"],
  });
}

/** A context that shares no storage with others, as a separate browser. */
export async function newContext(
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await (await browser()).newContext({
    ...options,
    // Chromium does not know that a page without a server is on this machine.
    permissions: ["local-network-access", ...options.permissions ?? []],
  });
  context.setDefaultTimeout(LONGEST_WAIT_MILLISECONDS);
  const seen: string[] = [];
  complaints.set(context, seen);
  context.on("console", (message) => {
    const { url } = message.location();
    seen.push(`console.${message.type()}: ${message.text()} (${url})`);
  });
  context.on("weberror", (error) => {
    seen.push(`uncaught: ${error.error().stack ?? error.error()}`);
  });
  context.on("requestfailed", (request) => {
    const why = request.failure()?.errorText;
    seen.push(`request failed: ${request.method()} ${request.url()}: ${why}`);
  });
  return context;
}

/**
 * Fails if a page of the context wrote to the console, threw, or had a failed
 * request.
 *
 * @param allowed What the test expects.
 */
export function expectQuiet(
  context: BrowserContext,
  allowed: RegExp[] = [],
): void {
  const unexpected = complaints.get(context)!.filter((line) =>
    !allowed.some((pattern) => pattern.test(line))
  );
  if (unexpected.length > 0) {
    throw new Error(
      `Expected silence, but there was:\n${unexpected.join("\n")}`,
    );
  }
}

/** Fails if axe finds that people with a disability cannot use the page. */
export async function expectAccessible(page: Page): Promise<void> {
  // Evaluated, because the page's CSP may forbid another script.
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { axe: tool } = globalThis as unknown as { axe: typeof axe };
    const { violations } = await tool.run();
    return violations.map(({ id, help, nodes }) =>
      `${id}: ${help}\n${nodes.map(({ html }) => `  ${html}`).join("\n")}`
    );
  });
  if (violations.length > 0) {
    throw new Error(`The page is not accessible:\n${violations.join("\n")}`);
  }
}

/** Bundles a TypeScript file and its imports into one module for a browser. */
export function bundle(entry: URL): Promise<string> {
  let text = bundles.get(entry.href);
  if (!text) bundles.set(entry.href, text = makeBundle(entry));
  return text;
}

async function makeBundle(entry: URL): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform=browser", fromFileUrl(entry)],
    cwd: root,
  }).output();
  if (!success) {
    throw new Error(
      `Cannot bundle ${entry.pathname}: ${new TextDecoder().decode(stderr)}`,
    );
  }
  return new TextDecoder().decode(stdout);
}

/**
 * Answers requests for `url` with a document that runs `script` as a module: an
 * ordinary page of that origin, with its storage, locks and CORS.
 *
 * @param context The context whose requests are answered.
 * @param url An address without a query; the page may be opened with one.
 * @param script The result of `bundle`.
 */
export async function servePage(
  context: BrowserContext,
  url: string,
  script: string,
): Promise<void> {
  const html = `<!doctype html><html lang="en"><title>Test</title>
    <link rel="icon" href="data:,"><script type="module" src="${url}.js">
    </script></html>`;
  await context.route(
    (asked) => asked.origin + asked.pathname === url,
    (route) => route.fulfill({ contentType: "text/html", body: html }),
  );
  await context.route(`${url}.js`, (route) =>
    route.fulfill({
      contentType: "text/javascript",
      // A sandboxed frame has no origin, so its own script is cross-origin.
      headers: { "Access-Control-Allow-Origin": "*" },
      body: script,
    }));
}
