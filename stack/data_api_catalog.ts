import type { IntrospectResult } from "@supabase/lite";
import type { PostgresConnection } from "@supabase/lite/postgres";
import { type QueryExecutorProvider, sql } from "kysely";

/** A setting and its value, such as `statement_timeout` and `3s`. */
export type Setting = [name: string, value: string];

/**
 * The data about the database that the Data API keeps in memory until it
 * reloads.
 */
export interface Catalog {
  /** PostgREST's schema cache, in lite's form. */
  schema: IntrospectResult;
  /** The data for a call of each function, by qualified name. */
  functions: Map<string, { readOnly: boolean; settings: Setting[] }>;
  /** The settings with which each role's requests run, by role. */
  roles: Map<string, Setting[]>;
  /** The qualified name of the function that runs before each request. */
  preRequest: string | null;
}

/**
 * Reads the catalog.
 *
 * @param connection runs as a role that sees every object
 * @throws {Error} The database cannot be read.
 */
export async function readCatalog(
  connection: PostgresConnection,
): Promise<Catalog> {
  const { kysely } = connection;
  // Read first, so that the data that is read afterwards includes every
  // function in it.
  const schema = await connection.introspect();
  const [functions, roles, preRequest] = await Promise.all([
    readFunctions(kysely),
    readRoleSettings(kysely),
    readPreRequest(kysely),
  ]);
  // lite logs its error and returns an empty catalog.
  if (!schema.functions) throw new Error("lite could not read the catalog");
  return { schema, functions, roles, preRequest };
}

/**
 * PostgREST runs functions that are not volatile in a read-only transaction. It
 * applies some of a function's own settings before the call, so that they take
 * effect for the whole transaction (its setting db-hoisted-tx-settings).
 */
async function readFunctions(
  database: QueryExecutorProvider,
): Promise<Catalog["functions"]> {
  const { rows } = await sql<
    { name: string; read_only: boolean; settings: Setting[] }
  >`
    select n.nspname || '.' || p.proname as name,
      bool_and(p.provolatile <> 'v') as read_only,
      coalesce(
        jsonb_agg(
          jsonb_build_array(split_part(c, '=', 1), split_part(c, '=', 2))
        ) filter (where c like 'statement\\_timeout=%'),
        '[]'
      ) as settings
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
    left join unnest(p.proconfig) c on true
    where n.nspname not in ('pg_catalog', 'information_schema')
    group by 1`.execute(database);
  return new Map(
    rows.map((row) => [row.name, {
      readOnly: row.read_only,
      settings: row.settings,
    }]),
  );
}

/** The settings of the roles that a request can run as. */
async function readRoleSettings(
  database: QueryExecutorProvider,
): Promise<Catalog["roles"]> {
  const { rows } = await sql<{ role: string; name: string; value: string }>`
    select r.rolname as role, split_part(c, '=', 1) as name,
      substr(c, strpos(c, '=') + 1) as value
    from pg_db_role_setting s
    join pg_roles r on r.oid = s.setrole
    join pg_auth_members m
      on m.roleid = r.oid and m.member = 'authenticator'::regrole
    cross join unnest(s.setconfig) c
    join pg_settings p on p.name = split_part(c, '=', 1) and p.context = 'user'
    where s.setdatabase = 0`.execute(database);
  const settings = Map.groupBy(rows, ({ role }) => role);
  return new Map(
    [...settings].map(([role, rows]) => [
      role,
      rows.map(({ name, value }) => [name, value]),
    ]),
  );
}

/** Set by `alter role authenticator set pgrst.db_pre_request = 'schema.function'`. */
async function readPreRequest(
  database: QueryExecutorProvider,
): Promise<string | null> {
  const { rows: [row] } = await sql<{ name: string }>`
    select split_part(c, '=', 2) as name
    from pg_db_role_setting s, unnest(s.setconfig) c
    where s.setrole = 'authenticator'::regrole
      and c like 'pgrst.db\\_pre\\_request=%'`.execute(database);
  return row?.name || null;
}
