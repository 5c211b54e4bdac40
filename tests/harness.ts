/**
 * Shared by the integration tests: the stack that `deno task test` started, new
 * users, and the endpoints with both ways to the database.
 *
 * @module
 */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { connect, type Queries, type Sql } from "../stack/sql.ts";
import type { Keys } from "../stack/keys.ts";
import { AccessTokens } from "../supabase/functions/_latchkey/access_token_issuer.ts";
import { readEnvironment } from "../supabase/functions/_latchkey/environment.ts";
import {
  hashSeed,
  newSeed,
  RefreshTokens,
} from "../supabase/functions/_latchkey/refresh_token.ts";
import { checkAnswer } from "./openapi.ts";

/** The stack under test, described by scripts/test.ts. */
export interface TestStack {
  apiUrl: string;
  publishableKey: string;
  secretKey: string;
  /** Connects as postgres, like a project's owner. */
  dbUrl: string;
  /** Connects as the superuser, for what only the server's operator can read. */
  superuserUrl: string;
  /** A second set of the functions, with LATCHKEY_DB_URL. */
  connectionFunctionsUrl: string;
  /** The keys of the stack, as stack/keys.ts makes them. */
  keys: Keys;
  /** The private key of an app's servers, which may vouch for their clients. */
  serverKey: JsonWebKey;
}

const description = Deno.env.get("LATCHKEY_TEST_STACK");
if (!description) {
  throw new Error("These tests need a stack: run them with `deno task test`.");
}
export const stack: TestStack = JSON.parse(description);

/** Both ways to the database, by the URL of the functions that go there. */
export const WAYS = {
  "over the Data API": `${stack.apiUrl}/functions/v1`,
  "over a connection": stack.connectionFunctionsUrl,
};

/** A session, as the endpoints return it. */
export interface Session {
  access_token: string;
  token_type: string;
  expires_in: number;
  expires_at: number;
  refresh_token: string;
  session_id: string;
  user: { id: string; email: string; [name: string]: unknown };
}

/** An HTTP answer with its body. */
export interface Answer {
  status: number;
  headers: Headers;
  // deno-lint-ignore no-explicit-any
  body: any;
}

/** Calls the endpoints of one set of functions. */
export class Api {
  constructor(
    readonly url: string,
    readonly publishableKey = stack.publishableKey,
  ) {}

  /** @throws {Error} docs/openapi.yaml does not allow the answer. */
  async send(name: string, init: RequestInit = {}): Promise<Answer> {
    const headers = new Headers(init.headers);
    if (!headers.has("apikey")) headers.set("apikey", this.publishableKey);
    const response = await fetch(`${this.url}/${name}`, { ...init, headers });
    const text = await response.text();
    let body: unknown = text;
    if (response.headers.get("Content-Type")?.includes("json")) {
      body = JSON.parse(text);
    }
    const answer = { status: response.status, headers: response.headers, body };
    checkAnswer(name.split("?")[0]!, init.method ?? "GET", answer);
    return answer;
  }

