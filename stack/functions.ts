import { setTimeout as sleep } from "node:timers/promises";
import { join, toFileUrl } from "@std/path";
import type { FunctionSettings } from "./config.ts";
import { certificateEnvironment, fetchDeno } from "./edge_runtime.ts";
import { importMap } from "./import_map.ts";
import type { Service } from "./http.ts";
import { type Keys, publicJwk } from "./keys.ts";

/** Edge functions that run in separate processes. */
export interface Functions extends Service {
  /**
   * Their base URL, without a slash at its end. A function is at
   * `<url>/<name>`.
   */
  url: string;
  /** Loads them again after files have changed. */
  reload(functions: FunctionSettings[]): Promise<void>;
}

/** Which functions to run, and how. */
export interface FunctionsOptions {
  functions: FunctionSettings[];
  /** The project's folder. The functions may read its supabase/functions. */
  projectRoot: string;
  /** Their whole environment, see `functionsEnvironment`. */
  env: Record<string, string>;
  /** Called with each line of their log. Without it, the lines go to stderr. */
  onLog?: (line: string) => void;
  /** Aborts to stop them, even while they start. */
  signal?: AbortSignal;
  /** The number of processes. The default is one for each core. */
  isolates?: number;
  /**
   * Whether to continue if functions cannot be loaded. Those then answer 503.
   */
  tolerant?: boolean;
  /** A folder for a CPU profile, which is written when they are closed. */
  profile?: string;
}

const SHORTEST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/**
 * A process that ran for at least this long before it ended is restarted
 * without a long pause.
 */
const STABLE_MS = 60_000;
/** How long replaced processes may take to finish their requests. */
const DRAIN_MS = 10_000;

/**
 * Starts edge functions as the hosted edge runtime does: on its version of
 * Deno, with the network, an environment of their own, and their own files. A
 * process that ends is restarted after a pause that grows each time.
 *
 * @throws {Error} A function cannot be loaded, unless `tolerant` is set.
 */
export async function startFunctions(
  options: FunctionsOptions,
): Promise<Functions> {
  const pool = new Pool(options);
  try {
    await pool.start();
  } catch (error) {
    await pool.close();
    throw error;
  }
  const url = `http://127.0.0.1:${await pool.port}`;
  return {
    url,
    reload: (functions) => pool.reload(functions),
    close: () => pool.close(),
    fetch: (request, peer) => forward(request, url, peer),
  };
}

/** The processes, and the port on which all of them serve. */
class Pool {
  #options: FunctionsOptions;
  readonly #port = Promise.withResolvers<number>();
  #isolates: Isolate[] = [];

  constructor(options: FunctionsOptions) {
    this.#options = options;
  }

  get #folder(): string {
    return join(this.#options.projectRoot, "supabase", "functions");
  }

  get port(): Promise<number> {
    return this.#port.promise;
  }

  async start() {
    const { profile, tolerant, functions } = this.#options;
    const deno = profile ? Deno.execPath() : await fetchDeno();
    const map = await importMap(this.#folder, functions);
    const command = (): Deno.ChildProcess => this.#spawn(deno, map);
    const count = profile
      ? 1
      : this.#options.isolates ?? navigator.hardwareConcurrency;
    const isFirstStart = this.#isolates.length === 0;
    this.#isolates = Array.from({ length: count }, (_, index) =>
      // The first process chooses the port, so that no other program uses it.
      new Isolate(
        command,
        isFirstStart && index === 0 ? 0 : this.port,
        (line) => this.#log(line),
        this.#options.signal,
      ));
    const [first] = this.#isolates;
    first!.ready.then(({ port }) => this.#port.resolve(port), () => {});
    const reports = await Promise.all(
      this.#isolates.map(({ ready }) => ready),
    );
    const { failed } = reports[0]!;
    if (failed.length === 0) return;
    const names = failed.join(", ");
    if (!tolerant) {
      throw new Error(
        `Functions that could not be loaded: ${names}. The reason is in the ` +
          "lines above.",
      );
    }
    this.#log(
      `Functions that could not be loaded: ${names}. They answer 503 until ` +
        "their files change.",
    );
  }

