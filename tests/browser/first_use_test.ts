/**
 * What a new user does: from an empty home folder, with the package from a
 * registry, the commands of examples/react/README.md, until one device ends the
 * other.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import type { Page } from "playwright-core";
import { freePort } from "../../stack/free_port.ts";
import { fetchCli } from "../../stack/migrate.ts";
import { expectAccessible, expectQuiet, newContext } from "./browser.ts";
import { builtPackage } from "../package.ts";
import { startRegistry } from "./verdaccio.ts";

const example = fromFileUrl(
  new URL("../../examples/react", import.meta.url),
);

/** A download of everything takes this long on a slow connection. */
const LONGEST_COMMAND_MILLISECONDS = 300_000;

const EMAIL = "ada@example.com";
const PASSWORD = "correct horse battery";

Deno.test("first use: from npx supabase-latchkey init to one device that ends the other", async (test) => {
  await using cleanup = new AsyncDisposableStack();
  const work = await Deno.makeTempDir({ prefix: "latchkey_first_use_" });
  cleanup.defer(() => Deno.remove(work, { recursive: true }));
  await Deno.chmod(work, 0o755);
  const [app, home, packages] = ["my app", "home", "registry"]
    .map((name) => join(work, name));
  for (const folder of [home!, packages!]) await Deno.mkdir(folder);
  await run("cp", ["-r", example, app!], { cwd: work });
  await Deno.mkdir(join(work, "bin"));
  // README's `npx supabase`, without a download of all platforms' programs.
  const supabase = await fetchCli();

  const [registry, { folder }] = await Promise.all([
    startRegistry(packages!),
    builtPackage(),
  ]);
  cleanup.defer(registry.close);
  // Each step needs the one before it.
  const step = async (name: string, work: () => Promise<void>) => {
    if (!await test.step(name, work)) throw new Error(`Failed: ${name}`);
  };
  await step("publish the package", async () => {
    await registry.publish(folder);
  });

  // Nothing of this machine's but the programs.
  const env = {
    PATH: Deno.env.get("PATH")!,
    HOME: home!,
    npm_config_registry: registry.url,
    NPM_CONFIG_UPDATE_NOTIFIER: "false",
    SUPABASE_TELEMETRY_DISABLED: "1",
    CI: "1",
  };
  const shell = (line: string) =>
    run("sh", ["-c", line.replace(/^npx supabase /, `"${supabase}" `)], {
      cwd: app!,
      env,
    });
  const [prepare] = await commands();

  let stack = { API_URL: "", PUBLISHABLE_KEY: "" };
  await step("install, init and start", async () => {
    const [install, ...rest] = prepare!;
    assertMatch(install!, /^npm install \S+\/supabase-latchkey-[\d.]+\.tgz$/);
    // From the registry, which has the package.
    await shell("npm install");
    assertEquals(rest.pop(), "npx supabase-latchkey start");
    for (const line of rest) await shell(line);
    const process = new Deno.Command("npx", {
      args: [
        ...["supabase-latchkey", "start", "--output", "json"],
        ...["--port", "0", "--db-port", "0", "--data", join(work, "data")],
      ],
      cwd: app!,
      clearEnv: true,
      env,
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    cleanup.defer(async () => {
      try {
        process.kill("SIGTERM");
      } catch {
        // It has ended already.
      }
      await process.status;
    });
    stack = JSON.parse(await firstLine(process.stdout));
  });

  const port = freePort();
  await step("build the app", async () => {
    await Deno.writeTextFile(
      join(app!, ".env.local"),
      `VITE_SUPABASE_URL=${stack.API_URL}\n` +
        `VITE_SUPABASE_PUBLISHABLE_KEY=${stack.PUBLISHABLE_KEY}\n`,
    );
    await shell("npm run build");
    const process = new Deno.Command("node", {
      args: [
        ...["node_modules/vite/bin/vite.js", "preview"],
        ...["--host", "127.0.0.1", "--port", String(port), "--strictPort"],
      ],
      cwd: app!,
      clearEnv: true,
      env,
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    cleanup.defer(async () => {
      process.kill();
      await process.status;
    });
    await until(() =>
      fetch(`http://127.0.0.1:${port}`).then((page) => page.text())
    );
  });

  await step("one device ends the other", async () => {
    const contexts = [await newContext(), await newContext()];
    cleanup.defer(async () => {
      for (const context of contexts) await context.close();
    });
    const [computer, phone] = await Promise.all(
      contexts.map(async (context) => {
        const page = await context.newPage();
        await page.goto(`http://127.0.0.1:${port}`);
        return page;
      }),
    ) as [Page, Page];
    await expectAccessible(computer);
    await computer.getByRole("button", { name: "I am new here" }).click();
    await fillIn(computer, "Create account");
    await computer.getByLabel("New note").fill("Feed the cat");
    await computer.getByRole("button", { name: "Add" }).click();
    await computer.getByText("Feed the cat").waitFor();

    await fillIn(phone, "Sign in");
    await phone.getByText("Feed the cat").waitFor();
    await expectAccessible(phone);
    await phone.getByRole("listitem").filter({ hasText: "Last used" })
      .getByRole("button", { name: "Sign out" }).click();

    await computer.getByText("You signed this device out from another device.")
      .waitFor();
    assertEquals(await computer.getByText("Feed the cat").count(), 0);
    await phone.getByText("Feed the cat").waitFor();
    for (const context of contexts) {
      // Chromium reports the refresh that told the page of its end.
      expectQuiet(context, [/400 .*functions\/v1\/refresh/]);
    }
  });
});

/** The commands of the example's README, by code block. */
async function commands(): Promise<string[][]> {
  const text = await Deno.readTextFile(join(example, "README.md"));
  return [...text.matchAll(/```sh\n([^]*?)```/g)]
    .map(([, block]) => block!.trim().split("\n"));
}

async function fillIn(page: Page, button: string) {
  await page.getByLabel("E-mail").fill(EMAIL);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: button }).click();
  await page.getByRole("heading", { name: "Devices" }).waitFor();
}

async function run(
  command: string,
  args: string[],
  options: Deno.CommandOptions,
) {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args,
    clearEnv: options.env !== undefined,
    stdin: "null",
    signal: AbortSignal.timeout(LONGEST_COMMAND_MILLISECONDS),
    ...options,
  }).output();
  const text = new TextDecoder();
  assertEquals(
    code,
    0,
    `${args.join(" ")}\n${text.decode(stdout)}${text.decode(stderr)}`,
  );
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes("\n")) return text;
  }
  throw new Error(`The stack did not start. It printed: ${text}`);
}

async function until(work: () => Promise<unknown>) {
  const end = performance.now() + 30_000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
