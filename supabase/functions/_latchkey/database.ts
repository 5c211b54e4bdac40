/**
 * Calls Latchkey's SQL functions in one of two ways: through the Data API (the
 * default, safe for any number of isolates), or on a PostgreSQL connection if
 * `LATCHKEY_DB_URL` is set.
 *
 * @module
 */
import { PostgrestClient } from "@supabase/postgrest-js";
import type pg from "pg";
import { ConfigurationError } from "./configuration.ts";
import { DatabaseClock } from "./database_clock.ts";
import type { Database as Schema } from "./database.types.ts";
import type { GuardEnvironment } from "./guard_environment.ts";
import { type DatabaseFailure, misconfiguration } from "./misconfiguration.ts";
import { Refusal } from "./outcomes.ts";

type Functions = Schema["latchkey"]["Functions"];

/** Calls the SQL functions of schema `latchkey`. */
export interface Database {
  /**
   * @returns What the function returned, or a refusal: `database_unavailable`,
   * `hook_refused` if the project's custom access token hook refused, or
   * `server_misconfigured` if a setting of the project is wrong.
   * @throws {Error} The database answered with an error that indicates a bug.
   */
  call<Name extends keyof Functions & string>(
    name: Name,
    args: Nullable<Omit<Functions[Name]["Args"], "deadline">>,
  ): Promise<Result<Name> | Refusal>;
}

// The generated types allow null in every field of a composite type, but there is
// no result without an outcome.
type Result<Name extends keyof Functions> = Functions[Name]["Returns"] extends
  { outcome: infer Word }
  ? Omit<Functions[Name]["Returns"], "outcome"> & { outcome: NonNullable<Word> }
  : Functions[Name]["Returns"];

// The generated types do not know that an argument may be null.
type Nullable<Args> = { [Name in keyof Args]: Args[Name] | null };

/**
 * The functions that take a deadline, because a call that fails must not have
 * written anything. The functions for notices take none, because what they
 * write is repeated anyway.
 */
const WRITERS: Record<Writer, true> = {
  adopt: true,
  attempt: true,
  disavow: true,
  login: true,
  refresh: true,
  revoke: true,
  revoke_by_admin: true,
  revoke_token: true,
  settle_attempt: true,
};

type Writer = Exclude<
  {
    [Name in keyof Functions]: TakesDeadline<Functions[Name]["Args"]> extends
      true ? Name : never;
  }[keyof Functions],
  "check_deadline"
>;

// A function without arguments has every string for a key in the generated types.
type TakesDeadline<Args> = string extends keyof Args ? false
  : "deadline" extends keyof Args ? true
  : false;

/**
 * An endpoint answers 503 within ten seconds: it waits this long for the
 * database, and /login waits for Supabase Auth for at most five seconds before.
 */
const PATIENCE_MILLISECONDS = 4_000;
/**
 * The time from the deadline to the end of that wait. It leaves time for the
 * commit, which is all that may follow the deadline, and covers the case that
 * the database's clock was set back since its last answer.
 */
const MARGIN_MILLISECONDS = 1_000;
const CONNECT_MILLISECONDS = 1_500;
/**
 * Small, because one isolate serves few requests at a time and there are many
 * isolates.
 */
const CONNECTIONS_PER_ISOLATE = 4;

/** The outcome of a call: the result of the SQL function, or the failure. */
type Answer = { result: unknown } | { failure: DatabaseFailure };

/**
 * Calls the database in one of the two ways, and waits for the answer until
 * `end`.
 */
type Send = (
  name: string,
  args: Record<string, unknown>,
  end: number,
) => Promise<Answer>;

/**
 * Chooses the way that the environment names. It connects at the first call.
 *
 * @throws {ConfigurationError} The environment names neither way.
 */