  post(
    name: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return this.send(name, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  }

  form(
    name: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return this.send(name, {
      method: "POST",
      headers,
      body: new URLSearchParams(fields),
    });
  }

  /** Signs in. On a busy machine, Auth hashes few passwords in time. */
  async login(
    user: User,
    device_name?: string,
    headers: Record<string, string> = {},
  ): Promise<Session> {
    const { email, password } = user;
    const body = { email, password, device_name };
    return expectOk(await patiently(() => this.post("login", body, headers)));
  }

  refresh(
    refresh_token: string,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return this.post("refresh", { refresh_token }, headers);
  }

  revoke(
    session: Pick<Session, "access_token">,
    body: unknown,
  ): Promise<Answer> {
    return this.post("revoke", body, bearer(session));
  }

  sessions(session: Pick<Session, "access_token">): Promise<Answer> {
    return this.send("sessions", { headers: bearer(session) });
  }

  profile(session: Pick<Session, "access_token">): Promise<Answer> {
    return this.send("profile", { headers: bearer(session) });
  }
}

/** The default set of functions. */
export const api = new Api(WAYS["over the Data API"]);

export function bearer({ access_token }: Pick<Session, "access_token">) {
  return { Authorization: `Bearer ${access_token}` };
}

/** Returns the body of a 200, or throws an error that shows the answer. */
export function expectOk<T>(answer: Pick<Answer, "status" | "body">): T {
  if (answer.status !== 200) {
    throw new Error(
      `Expected 200, got ${answer.status}: ${JSON.stringify(answer.body)}`,
    );
  }
  return answer.body;
}

/** How long a client repeats a call. */
const PATIENCE_MILLISECONDS = 120_000;

/**
 * Repeats a call while the answer is 503, as a client does. A 503 says that
 * nothing was written: a busy machine cannot serve each of fifty calls in time.
 */
export async function patiently(call: () => Promise<Answer>): Promise<Answer> {
  const end = performance.now() + PATIENCE_MILLISECONDS;
  for (let seconds = 0;;) {
    const answer = await call();
    if (answer.status !== 503 || performance.now() > end) return answer;
    seconds = Math.max(2 * seconds, Number(answer.headers.get("Retry-After")));
    // Not all at the same time again.
    const pause = (1 + Math.random()) * seconds * 1000;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** A user who can sign in. */
export interface User {
  id: string;
  email: string;
  password: string;
}

/** Signs up a new user. */
export async function newUser(): Promise<User> {
  const email = `${crypto.randomUUID()}@example.com`;
  const password = "correct horse battery";
  const { data, error } = await supabase().auth.signUp({ email, password });
  if (error) throw error;
  return { id: data.user!.id, email, password };
}

/** Options of a client that starts no timers and stores nothing. */
const QUIET = {
  persistSession: false,
  autoRefreshToken: false,
  detectSessionInUrl: false,
};

/** supabase-js with an access token, or signed out. */
export function supabase(accessToken?: () => string): SupabaseClient {
  return createClient(
    stack.apiUrl,
    stack.publishableKey,
    accessToken
      ? { accessToken: () => Promise.resolve(accessToken()) }
      : { auth: { ...QUIET, storageKey: crypto.randomUUID() } },
  );
}

/** supabase-js with the secret key. */
export function supabaseAdmin(): SupabaseClient {
  return createClient(stack.apiUrl, stack.secretKey, {
    auth: { ...QUIET, storageKey: crypto.randomUUID() },
  });
}

/** Opens a connection for the length of a callback. */
export async function withDatabase<T>(
  url: string,
  use: (sql: Sql) => Promise<T>,
  max = 4,
): Promise<T> {
  const sql = connect(url, { max });
  try {
    return await use(sql);
  } finally {
    await sql.end();
  }
}

/**
 * How many statements about Latchkey the server has run.
 *
 * @param sql A connection of the superuser.
 */
export async function countStatements(sql: Queries): Promise<number> {
  const [row] = await sql`
    select coalesce(sum(calls), 0)::int as calls from extensions.pg_stat_statements
    where query like '%latchkey%' and query not like '%pg_stat_statements%'`;
  return row!.calls as number;
}

/** Changes settings, which the whole project shares, until the callback returns. */
export async function withSettings(
  changes: Record<string, unknown>,
  use: (sql: Sql) => Promise<void>,
  max = 50,
): Promise<void> {
  await withDatabase(stack.dbUrl, async (sql) => {
    const [before] = await sql<[{ settings: Record<string, unknown> }]>`
      select to_jsonb(settings) as settings from latchkey.settings`;
    await changeSettings(sql, changes);
    try {
      await use(sql);
    } finally {
      await changeSettings(sql, before.settings);
    }
  }, max);
}

async function changeSettings(sql: Sql, settings: Record<string, unknown>) {
  const names = Object.keys(settings).join();
  await sql.unsafe(
    `update latchkey.settings set (${names}) = (
       select ${names} from jsonb_populate_record(null::latchkey.settings, $1))`,
    [settings],
  );
}

/** Runs in a transaction that is rolled back, so that other tests see nothing. */
export async function rolledBack(
  url: string,
  use: (sql: Queries) => Promise<void>,
): Promise<void> {
  const done = new Error("done");
  await withDatabase(url, async (sql) => {
    const error = await sql.begin(async (transaction) => {
      await use(transaction);
      throw done;
    }).catch((error: unknown) => error);
    if (error !== done) throw error;
  });
}

/** Runs in a transaction, and undoes what it did if it fails. */
export async function savepoint<T>(
  sql: Queries,
  work: () => Promise<T>,
): Promise<T> {
  await sql.unsafe("savepoint work");
  try {
    return await work();
  } catch (error) {
    await sql.unsafe("rollback to savepoint work");
    throw error;
  }
}

/** Waits until a condition holds, or throws an error that names it. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  milliseconds = 60_000,
): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!await condition()) {
    if (performance.now() > end) {
      throw new Error(`Timed out waiting for ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A new project, or a database that is away for a moment. */
const TEMPORARY_REFUSAL = /MissingPartition|UnableToConnectToProject/;

/** What arrives on a device's channel. */
export interface ChannelListener {
  /** Why joins were refused before one succeeded. */
  refusals: string[];
  events: { payload: Record<string, unknown>; at: number }[];
  next(): Promise<{ payload: Record<string, unknown>; at: number }>;
  close(): Promise<void>;
}

/**
 * Joins a private channel. Resolves when database broadcasts are delivered;
 * a refusal that is only temporary is followed by another try.
 *
 * @param client supabase-js with the access token, by default for `stack`
 * @throws {Error} the client may not join the channel
 */
export async function listen(
  topic: string,
  accessToken: string,
  client = supabase(() => accessToken),
): Promise<ChannelListener> {
  const events: ChannelListener["events"] = [];
  const refusals: string[] = [];
  const waiting: ((event: ChannelListener["events"][number]) => void)[] = [];
  let heard = 0;
  // A private channel is joined with the token that is set by then.
  await client.realtime.setAuth();
  const channel = client.channel(topic, {
    config: { private: true, broadcast: { replication_ready: true } },
  });
  channel.on("broadcast", { event: "session-revoked" }, ({ payload }) => {
    const event = { payload, at: performance.now() };
    events.push(event);
    waiting.shift()?.(event);
  });
  const close = async () => {
    await client.removeAllChannels();
    client.realtime.disconnect();
  };
  try {
    await new Promise<void>((resolve, reject) => {
      channel.on(
        "system" as never,
        {} as never,
        (message: { status?: string }) => {
          if (message.status === "ok") resolve();
        },
      );
      channel.subscribe((status, error) => {
        // supabase-js joins again by itself.
        if (error && TEMPORARY_REFUSAL.test(error.message)) {
          refusals.push(error.message);
          return;
        }
        if (status === "CHANNEL_ERROR" || status === "TIMED_OUT") {
          reject(error ?? new Error(status));
        }
      });
    });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    events,
    refusals,
    async next() {
      const event = events[heard++];
      if (event) return event;
      const next = Promise.withResolvers<typeof events[number]>();
      waiting.push(next.resolve);
      // A lost broadcast fails the test instead of holding up all the others.
      const late = setTimeout(
        () => next.reject(new Error(`No event on ${topic} for 30 seconds.`)),
        30_000,
      );
      return await next.promise.finally(() => clearTimeout(late));
    },
    close,
  };
}

const environment = readEnvironment((name) => ({
  SUPABASE_URL: stack.apiUrl,
  SUPABASE_ANON_KEY: stack.publishableKey,
  SUPABASE_SERVICE_ROLE_KEY: stack.secretKey,
  LATCHKEY_SIGNING_KEY: JSON.stringify(stack.keys.signingKey),
  LATCHKEY_REFRESH_TOKEN_KEYS: stack.keys.refreshTokenKeys,
}[name]));

/** The functions' own makers of tokens, with the stack's keys. */
export const accessTokens = new AccessTokens(environment);
export const refreshTokens = new RefreshTokens(
  environment.refreshTokenKeys,
  environment.currentRefreshTokenKey,
);

/**
 * A session without the password hashing of a login: the same rows, and tokens
 * by the same code. For tests that need a thousand of them.
 *
 * @param key The key to which the session is bound, if any.
 */
export async function quickSession(
  sql: Queries,
  user: Pick<User, "id">,
  key?: { jkt: string },
): Promise<Pick<Session, "access_token" | "refresh_token" | "session_id">> {
  const session_id = crypto.randomUUID();
  const seed = newSeed();
  await sql`
    insert into auth.sessions (id, user_id, created_at, updated_at)
    values (${session_id}, ${user.id}, now(), now())`;
  const [result] = await sql`
    select * from latchkey.login(
      ${session_id}, ${
    hashSeed(
      seed,
    )
  }::text::bytea, 'aal1', '[]', 'test', null, null, ${environment.issuer},
      proof_jkt => ${key?.jkt ?? null}::text::bytea)`;
  return {
    session_id,
    access_token: await accessTokens.issue(result!.claims),
    refresh_token: refreshTokens.issue({
      sessionId: session_id,
      generation: 0,
      seed,
    }),
  };
}
