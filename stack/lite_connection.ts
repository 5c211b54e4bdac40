import { PostgresConnection } from "@supabase/lite/postgres";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
// An optional peer of @supabase/lite, which imports it nevertheless.
import "postgres";

/**
 * Connects @supabase/lite to a database, without the changes to the database
 * that lite makes by default.
 *
 * @param url a connection string
 * @param options.max largest number of connections
 * @param options.onLostConnection called with the error of each idle connection
 * that breaks
 */
export function connectLite(url: string, options: {
  max: number;
  onLostConnection?: (error: Error & { code?: string }) => void;
}): PostgresConnection {
  const connection = new PostgresConnection({ url });
  // platform.sql has defined auth.uid() and similar functions as on a hosted
  // project. lite would replace them with simpler ones.
  connection.config.baseSchema = "";
  // lite's own driver, postgres.js 3.4.9, throws from a timer when the server
  // dies, and its connection never comes back. It has not connected yet, so
  // node-postgres can replace it.
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max,
    // PostgREST's db-pool-acquisition-timeout.
    connectionTimeoutMillis: 10_000,
    // Idle connections stay open. PostgREST closes them after 30 seconds.
    idleTimeoutMillis: 0,
    options: "-c TimeZone=UTC",
    types: { getTypeParser: (oid: number) => parsers[oid] ?? String },
  });
  // The pool replaces a broken connection; without a listener the process ends.
  pool.on("error", options.onLostConnection ?? (() => {}));
  pool.on("connect", (client: pg.Client) => client.on("error", () => {}));
  return Object.assign(connection, {
    kysely: new Kysely({ dialect: new PostgresDialect({ pool }) }),
    close: () => pool.end(),
    // With "active", lite takes on the caller's role for every statement but
    // does not grant the API roles everything on tables with row level security.
    rlsState: "active",
  });
}

/**
 * Parsers that return values as lite expects them. lite takes all other values
 * as PostgreSQL's text.
 */
// PostgreSQL's catalog fixes the object identifiers of these types.
const parsers: Record<number, (text: string) => unknown> = {
  16: (text) => text === "t",
  20: number,
  21: Number,
  23: Number,
  26: Number,
  700: Number,
  701: Number,
  1700: number,
  // PostgREST writes times as PostgreSQL does in JSON.
  1114: (text) => text.replace(" ", "T"),
  1184: (text) => text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00"),
  114: JSON.parse,
  3802: JSON.parse,
  ...arraysLike("text", [1002, 1003, 1009, 1015, 2951]), // char to uuid
  ...arraysLike("int4", [1005, 1007, 1028]), // int2, int4, oid
  ...arraysLike("bool", [1000]),
};

/** A number where JavaScript can represent it exactly, else the text. */
function number(text: string): unknown {
  return String(Number(text)) === text ? Number(text) : text;
}

/** Parsers of array types that node-postgres does not know by themselves. */
function arraysLike(known: "text" | "int4" | "bool", oids: number[]) {
  const parse = pg.types.getTypeParser(
    { text: 1009, int4: 1007, bool: 1000 }[known],
    "text",
  );
  return Object.fromEntries(oids.map((oid) => [oid, parse]));
}