export function openDatabase(
  { databaseUrl, url, secretKeys }: Pick<
    GuardEnvironment,
    "databaseUrl" | "url" | "secretKeys"
  >,
): Database {
  if (!databaseUrl && !secretKeys) {
    throw new ConfigurationError(
      "SUPABASE_SECRET_KEYS",
      "is not set, nor is LATCHKEY_DB_URL",
    );
  }
  const send = databaseUrl
    ? overConnection(databaseUrl)
    : overDataApi(url, secretKeys![0]);
  const write = withDeadline(send);
  return {
    async call(name, args) {
      const end = performance.now() + PATIENCE_MILLISECONDS;
      const answer = await (name in WRITERS ? write : send)(name, args, end);
      return "failure" in answer
        ? refusalOf(name, answer.failure)
        : answer.result as never;
    },
  };
}

/**
 * Gives each call a deadline, after which the database writes nothing: neither
 * the network nor PostgREST stops a call whose caller has given up.
 *
 * Each answer contains the database's time. An isolate that has had no answer
 * for ten minutes first asks for the time with one call of `latchkey.clock`,
 * which reads no table.
 */
function withDeadline(send: Send): Send {
  const clock = new DatabaseClock();
  let learning: Promise<Answer> | undefined;
  const observed: Send = async (name, args, end) => {
    const sent = performance.now();
    const answer = await send(name, args, end);
    const time = timeIn(answer);
    if (time) clock.observe(time, sent);
    return answer;
  };
  return async (name, args, end) => {
    const latest = end - MARGIN_MILLISECONDS;
    if (!clock.known) {
      // One call serves all requests that wait for it, however many start at
      // the same time.
      learning ??= observed("clock", {}, end)
        .finally(() => learning = undefined);
      const answer = await learning;
      if ("failure" in answer) return answer;
      if (performance.now() >= latest) return NO_ANSWER;
    }
    const call = () =>
      observed(name, { ...args, deadline: clock.timeAt(latest) }, end);
    const answer = await call();
    // A refusal that comes too early shows that a clock has jumped. It contains
    // the time with which the second call computes a correct deadline.
    return isLate(answer) && performance.now() < latest ? call() : answer;
  };
}

const NO_ANSWER: Answer = { failure: { code: undefined, message: "" } };

/** The database's time in an answer: a field, or the whole result of `clock`. */
function timeIn(answer: Answer): string | null | undefined {
  if ("failure" in answer) {
    return isLate(answer) ? answer.failure.details : undefined;
  }
  if (typeof answer.result === "string") return answer.result;
  return (answer.result as { database_time?: string } | null)?.database_time;
}

function isLate(answer: Answer): boolean {
  return "failure" in answer && answer.failure.code === TOO_LATE;
}

function overDataApi(url: string, secretKey: string): Send {
  const headers: Record<string, string> = { apikey: secretKey };
  // A legacy service_role key is a JWT and also the bearer; an sb_ key is not.
  if (!secretKey.startsWith("sb_")) {
    headers.Authorization = `Bearer ${secretKey}`;
  }
  const client = new PostgrestClient<
    Schema,
    { PostgrestVersion: "14" },
    "latchkey"
  >(`${url}/rest/v1`, { schema: "latchkey", headers });
  return async (name, args, end) => {
    const { data, error, status } = await client
      .rpc(name as keyof Functions, args as never)
      .abortSignal(AbortSignal.timeout(millisecondsUntil(end)));
    return error ? { failure: { ...error, status } } : { result: data };
  };
}

function overConnection(url: string): Send {
  const opening = openPool(url);
  return async (name, args, end) => {
    const { pool, DatabaseError } = await opening;
    const named = Object.entries(args);
    let connection: pg.PoolClient | undefined;
    let broken = true;
    try {
      connection = await pool.connect();
      // The statement has no name, so that the transaction pooler may send each
      // call to another server connection.
      const { rows } = await connection.query({
        text: `select to_jsonb(latchkey.${name}(${
          named.map(([argument], i) => `${argument} => $${i + 1}`).join(", ")
        })) as result`,
        values: named.map(([, value]) => value),
        query_timeout: millisecondsUntil(end),
      });
      broken = false;
      return { result: rows[0].result };
    } catch (error) {
      if (!(error instanceof Error) || error instanceof TypeError) throw error;
      // Otherwise the connection failed, and the code is the operating
      // system's.
      const answered = error instanceof DatabaseError;
      const { code, severity, detail } = error as pg.DatabaseError;
      broken = !answered || severity === "FATAL";
      return {
        failure: {
          code: answered ? code : undefined,
          message: error.message,
          details: detail,
          severity,
        },
      };
    } finally {
      connection?.release(broken);
    }
  };
}

