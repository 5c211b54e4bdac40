import type { Sql } from "./sql.ts";
import {
  bearerOf,
  json,
  preflight,
  type Service,
  withBearer,
  withCors,
} from "./http.ts";
import type { Keys } from "./keys.ts";
import type { Tokens } from "./tokens.ts";

/** How long the external Auth may take to migrate the database, in ms. */
const patienceMilliseconds = 60_000;

/**
 * Uses an external Supabase Auth instead of the embedded one. That server
 * migrates the schema auth itself, and this function waits until it has done
 * so.
 *
 * @param options.authUrl The base URL of that server.
 * @throws {Error} The server is not ready in time, or signs with another key.
 */
export async function connectAuth(options: {
  authUrl: string;
  /** How that server must reach the database, for the error message. */
  databaseAddress: string;
  /** Where to find the password of its role, for the error message. */
  passwordSource: string;
  sql: Sql;
  keys: Keys;
  tokens: Tokens;
  onProgress: (message: string) => void;
  signal: AbortSignal;
}): Promise<Service> {
  const base = options.authUrl.replace(/\/+$/, "");
  options.onProgress(
    `Waiting for Supabase Auth at ${base}: let it use the database ` +
      `${options.databaseAddress} as supabase_auth_admin, whose password is ` +
      options.passwordSource,
  );
  const deadline = Date.now() + patienceMilliseconds;
  while (!await isReady(base, options.sql)) {
    options.signal.throwIfAborted();
    if (Date.now() > deadline) {
      throw new Error(
        `Supabase Auth at ${base} was not ready within ` +
          `${patienceMilliseconds / 1000} s: check --auth-url, and that it ` +
          `uses the database at ${options.databaseAddress}.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await requireSameKey(base, options.keys);
  return {
    fetch: (request, peer) => answer(request, peer, base, options),
    close: () => Promise.resolve(),
  };
}

async function isReady(base: string, sql: Sql): Promise<boolean> {
  try {
    const response = await fetch(`${base}/health`);
    await response.body?.cancel();
    if (!response.ok) return false;
  } catch {
    return false;
  }
  const [{ ready }] = await sql<[{ ready: boolean }]>`
    select to_regclass('auth.users') is not null
      and to_regclass('auth.sessions') is not null as ready`;
  return ready;
}

async function requireSameKey(base: string, { signingKey }: Keys) {
  const response = await fetch(`${base}/.well-known/jwks.json`);
  const { keys } = await response.json() as { keys: { kid?: string }[] };
  if (!keys.some((key) => key.kid === signingKey.kid)) {
    throw new Error(
      `Supabase Auth at ${base} does not sign with this stack's key: set ` +
        "LATCHKEY_SIGNING_KEY to the private JWK of its GOTRUE_JWT_KEYS.",
    );
  }
}

/** Does what the hosted gateway does: an API key becomes a token. */
async function answer(
  request: Request,
  peer: string,
  base: string,
  { keys, tokens }: { keys: Keys; tokens: Tokens },
): Promise<Response> {
  if (request.method === "OPTIONS") return preflight(request);
  const { pathname, search, searchParams } = new URL(request.url);
  const path = pathname.slice("/auth/v1".length);
  const open = /^\/(verify|callback|authorize|health|\.well-known\/)/.test(
    path,
  );
  const apiKey = request.headers.get("apikey") ?? searchParams.get("apikey");
  const isKnown = apiKey === keys.publishableKey || apiKey === keys.secretKey;
  if (!open && !isKnown) {
    return withCors(json({ message: "Invalid API key" }, { status: 401 }));
  }
  let forwarded = request;
  const bearer = bearerOf(request);
  if (bearer === null || bearer === apiKey) {
    const token = apiKey === keys.secretKey ? await serviceToken(tokens) : null;
    forwarded = withBearer(request, token);
  }
  const headers = new Headers(forwarded.headers);
  headers.set("x-forwarded-for", peer);
  headers.set("accept-encoding", "identity");
  try {
    return withCors(
      await fetch(base + path + search, {
        method: request.method,
        headers,
        body: forwarded.body,
        redirect: "manual",
      }),
    );
  } catch {
    return withCors(
      json({ message: "Supabase Auth does not answer" }, { status: 503 }),
    );
  }
}

function serviceToken(tokens: Tokens): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return tokens.sign({ role: "service_role", iat: now, exp: now + 60 });
}
