/**
 * The Supabase Auth servers that are compared with Latchkey, on the same database
 * server: the stack's own, and those given by `--peer-auth-url`.
 *
 * @module
 */
import { connect as connectDatabase, type Sql } from "../stack/sql.ts";
import { authPasswordSource } from "../stack/environment.ts";
import type { Stack } from "../stack/stack.ts";
import type { Peer } from "./section.ts";
import { signUp } from "./sessions.ts";

/** How long a peer may take to migrate its database. */
const TIMEOUT_MILLISECONDS = 60_000;

/** How long one health check may take. */
const HEALTH_CHECK_MILLISECONDS = 2_000;

/** The Auth of the stack. */
export async function embeddedPeer(
  { apiUrl, publishableKey }: Stack,
): Promise<Peer> {
  return await named("Embedded Auth", {
    url: `${apiUrl}/auth/v1`,
    headers: { apikey: publishableKey },
    database: "postgres",
  });
}

/**
 * Creates a database for a Supabase Auth that runs elsewhere on this machine, and
 * waits until it uses that database.
 *
 * @param number the number in the database's name
 * @throws {Error} it is not ready in time, or rejects sign-ups
 */
export async function connectPeer(
  stack: Stack,
  address: string,
  number: number,
  progress: (message: string) => void,
  signal: AbortSignal,
): Promise<Peer> {
  const url = address.replace(/\/+$/, "");
  const database = `peer_${number}`;
  const superuserUrl = new URL(stack.superuserUrl);
  await using server = connect(superuserUrl);
  await server.sql.unsafe(`create database ${database}`);
  superuserUrl.pathname = `/${database}`;
  await using own = connect(superuserUrl);
  await own.sql`create schema auth authorization supabase_auth_admin`;
  await own.sql.unsafe(
    `grant create on database ${database} to supabase_auth_admin`,
  );

  const place = `127.0.0.1:${stack.database.port}/${database}`;
  progress(
    `Waiting for Supabase Auth at ${url}. Let it use the database ${place} ` +
      `as supabase_auth_admin; the password is ${
        authPasswordSource(stack.dataFolder)
      }`,
  );
  const deadline = performance.now() + TIMEOUT_MILLISECONDS;
  while (!await isReady(url, own.sql)) {
    signal.throwIfAborted();
    if (performance.now() > deadline) {
      throw new Error(
        `Supabase Auth at ${url} was not ready within ` +
          `${TIMEOUT_MILLISECONDS / 1000} s. Check --peer-auth-url, and that ` +
          `it uses the database ${place}.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return await named("Supabase Auth", { url, headers: {}, database });
}

async function isReady(url: string, sql: Sql): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health`, {
      signal: AbortSignal.timeout(HEALTH_CHECK_MILLISECONDS),
    });
    await response.body?.cancel();
    if (!response.ok) return false;
  } catch {
    return false;
  }
  const [row] = await sql`select to_regclass('auth.sessions') as sessions`;
  return row!.sessions !== null;
}

/**
 * Adds the algorithm of its refresh tokens to the name: one row per token (v1,
 * twelve characters), or a counter in the session's row (v2).
 */
async function named(name: string, peer: Omit<Peer, "name">): Promise<Peer> {
  const [user] = await signUp({ name, ...peer }, 1);
  const algorithm = user!.refreshToken.length > 40 ? "v2" : "v1";
  return { name: `${name} (${algorithm})`, ...peer };
}

function connect(url: URL) {
  const sql = connectDatabase(url.href, { max: 1 });
  return { sql, [Symbol.asyncDispose]: () => sql.end() };
}
