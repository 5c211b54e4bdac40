/**
 * A Next.js app as a user has it: installed from its lock file with the built
 * package, built once for the stack of the tests, and started as often as a test
 * needs.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { basename } from "node:path";
import { cpSync } from "node:fs";
import { SHADCN } from "../../../scripts/registry.ts";
import { freePort } from "../../../stack/free_port.ts";
import { builtPackage } from "../../package.ts";
import { serveRegistry } from "./registry.ts";

const root = fromFileUrl(new URL("../../..", import.meta.url));

/** A built app. */
export interface BuiltApp {
  /** Starts a server process; it ends with the app. */
  start(options?: StartOptions): Promise<Server>;
  close(): Promise<void>;
}

/** Options of `start`. */
export interface StartOptions {
  /** How many answers to a refresh the process loses. */
  lostAnswers?: number;
  /** A file to which the process writes what it asks of Supabase. */
  callsLog?: string;
}

/** A server process. */
export interface Server {
  port: number;
}

/** The project that the app belongs to, and the key of its servers. */
export interface Project {
  apiUrl: string;
  publishableKey: string;
  serverKey: JsonWebKey;
}

/** Options of `buildApp`. */
export interface BuildOptions {
  /** Changes the copy of the app before it is installed. */
  prepare?(app: string): Promise<void>;
  /** The components to install by `npx shadcn add`. */
  components?: string[];
}

/**
 * Installs and builds a copy of an app.
 *
 * @param source The app's folder in this repository.
 */
export async function buildApp(
  source: string,
  project: Project,
  { prepare, components = [] }: BuildOptions = {},
): Promise<BuiltApp> {
  await using onFailure = new AsyncDisposableStack();
  const work = await Deno.makeTempDir({ prefix: "latchkey_nextjs_" });
  onFailure.defer(() => Deno.remove(work, { recursive: true }));
  const app = join(work, "app");
  const home = join(work, "home");
  await Deno.mkdir(home);
  cpSync(join(root, source), app, {
    recursive: true,
    // What a developer has made there.
    filter: (path) =>
      !["node_modules", ".next", ".env.local"].includes(basename(path)),
  });
  const env = {
    PATH: Deno.env.get("PATH")!,
    HOME: home,
    // What one run has downloaded, the next one need not.
    npm_config_cache: join(root, ".latchkey/npm"),
    npm_config_prefer_offline: "true",
    npm_config_update_notifier: "false",
    npm_config_registry: await npmRegistry(),
    NEXT_TELEMETRY_DISABLED: "1",
    NEXT_PUBLIC_SUPABASE_URL: project.apiUrl,
    NEXT_PUBLIC_SUPABASE_PUBLISHABLE_KEY: project.publishableKey,
  };
  const run = (command: string, args: string[], more = {}) =>
    output(command, {
      args,
      cwd: app,
      clearEnv: true,
      env: { ...env, ...more },
    });

  const package_ = await builtPackage();
  await prepare?.(app);
  // The lock file has all but the package, whose version is being built.
  const install = ["install", "--no-audit", "--no-fund"];
  await run("npm", [...install, package_.archive]);
  await installComponents(
    components,
    app,
    join(package_.folder, "registry"),
    run,
  );
  await run("npm", ["run", "build"]);

  const serverKey = JSON.stringify(project.serverKey);
  const processes: Deno.ChildProcess[] = [];
  const close = async () => {
    for (const process of processes) {
      // A connection that is kept open would hold up a graceful end.
      process.kill("SIGKILL");
      await process.status;
    }
    await Deno.remove(work, { recursive: true });
  };
  onFailure.move();
  return {
    close,
    async start({ lostAnswers = 0, callsLog = "" } = {}) {
      const port = freePort();
      const network = fromFileUrl(new URL("network.mjs", import.meta.url));
      processes.push(
        new Deno.Command("node", {
          args: [
            `--import=${network}`,
            "node_modules/next/dist/bin/next",
            ...["start", "--hostname=127.0.0.1", `--port=${port}`],
          ],
          cwd: app,
          clearEnv: true,
          env: {
            ...env,
            LATCHKEY_SERVER_KEY: serverKey,
            ADDRESS_HEADER: "x-real-ip",
            LOST_ANSWERS: `${lostAnswers}`,
            CALLS_LOG: callsLog,
          },
          stdin: "null",
          stdout: "null",
          stderr: "inherit",
        }).spawn(),
      );
      const isUp = () =>
        fetch(`http://127.0.0.1:${port}/icon.svg`)
          .then((answer) => answer.text())
          .then(() => true, () => false);
      const end = performance.now() + 30_000;
      while (!await isUp()) {
        if (performance.now() > end) throw new Error("The app did not start.");
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return { port };
    },
  };
}

/** The registry that npm is configured with, as the empty home has none. */
async function npmRegistry(): Promise<string> {
  const args = ["config", "get", "registry"];
  return (await output("npm", { args })).trim();
}

/** Runs `npx shadcn add`, and compares what it wrote with the registry. */
async function installComponents(
  components: string[],
  app: string,
  registryFolder: string,
  run: (command: string, args: string[], env: object) => Promise<string>,
): Promise<void> {
  if (components.length === 0) return;
  await using registry = serveRegistry(
    registryFolder,
    join(app, "components/ui"),
  );
  const manifest = await Deno.readTextFile(join(app, "package.json"));
  const urls = components.map((name) => `${registry.url}/r/${name}.json`);
  await run("npx", ["-y", SHADCN, "add", "--yes", ...urls], {
    REGISTRY_URL: registry.url,
  });
  for (const name of components) {
    const { files } = JSON.parse(
      await Deno.readTextFile(join(registryFolder, `${name}.json`)),
    );
    for (const { path, content } of files) {
      assertEquals(await Deno.readTextFile(join(app, path)), content, path);
    }
  }
  // The app lists what the components need.
  assertEquals(await Deno.readTextFile(join(app, "package.json")), manifest);
}

async function output(
  command: string,
  options: Deno.CommandOptions,
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    stdin: "null",
    ...options,
  }).output();
  const text = new TextDecoder();
  if (success) return text.decode(stdout);
  throw new Error(
    `${command} ${options.args?.join(" ")} failed:\n${text.decode(stdout)}${
      text.decode(stderr)
    }`,
  );
}