  async reload(functions: FunctionSettings[]) {
    this.#options = { ...this.#options, functions };
    const replaced = this.#isolates;
    await this.start();
    await Promise.all(replaced.map((isolate) => isolate.drain()));
  }

  async close() {
    const { profile } = this.#options;
    await Promise.all(
      this.#isolates.map((each) => profile ? each.drain() : each.kill()),
    );
  }

  #log(line: string) {
    (this.#options.onLog ?? console.error)(line);
  }

  #spawn(deno: string, map: string): Deno.ChildProcess {
    const { functions, env, signal, profile } = this.#options;
    return new Deno.Command(deno, {
      args: [
        ...["run", "--no-config", "--no-lock", "--no-prompt", "--no-check"],
        ...["--quiet", "--allow-net", "--allow-env", "--allow-sys"],
        `--import-map=data:application/json,${encodeURIComponent(map)}`,
        // Their own files, as in a deployed bundle.
        `--allow-read=${this.#folder}`,
        "--unstable-net", // for reusePort
        ...profile ? ["--cpu-prof", `--cpu-prof-dir=${profile}`] : [],
        new URL("functions_process.ts", import.meta.url).href,
        JSON.stringify(Object.fromEntries(
          functions.map(({ name, entryPoint }) => [
            name,
            toFileUrl(entryPoint).href,
          ]),
        )),
      ],
      clearEnv: true,
      env: { ...inheritedEnvironment(), ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      signal,
    }).spawn();
  }
}

/** One process, which is restarted if it ends unexpectedly. */
class Isolate {
  /** The outcome of the first start. */
  readonly ready: Promise<{ port: number; failed: string[] }>;
  readonly #command: () => Deno.ChildProcess;
  readonly #log: (line: string) => void;
  readonly #stopping = new AbortController();
  /** Aborted when this isolate, or the whole program, has to stop. */
  readonly #stop: AbortSignal;
  #port: number | Promise<number>;
  #process: Deno.ChildProcess;
  /** Settles when the last process ends. */
  readonly #ended: Promise<void>;

