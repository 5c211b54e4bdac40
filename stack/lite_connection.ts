import { PostgresConnection } from "@supabase/lite/postgres";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";

/**
 * A connection for @supabase/lite, with what it does by itself and must not do
 * here taken away.
 *
 * @param url a connection string
 * @param max most connections held at once
 */
export function connectLite(url: string, max: number): PostgresConnection {
  const connection = new PostgresConnection({ url });
  // platform.sql has defined auth.uid() and its like as a hosted project has
  // them; lite would replace them by poorer ones.
  connection.config.baseSchema = "";
  // lite's own driver, postgres.js 3.4.9, throws from a timer when the server
  // dies under it, and its connection never comes back. It has connected to
  // nothing yet; node-postgres takes its place.
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: 4_000,
    options: "-c TimeZone=UTC",
    types: { getTypeParser: (oid: number) => parsers[oid] ?? String },
  });
  // A connection that breaks is replaced; what ran on it has been told.
  pool.on("error", () => {});
  pool.on("connect", (client: pg.Client) => client.on("error", () => {}));
  return Object.assign(connection, {
    kysely: new Kysely({ dialect: new PostgresDialect({ pool }) }),
    close: () => pool.end(),
    // "active" makes lite take on the caller's role for every statement,
    // without the preparation that grants the API roles everything on every
    // table that has row level security.
    rlsState: "active",
  });
}

/** How lite expects values; everything else comes as Postgres's own text. */
// Object identifiers of types are fixed in Postgres's own catalog.
const parsers: Record<number, (text: string) => unknown> = {
  16: (text) => text === "t",
  20: number,
  21: Number,
  23: Number,
  26: Number,
  700: Number,
  701: Number,
  1700: number,
  // As PostgREST writes them, which is as Postgres has them in JSON.
  1114: (text) => text.replace(" ", "T"),
  1184: (text) => text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00"),
  114: JSON.parse,
  3802: JSON.parse,
  ...arraysLike("text", [1002, 1003, 1009, 1015, 2951]), // char to uuid
  ...arraysLike("int4", [1005, 1007, 1028]), // int2, int4, oid
  ...arraysLike("bool", [1000]),
};

/** A number where JavaScript can hold it, else the text. */
function number(text: string): unknown {
  return String(Number(text)) === text ? Number(text) : text;
}

/** Array types whose elements node-postgres reads like those of a known one. */
function arraysLike(known: "text" | "int4" | "bool", oids: number[]) {
  const parse = pg.types.getTypeParser(
    { text: 1009, int4: 1007, bool: 1000 }[known],
    "text",
  );
  return Object.fromEntries(oids.map((oid) => [oid, parse]));
}
