/**
 * The two ways to the database behind one call: Latchkey's SQL functions, by
 * name, through the Data API (the default: safe for any number of isolates), or
 * on a connection of our own where `LATCHKEY_DB_URL` is set.
 *
 * @module
 */
import { PostgrestClient } from "@supabase/postgrest-js";
import pg from "pg";
import { ConfigurationError, type GuardEnvironment } from "./environment.ts";
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
  ): Promise<Functions[Name]["Returns"] | Refusal>;
}

// The generated types do not know that an argument may be null.
type Nullable<Args> = { [Name in keyof Args]: Args[Name] | null };

/**
 * The contract promises 503 within ten seconds, never a hang: this much, after
 * at most five that /login waits for Supabase Auth. The database gives up
 * before we do (lock_timeout, statement_timeout), so that a refused call has
 * written nothing.
 */
const DEADLINE_MILLISECONDS = 4_000;
const CONNECT_MILLISECONDS = 1_500;
/** One isolate serves few requests at a time, and there are many isolates. */
const CONNECTIONS_PER_ISOLATE = 4;

/**
 * Opens the way that the environment names. Connects at the first call.
 *
 * @throws {ConfigurationError} It names none.
 */
export function openDatabase(
  { databaseUrl, url, secretKeys }: Pick<
    GuardEnvironment,
    "databaseUrl" | "url" | "secretKeys"
  >,
): Database {
  if (databaseUrl) return overConnection(databaseUrl);
  if (!secretKeys) {
    throw new ConfigurationError(
      "SUPABASE_SECRET_KEYS",
      "is not set, nor is LATCHKEY_DB_URL",
    );
  }
  return overDataApi(url, secretKeys[0]);
}

function overDataApi(url: string, secretKey: string): Database {
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
    { schema: "latchkey", headers, timeout: DEADLINE_MILLISECONDS },
  );
  return {
    async call(name, args) {
      const { data, error, status } = await client.rpc(name, args as never);
      if (!error) return data as never;
      if (error.code === HOOK_REFUSED) {
        return hookRefusal(error.message, error.details);
      }
      const cause = misconfiguration(name, { ...error, status });
      if (cause) return new Refusal("server_misconfigured", { cause });
      if (status === 0 || status >= 500 || isTransient(error.code)) {
        return new Refusal("database_unavailable");
      }
      throw new DatabaseError(name, error.code);
    },
  };
}

function overConnection(url: string): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS_PER_ISOLATE,
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    query_timeout: DEADLINE_MILLISECONDS - CONNECT_MILLISECONDS,
  });
  // A connection that breaks is replaced; the call that ran on it rejects.
  pool.on("error", () => {});
  pool.on(
    "connect",
    (connection: pg.Client) => connection.on("error", () => {}),
  );
  return {
    async call(name, args) {
      const named = Object.entries(args);
      try {
        // Unnamed, so that the transaction pooler may give every call another
        // server connection.
        const { rows } = await pool.query(
          `select to_jsonb(latchkey.${name}(${
            named.map(([argument], i) => `${argument} => $${i + 1}`).join(", ")
          })) as result`,
          named.map(([, value]) => value),
        );
        return rows[0].result;
      } catch (error) {
        if (!(error instanceof pg.DatabaseError)) {
          return new Refusal("database_unavailable");
        }
        const { code, message, detail } = error as pg.DatabaseError & {
          code: string;
        };
        const cause = misconfiguration(name, error as DatabaseFailure);
        if (cause) return new Refusal("server_misconfigured", { cause });
        if (isTransient(code)) return new Refusal("database_unavailable");
        if (code === HOOK_REFUSED) return hookRefusal(message, detail);
        throw new DatabaseError(name, code);
      }
    },
  };
}

/**
 * SQLSTATEs of a database that is away, busy or restarting, or of a transaction
 * that lost a race: a retry helps, and nothing was written.
 */
function isTransient(code: string | undefined): boolean {
  return /^(08|53|57|58)|^(40001|40P01|55P03|25006)$|^PGRST00/.test(code ?? "");
}

/**
 * The SQLSTATE of `latchkey.run_custom_access_token_hook`: the one outcome that
 * is raised, because what came before it must not have happened.
 */
const HOOK_REFUSED = "LK403";

/** The message is the project's own, written for its users. */
function hookRefusal(description: string, detail: string | null | undefined) {
  const asked = Number(detail);
  const status = Number.isInteger(asked) && asked >= 400 && asked <= 599
    ? asked
    : undefined;
  return new Refusal("hook_refused", { description, status });
}

/** A bug: the SQLSTATE goes to the log, the message stays in the database. */
class DatabaseError extends Error {
  override name = "DatabaseError";
  constructor(functionName: string, code: string) {
    super(`latchkey.${functionName} failed with SQLSTATE ${code}`);
  }
}