async function openPool(url: string) {
  // Loading this driver takes longer than all other modules together, and most
  // projects use the Data API.
  const { default: { Pool, DatabaseError } } = await import("pg");
  const pool = new Pool({
    connectionString: url,
    max: CONNECTIONS_PER_ISOLATE,
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
  });
  // The pool replaces a broken connection; the call that used it rejects.
  pool.on("error", () => {});
  pool.on(
    "connect",
    (connection: pg.Client) => connection.on("error", () => {}),
  );
  return { pool, DatabaseError };
}

/**
 * At least 1, because neither way to the database accepts a limit of 0 or less.
 */
function millisecondsUntil(end: number): number {
  return Math.max(1, Math.ceil(end - performance.now()));
}

/**
 * The outcome of a call that failed.
 *
 * @throws {DatabaseError} The failure is a bug.
 */
function refusalOf(name: string, failure: DatabaseFailure): Refusal {
  if (failure.code === HOOK_REFUSED) return hookRefusal(failure);
  const cause = misconfiguration(name, failure);
  if (cause) return new Refusal("server_misconfigured", { cause });
  if (isTransient(failure)) {
    return new Refusal("database_unavailable", { cause: nameOf(failure) });
  }
  throw new DatabaseError(name, failure);
}

/**
 * Whether nothing was written and the same call may succeed later. PostgreSQL's
 * own code decides, because the Data API gives status 500 to bugs and to
 * transient failures alike; its status decides only where there is no code.
 *
 * @see https://docs.postgrest.org/en/v14/references/errors.html
 */
function isTransient({ code, status, severity }: DatabaseFailure): boolean {
  // The caller's own time limit, or a network failure.
  if (status === 0) return true;
  // A pooler reports its own errors, such as too many clients, as XX000.
  if (severity === "FATAL") return true;
  if (code) return TRANSIENT.test(code);
  // A failed connection has neither code nor status. If its pooled connection
  // had died, PostgREST answers 400 with an empty code, before it runs
  // anything.
  return status === undefined || status >= 500 || status === 429 ||
    (status === 400 && code === "");
}

/**
 * SQLSTATEs of transient failures: the connection failed (08), the database
 * lacks resources (53), restarts or cancelled the call (57), has a system error
 * such as a failing disk (58), is a standby (25006), the transaction lost a
 * race (40001, 40P01, 55P03), or the deadline had passed (LK503). PGRST000 to
 * PGRST003: PostgREST has no connection.
 */
const TRANSIENT =
  /^(08|53|57|58)...$|^(25006|25P04|40001|40P01|55P03|LK503)$|^PGRST00[0-3]$/;

/**
 * The SQLSTATE that `latchkey.run_custom_access_token_hook` raises if the hook
 * refuses, so that everything before it is rolled back.
 */
const HOOK_REFUSED = "LK403";

/** The SQLSTATE of `latchkey.check_deadline`; its detail is the database's time. */
const TOO_LATE = "LK503";

/** The message is the project's own, written for its users. */
function hookRefusal({ message, details }: DatabaseFailure): Refusal {
  const status = Number(details);
  const valid = Number.isInteger(status) && status >= 400 && status <= 599;
  return new Refusal("hook_refused", {
    description: message,
    status: valid ? status : undefined,
  });
}

/**
 * Identifies a failure in the log. It does not contain the message, which may
 * quote data.
 */
function nameOf({ code, status }: DatabaseFailure): string {
  if (code && status !== 0) {
    return code.startsWith("PGRST") ? code : `SQLSTATE ${code}`;
  }
  return status ? `HTTP status ${status}` : "no answer";
}

/** A bug. */
class DatabaseError extends Error {
  override name = "DatabaseError";
  constructor(functionName: string, failure: DatabaseFailure) {
    super(`latchkey.${functionName} failed with ${nameOf(failure)}`);
  }
}
