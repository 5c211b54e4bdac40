import { PostgresConnection } from "@supabase/lite/postgres";

/**
 * A connection for @supabase/lite, with what it does by itself and must not do
 * here taken away.
 *
 * @param url a connection string
 * @param max most connections held at once
 */
export function connectLite(url: string, max: number): PostgresConnection {
  const connection = new PostgresConnection({
    url,
    postgresOptions: {
      max,
      onnotice: () => {},
      types: {
        json: jsonType(114),
        jsonb: jsonType(3802),
        // As in PostgREST, bytea is Postgres's own text for it, `\x…`.
        bytea: { to: 17, from: [17], serialize: String, parse: String },
      },
    },
  });
  // platform.sql has defined auth.uid() and its like as a hosted project has
  // them; lite would replace them by poorer ones.
  connection.config.baseSchema = "";
  // "active" makes lite take on the caller's role for every statement, without
  // the preparation that grants the API roles everything on every table that
  // has row level security.
  return Object.assign(connection, { rlsState: "active" });
}

/**
 * lite writes objects and arrays as JSON text before it hands them on, and its
 * own type would write that text as JSON once more: the database would hold a
 * string. A plain string comes as it is.
 */
function jsonType(oid: number) {
  return {
    to: oid,
    from: [oid],
    serialize: (value: unknown) =>
      typeof value === "string" && /^[[{]/.test(value)
        ? value
        : JSON.stringify(value),
    parse: (text: string) => JSON.parse(text),
  };
}
