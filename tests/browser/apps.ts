/**
 * Apps whose pages are rendered on a server: built with the packed package, and
 * run as the processes that a deployment has.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import { until } from "../harness.ts";
import { builtPackage } from "../package.ts";

const LONGEST_COMMAND_MILLISECONDS = 240_000;
const LONGEST_START_MILLISECONDS = 30_000;

const work = await Deno.makeTempDir({ prefix: "latchkey_apps_" });
const cleanups: (() => void | Promise<void>)[] = [];
Deno.test.afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
  await Deno.remove(work, { recursive: true });
});

/**
 * Copies an app, installs what its lock file says and the packed package, and
 * runs its script `build`.
 *
 * @param source The app's folder, from the repository's root.
 * @returns The folder of the copy.
 */
export async function buildApp(
  source: string,
  env: Record<string, string> = {},
): Promise<string> {
  const from = fromFileUrl(new URL(`../../${source}`, import.meta.url));
  const folder = join(work, source.replaceAll("/", "-"));
  await copy(from, folder);
  const npm = (...args: string[]) => run(folder, "npm", ...args);
  const { archive } = await builtPackage();
  await npm("ci", "--no-audit", "--no-fund");
  await npm("install", "--no-save", "--no-audit", "--no-fund", archive);
  await run(folder, "npm", "run", "build", { env });
  return folder;
}

/** Copies a folder, without what was installed or built there. */
async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (
      /^(node_modules|build|\.next|\.svelte-kit|\.react-router)$/.test(name)
    ) {
      continue;
    }
    const [source, target] = [join(from, name), join(to, name)];
    if (isDirectory) await copy(source, target);
    else await Deno.copyFile(source, target);
  }
}

/** Runs a command; the last argument may be options. */
async function run(
  cwd: string,
  command: string,
  ...args: (string | { env: Record<string, string> })[]
): Promise<void> {
  const { env = {} } = args.find((arg) => typeof arg === "object") ?? {};
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: args.filter((arg) => typeof arg === "string"),
    cwd,
    env,
    signal: AbortSignal.timeout(LONGEST_COMMAND_MILLISECONDS),
  }).output();
  if (success) return;
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  throw new Error(
    `${command} ${args.join(" ")} failed:\n${text(stdout)}${text(stderr)}`,
  );
}

/** A running process of an app. */
export interface AppProcess {
  /** What it wrote. */
  readonly log: string;
  readonly origin: string;
  stop(): Promise<void>;
}

/** A free port. It could be taken before it is used, but this is unlikely. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

/**
 * Starts an app and waits until it answers.
 *
 * @param command The command line that starts it; it reads `PORT`.
 */
export async function startApp(
  folder: string,
  command: string[],
  env: Record<string, string>,
  { port = freePort(), losesAnswers = false } = {},
): Promise<AppProcess> {
  const [program, ...args] = command;
  const loser = fromFileUrl(new URL("lose_answers.mjs", import.meta.url));
  const child = new Deno.Command(program!, {
    args,
    cwd: folder,
    env: {
      ...env,
      PORT: String(port),
      HOST: "127.0.0.1",
      ...losesAnswers && { NODE_OPTIONS: `--import=${loser}` },
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let log = "";
  const read = async (stream: ReadableStream<Uint8Array>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      log += text;
    }
  };
  const reading = Promise.all([read(child.stdout), read(child.stderr)]);
  let isRunning = true;
  const ended = child.status.then(() => void (isRunning = false));
  const origin = `http://127.0.0.1:${port}`;
  const stop = async () => {
    if (isRunning) child.kill("SIGKILL");
    await ended;
    await reading;
  };
  cleanups.push(stop);
  await until(
    async () => {
      if (!isRunning) throw new Error(`The app has ended:\n${log}`);
      try {
        await (await fetch(origin, { redirect: "manual" })).body?.cancel();
        return true;
      } catch {
        return false;
      }
    },
    `the app to answer:\n${log}`,
    LONGEST_START_MILLISECONDS,
  );
  return {
    get log() {
      return log;
    },
    origin,
    stop,
  };
}

/**
 * A load balancer that gives each new connection to the next process.
 *
 * @returns How many connections each process got, and the port.
 */
export function balance(
  ports: number[],
  port = 0,
): { port: number; connections: number[] } {
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
  cleanups.push(() => {
    listener.close();
    for (const conn of [...open]) close(conn);
  });
  return { port: (listener.addr as Deno.NetAddr).port, connections };
}
