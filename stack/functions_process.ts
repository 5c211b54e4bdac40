import { join, toFileUrl } from "@std/path";
import { readIfExists } from "./files.ts";
import { json, type Service, withCors } from "./http.ts";
import { type Keys, publicJwk } from "./keys.ts";

/** Edge functions that run in a process of their own. */
export interface Functions extends Service {
  /** Base of their addresses, without a slash at its end: `<url>/<name>`. */
  url: string;
}

/**
 * Starts the project's edge functions as the hosted edge runtime would: with
 * the network, an environment of their own, and nothing else of this machine.
 *
 * @param options.names the functions' folders below supabase/functions
 * @param options.env their whole environment, see `functionsEnvironment`
 * @throws {Error} when one of them cannot be loaded
 */
export async function startFunctions(options: {
  projectRoot: string;
  names: string[];
  env: Record<string, string>;
  /** Told each line of their log; without it the lines go to stderr. */
  onLog?: (line: string) => void;
  /** Stops them, also while they start. */
  signal?: AbortSignal;
  /** A folder for a CPU profile of theirs, written when they are closed. */
  profile?: string;
}): Promise<Functions> {
  const folder = join(options.projectRoot, "supabase", "functions");
  const importMap = await mergeImports(folder, options.names);
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-config",
      "--no-prompt",
      `--import-map=data:application/json,${encodeURIComponent(importMap)}`,
      "--allow-net",
      "--allow-env",
      // They may read their own files, as in a deployed bundle.
      `--allow-read=${folder}`,
      ...options.profile
        ? ["--cpu-prof", `--cpu-prof-dir=${options.profile}`]
        : [],
      new URL("functions.ts", import.meta.url).href,
      toFileUrl(folder).href,
      ...options.names,
    ],
    clearEnv: true,
    env: { ...inheritedEnvironment(), ...options.env },
    stdin: "piped",
    stdout: "piped",
    stderr: options.onLog ? "piped" : "inherit",
    signal: options.signal,
  }).spawn();
  if (options.onLog) void forwardLines(process.stderr, options.onLog);

  const close = async () => {
    if (options.profile) {
      // They end by themselves, and write it.
      await process.stdin.close();
      await process.status;
      return;
    }
    // Not SIGTERM: a function that is busy for ever must not keep the stack up.
    try {
      process.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // It has ended already.
    }
    await process.status;
  };
  const url = await readUrl(process.stdout);
  if (url === null) {
    await close();
    throw new Error(
      "The functions did not start: the reason is in the lines above.",
    );
  }
  return { url, close, fetch: (request, peer) => forward(request, url, peer) };
}

/** The variables that the hosted platform gives a function, and Latchkey's own. */
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
    LATCHKEY_SIGNING_KEY: JSON.stringify(keys.signingKey),
    LATCHKEY_REFRESH_TOKEN_KEYS: keys.refreshTokenKeys,
  };
}

/**
 * Each function has a deno.json, which is what a deployment reads. Here they
 * share one process and so one map of imports.
 */
async function mergeImports(folder: string, names: string[]): Promise<string> {
  const imports: Record<string, string> = {};
  for (const name of names) {
    const path = join(folder, name, "deno.json");
    const text = await readIfExists(path);
    const own: Record<string, string> = text ? JSON.parse(text).imports : {};
    for (const [specifier, target] of Object.entries(own ?? {})) {
      if ((imports[specifier] ?? target) !== target) {
        throw new Error(
          `${path} maps ${specifier} to ${target}, another function to ` +
            `${imports[specifier]}: give all functions the same version.`,
        );
      }
      imports[specifier] = target;
    }
  }
  return JSON.stringify({ imports });
}

/** What Deno itself needs to find and fill its cache of packages. */
function inheritedEnvironment(): Record<string, string> {
  const names = [
    ...["HOME", "PATH", "DENO_DIR", "XDG_CACHE_HOME"],
    ...["DENO_CERT", "DENO_TLS_CA_STORE", "NODE_EXTRA_CA_CERTS"],
    ...["SSL_CERT_FILE", "SSL_CERT_DIR", "NPM_CONFIG_REGISTRY"],
    ...["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"],
  ];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

async function forwardLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    lines.forEach(onLine);
  }
  if (rest) onLine(rest);
}

/** Reads the port from the first line; null when the process ends without. */
async function readUrl(
  stdout: ReadableStream<Uint8Array>,
): Promise<string | null> {
  let text = "";
  for await (const chunk of stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.endsWith("\n")) return `http://127.0.0.1:${text.trim()}`;
  }
  return null;
}

async function forward(
  request: Request,
  base: string,
  peer: string,
): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const { method } = request;
  // fetch refuses to send these, and would turn "get" into "GET". Methods are
  // case-sensitive (RFC 9110 section 9.1).
  if (
    /^(connect|trace|track)$/i.test(method) || method !== method.toUpperCase()
  ) {
    return withCors(
      json({
        code: "NOT_IMPLEMENTED",
        message:
          "The gateway does not know this method. Methods are upper case.",
      }, { status: 501 }),
    );
  }
  const headers = new Headers(request.headers);
  // The gateway is the edge: what a client claims about itself counts nothing.
  headers.set("x-forwarded-for", peer);
  // Compression between two processes of one machine gains nothing, and fetch
  // would undo it behind the answer's headers.
  headers.set("accept-encoding", "identity");
  try {
    return await fetch(
      base + pathname.slice("/functions/v1".length) + search,
      {
        method,
        headers,
        body: request.body,
        redirect: "manual",
      },
    );
  } catch {
    return Response.json({
      code: "BOOT_ERROR",
      message: "The functions are not running",
    }, { status: 503, headers: { "access-control-allow-origin": "*" } });
  }
}