  constructor(
    command: () => Deno.ChildProcess,
    port: number | Promise<number>,
    log: (line: string) => void,
    programStop?: AbortSignal,
  ) {
    this.#command = command;
    this.#stop = AbortSignal.any([
      this.#stopping.signal,
      ...programStop ? [programStop] : [],
    ]);
    this.#port = port;
    this.#log = log;
    this.#process = command();
    const first = Promise.withResolvers<
      { port: number; failed: string[] }
    >();
    this.ready = first.promise;
    // After a failed start the pool no longer waits for it.
    this.ready.catch(() => {});
    this.#ended = this.#keepRunning(first);
  }

  /** Finishes the running requests, then ends. */
  async drain() {
    this.#stopping.abort();
    await this.#process.stdin.close().catch(() => {});
    const late = setTimeout(() => this.#signal("SIGKILL"), DRAIN_MS);
    await this.#ended;
    clearTimeout(late);
  }

  /** Ends immediately. A function that never returns cannot prevent it. */
  async kill() {
    this.#stopping.abort();
    this.#signal("SIGKILL");
    await this.#ended;
  }

  async #keepRunning(
    first: PromiseWithResolvers<{ port: number; failed: string[] }>,
  ) {
    let pause = SHORTEST_PAUSE_MS;
    while (true) {
      const startedAt = performance.now();
      const reason = this.#forwardLog();
      const serving = this.#serve();
      // If there is no port at the end, the first start has failed.
      serving.then((report) => report && first.resolve(report), () => {});
      const { code, signal } = await this.#process.status;
      first.reject(
        new Error(
          "The functions did not start: the reason is in the lines above.",
        ),
      );
      if (this.#stop.aborted) return;
      if (performance.now() - startedAt > STABLE_MS) pause = SHORTEST_PAUSE_MS;
      const why = signal ? `by ${signal}` : `with exit code ${code}`;
      const error = await reason;
      this.#log(
        `A process of the functions ended ${why}${
          error && ` (${error})`
        }. It ` +
          `starts again in ${pause / 1000} s.`,
      );
      await sleep(pause, undefined, { signal: this.#stop }).catch(() => {});
      if (this.#stop.aborted) return;
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      this.#process = this.#command();
    }
  }

  /** Gives the process its port once it has loaded the functions. */
  async #serve(): Promise<{ port: number; failed: string[] } | null> {
    const reports = lines(this.#process.stdout);
    const failed = (await reports.next()).value;
    if (failed === undefined) return null;
    const input = this.#process.stdin.getWriter();
    await input.write(new TextEncoder().encode(String(await this.#port)));
    input.releaseLock();
    const { value } = await reports.next();
    if (value === undefined) return null;
    // A later process of this isolate serves on the same port.
    this.#port = Number(value);
    return { port: this.#port, failed: JSON.parse(failed) };
  }

  /** Resolves to the process's last words about an error, or to "". */
  async #forwardLog(): Promise<string> {
    let error = "";
    for await (const line of lines(this.#process.stderr)) {
      this.#log(line);
      // deno-lint-ignore no-control-regex -- Deno colours its errors
      const plain = line.replace(/\x1b\[[0-9;]*m/g, "");
      if (plain.startsWith("error: ")) error = plain;
    }
    return error;
  }

  #signal(name: Deno.Signal) {
    try {
      this.#process.kill(name);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // It has ended already.
    }
  }
}

/** The variables that the hosted platform sets, and Latchkey's own. */
export function functionsEnvironment(options: {
  apiUrl: string;
  databaseUrl: string;
  keys: Keys;
}): Record<string, string> {
  const { apiUrl, databaseUrl, keys } = options;
  return {
    SUPABASE_URL: apiUrl,
    SUPABASE_DB_URL: databaseUrl,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishableKey }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secretKey }),
    SUPABASE_JWKS: JSON.stringify({ keys: [publicJwk(keys.signingKey)] }),
    // The names that older functions read.
    SUPABASE_ANON_KEY: keys.publishableKey,
    SUPABASE_SERVICE_ROLE_KEY: keys.secretKey,
    LATCHKEY_SIGNING_KEY: JSON.stringify(keys.signingKey),
    LATCHKEY_REFRESH_TOKEN_KEYS: keys.refreshTokenKeys,
  };
}

/** What Deno itself needs to find and fill its cache of packages. */
function inheritedEnvironment(): Record<string, string> {
  const names = [
    ...["HOME", "PATH", "DENO_DIR", "XDG_CACHE_HOME", "DENO_TLS_CA_STORE"],
    ...["NPM_CONFIG_REGISTRY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"],
  ];
  const inherited = Object.fromEntries(
    names.flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  return { ...inherited, ...certificateEnvironment() };
}

async function* lines(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
  let rest = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const all = (rest + chunk).split("\n");
    rest = all.pop()!;
    yield* all;
  }
  if (rest) yield rest;
}

async function forward(
  request: Request,
  base: string,
  peer: string,
): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const headers = new Headers(request.headers);
  // The gateway sets the address, because a client could send any value.
  headers.set("x-forwarded-for", peer);
  // Compression between two processes on one machine has no benefit, and fetch
  // would decompress the body but not correct the answer's headers.
  headers.set("accept-encoding", "identity");
  try {
    return await fetch(
      base + pathname.slice("/functions/v1".length) + search,
      {
        method: request.method,
        headers,
        body: request.body,
        redirect: "manual",
      },
    );
  } catch {
    return Response.json({
      code: "BOOT_ERROR",
      message: "The functions are starting: see the log, and try again",
    }, {
      status: 503,
      headers: { "access-control-allow-origin": "*", "retry-after": "1" },
    });
  }
}
