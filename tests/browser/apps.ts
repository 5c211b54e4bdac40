/**
 * Apps whose pages are rendered on a server, as a user has them: installed from
 * their lock file with the built package, built once, and started as often as a
 * test needs.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import { cpSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Response } from "playwright-core";
import { freePort } from "../../stack/free_port.ts";
import { builtPackage } from "../package.ts";

const root = fromFileUrl(new URL("../..", import.meta.url));
const network = fromFileUrl(new URL("apps_network.mjs", import.meta.url));

const LONGEST_COMMAND_MILLISECONDS = 240_000;
const LONGEST_START_MILLISECONDS = 30_000;

/** What a developer's copy of an app has and its repository does not. */
const NOT_COPIED = [
  ...["node_modules", ".env.local"],
  ...["build", ".next", ".svelte-kit", ".react-router"],
];

/** Runs a command in an app's folder, and returns what it printed. */
export type Run = (
  command: string,
  args: string[],
  env?: Record<string, string>,
) => Promise<string>;

/** Options of `buildApp`. */
export interface AppOptions {
  /** Arguments of `node` that start a server, which listens on `PORT`. */
  server: string[];
  /** Variables of the build and of the servers. */
  env: Record<string, string>;
  /** Changes the copy of the app before it is installed. */
  prepare?(folder: string): Promise<void>;
  /** Changes the copy of the app before it is built. */
  complete?(folder: string, run: Run): Promise<void>;
}

/** A built app. */
export interface BuiltApp {
  /** Starts a server and waits until it answers. It ends with the app. */
  start(options?: StartOptions): Promise<AppServer>;
  /** Ends the servers and removes the app. */
  close(): Promise<void>;
}

/** Options of `start`. */
export interface StartOptions {
  port?: number;
  env?: Record<string, string>;
  /** How many answers to a refresh the server loses, for each refresh token. */
  lostAnswers?: number;
  /** A file to which the server writes the paths of its calls of Supabase. */
  callsLog?: string;
}

/** A running server. */
export interface AppServer {
  port: number;
}

/** The project that an app belongs to, and the key of its servers. */
export interface Project {
  apiUrl: string;
  publishableKey: string;
  serverKey: JsonWebKey;
}

/** The options of every Next.js app. */
export function nextApp(
  { apiUrl, publishableKey, serverKey }: Project,
): AppOptions {
  return {
    server: ["node_modules/next/dist/bin/next", "start", "-H", "127.0.0.1"],
    env: {
      NEXT_TELEMETRY_DISABLED: "1",
      NEXT_PUBLIC_SUPABASE_URL: apiUrl,
      NEXT_PUBLIC_SUPABASE_PUBLISHABLE_KEY: publishableKey,
      LATCHKEY_SERVER_KEY: JSON.stringify(serverKey),
      ADDRESS_HEADER: "x-real-ip",
    },
  };
}

/**
 * Installs a copy of an app, and runs its script `build`.
 *
 * @param source The app's folder in this repository.
 */
