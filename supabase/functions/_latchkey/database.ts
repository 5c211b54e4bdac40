/**
 * Calls Latchkey's SQL functions in one of two ways: through the Data API (the
 * default: safe for any number of isolates), or on a PostgreSQL connection
 * where `LATCHKEY_DB_URL` is set.
 *
 * @module
 */
import { PostgrestClient } from "@supabase/postgrest-js";
import type pg from "pg";
import { ConfigurationError } from "./configuration.ts";
import type { GuardEnvironment } from "./guard_environment.ts";
import type { Database as Schema } from "./database.types.ts";
import { type DatabaseFailure, misconfiguration } from "./misconfiguration.ts";
import { Refusal } from "./outcomes.ts";

type Functions = Schema["latchkey"]["Functions"];

/** Calls the SQL functions of schema `latchkey`. */
export interface Database {
  /**
   * @returns What the function returned, or a refusal: `database_unavailable`,
   * `hook_refused` where the project's custom access token hook refused, or
   * `server_misconfigured` where a setting of the project is wrong.
   * @throws {Error} The database answered with an error that is a bug.
   */
  call<Name extends keyof Functions & string>(
    name: Name,
    args: Nullable<Functions[Name]["Args"]>,
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
 * The contract promises 503 within ten seconds: this long, after at most five
 * seconds that /login waits for Supabase Auth.
 */
const PATIENCE_MILLISECONDS = 4_000;
const CONNECT_MILLISECONDS = 1_500;
/** One isolate serves few requests at a time, and there are many isolates. */
const CONNECTIONS_PER_ISOLATE = 4;

/** One way to the database: the result of a SQL function, or what failed. */
type Send = (
  name: string,
  args: Record<string, unknown>,
) => Promise<{ result: unknown } | { failure: DatabaseFailure }>;

/**
 * Opens the way that the environment names. It connects at the first call.
 *
 * @throws {ConfigurationError} It names none.
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
  return {
    async call(name, args) {
      const answer = await send(name, args);
      return "failure" in answer
        ? refusalOf(name, answer.failure)
        : answer.result as never;
    },
  };
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
  >(
    `${url}/rest/v1`,
    { schema: "latchkey", headers, timeout: PATIENCE_MILLISECONDS },
  );
  return async (name, args) => {
    const { data, error, status } = await client.rpc(
      name as keyof Functions,
      args as never,
    );
    return error ? { failure: { ...error, status } } : { result: data };
  };
}

function overConnection(url: string): Send {
  const opening = openPool(url);
  return async (name, args) => {
    const { pool, DatabaseError } = await opening;
    const named = Object.entries(args);
    try {
      // Without a name, so that the transaction pooler may send each call to
      // another server connection.
      const { rows } = await pool.query(
        `select to_jsonb(latchkey.${name}(${
          named.map(([argument], i) => `${argument} => $${i + 1}`).join(", ")
        })) as result`,
        named.map(([, value]) => value),
      );
      return { result: rows[0].result };
    } catch (error) {
      if (!(error instanceof Error) || error instanceof TypeError) throw error;
      const { code, severity, detail } = error as pg.DatabaseError;
      return {
        failure: {
          // Without it the connection failed, and the code is the system's.
          code: error instanceof DatabaseError ? code : undefined,
          message: error.message,
          details: detail,
          severity,
        },
      };
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
    query_timeout: PATIENCE_MILLISECONDS - CONNECT_MILLISECONDS,
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
  // The caller's own limit, or a network that failed.
  if (status === 0) return true;
  // A pooler reports its own troubles, such as too many clients, as XX000.
  if (severity === "FATAL") return true;
  if (code) return TRANSIENT.test(code);
  // A connection that failed has neither; PostgREST answers 400 with an empty
  // code when its pooled connection had died, before it ran anything.
  return status === undefined || status >= 500 || status === 429 ||
    (status === 400 && code === "");
}

/**
 * A database that is away (08), out of resources (53), restarting or out of time
 * (57), whose disk fails (58), that is a standby (25006), or where the
 * transaction lost a race. PGRST000 to PGRST003: PostgREST has no connection.
 */
const TRANSIENT =
  /^(08|53|57|58)...$|^(25006|25P04|40001|40P01|55P03)$|^PGRST00[0-3]$/;

/**
 * The SQLSTATE of `latchkey.run_custom_access_token_hook`: it is raised so that
 * everything before it is rolled back.
 */
const HOOK_REFUSED = "LK403";

/** The message is the project's own, written for its users. */
function hookRefusal({ message, details }: DatabaseFailure): Refusal {
  const status = Number(details);
  const valid = Number.isInteger(status) && status >= 400 && status <= 599;
  return new Refusal("hook_refused", {
    description: message,
    status: valid ? status : undefined,
  });
}

/** For the log: what a failure can be looked up by. Messages may quote data. */
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