export async function buildApp(
  source: string,
  { server, env: appEnv, prepare, complete }: AppOptions,
): Promise<BuiltApp> {
  await using onFailure = new AsyncDisposableStack();
  const work = await Deno.makeTempDir({ prefix: "latchkey_app_" });
  onFailure.defer(() => Deno.remove(work, { recursive: true }));
  const folder = join(work, "app");
  const home = join(work, "home");
  await Deno.mkdir(home);
  cpSync(join(root, source), folder, {
    recursive: true,
    filter: (path) => !NOT_COPIED.includes(basename(path)),
  });
  const env = {
    PATH: Deno.env.get("PATH")!,
    HOME: home,
    // A run does not download again what an earlier one has.
    npm_config_cache: join(root, ".latchkey/npm"),
    npm_config_prefer_offline: "true",
    npm_config_audit: "false",
    npm_config_fund: "false",
    npm_config_update_notifier: "false",
    npm_config_registry: await npmRegistry(),
    ...appEnv,
  };
  const run: Run = (command, args, more) =>
    output(command, {
      args,
      cwd: folder,
      clearEnv: true,
      env: { ...env, ...more },
    });

  const { archive } = await builtPackage();
  await prepare?.(folder);
  // The lock file has all but the package, whose version is being built.
  await run("npm", ["install", archive]);
  await complete?.(folder, run);
  await run("npm", ["run", "build"]);
  onFailure.move();

  const processes: Deno.ChildProcess[] = [];
  return {
    async start(
      { port = freePort(), env: more, lostAnswers = 0, callsLog = "" } = {},
    ) {
      const child = new Deno.Command("node", {
        args: [`--import=${network}`, ...server],
        cwd: folder,
        clearEnv: true,
        env: {
          ...env,
          NODE_ENV: "production",
          PORT: `${port}`,
          HOST: "127.0.0.1",
          LOST_ANSWERS: `${lostAnswers}`,
          CALLS_LOG: callsLog,
          ...more,
        },
        stdin: "null",
        stdout: "null",
        stderr: "inherit",
      }).spawn();
      processes.push(child);
      let hasEnded = false;
      child.status.then(() => hasEnded = true);
      const end = performance.now() + LONGEST_START_MILLISECONDS;
      while (!await answers(`http://127.0.0.1:${port}/`)) {
        if (hasEnded || performance.now() > end) {
          throw new Error(`The server of ${source} did not start.`);
        }
        await delay(50);
      }
      return { port };
    },
    async close() {
      for (const process of processes) {
        // A graceful end would wait for connections that are kept open.
        process.kill("SIGKILL");
        await process.status;
      }
      await Deno.remove(work, { recursive: true });
    },
  };
}

function answers(url: string): Promise<boolean> {
  return fetch(url, { redirect: "manual" }).then(async (response) => {
    await response.body?.cancel();
    return true;
  }, () => false);
}

/** The registry that npm is configured with, as the empty home has none. */
async function npmRegistry(): Promise<string> {
  const args = ["config", "get", "registry"];
  return (await output("npm", { args })).trim();
}

/** Runs a command that must succeed, and returns what it printed. */
async function output(
  command: string,
  options: Deno.CommandOptions,
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    stdin: "null",
    signal: AbortSignal.timeout(LONGEST_COMMAND_MILLISECONDS),
    ...options,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (success) return text(stdout);
  throw new Error(
    `${command} ${options.args?.join(" ")} failed:\n${text(stdout)}${
      text(stderr)
    }`,
  );
}

/** A running load balancer. */
export interface Balancer extends Disposable {
  port: number;
  /** How many connections each server got. */
  connections: number[];
}

/**
 * Starts a load balancer that gives each new connection to the next server.
 *
 * @param ports The servers' ports.
 */
export function balance(ports: number[], port = freePort()): Balancer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port });
  const connections = ports.map(() => 0);
  const open = new Set<Deno.Conn>();
  const close = (conn: Deno.Conn) => {
    if (!open.delete(conn)) return;
    try {
      conn.close();
    } catch {
      // The other side has closed it.
    }
  };
  void (async () => {
    let next = 0;
    for await (const client of listener) {
      const index = next++ % ports.length;
      connections[index]!++;
      const server = await Deno.connect({
        hostname: "127.0.0.1",
        port: ports[index]!,
      });
      open.add(client).add(server);
      const end = () => {
        close(client);
        close(server);
      };
      client.readable.pipeTo(server.writable).catch(() => {}).finally(end);
      server.readable.pipeTo(client.writable).catch(() => {}).finally(end);
    }
  })().catch(() => {});
  return {
    port,
    connections,
    [Symbol.dispose]() {
      listener.close();
      for (const conn of [...open]) close(conn);
    },
  };
}

/** Longer than any response takes that arrives at all. */
const LONGEST_RESPONSE_MILLISECONDS = 15_000;

/** The body of a response; call it at once, because a page that is left forgets. */
export function bodyOf(response: Response): Promise<string> {
  return orElse(response.text(), "");
}

/** The headers of a response, with its cookies. */
export function headersOf(
  response: Response,
): ReturnType<Response["headersArray"]> {
  return orElse(response.headersArray(), []);
}

/** A redirect has no body. That of a request that a page aborts never arrives. */
async function orElse<T>(value: Promise<T>, otherwise: T): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(
      () => resolve(otherwise),
      LONGEST_RESPONSE_MILLISECONDS,
    );
  });
  try {
    return await Promise.race([value, late]);
  } catch {
    return otherwise;
  } finally {
    clearTimeout(timer);
  }
}
