import type { Sql } from "postgres";

/** What lite does inside the transaction of a request, before its statement. */
interface RequestContext {
  applyJwtSessionContext(
    transaction: Queries,
    ...rest: unknown[]
  ): Promise<void>;
}

/** The little of Kysely, lite's query builder, that is needed here. */
interface Queries {
  selectNoFrom(
    select: (builder: {
      fn(name: string): { as(alias: string): unknown };
    }) => unknown,
  ): { execute(): Promise<unknown> };
}

/**
 * Lets a function of the project look at every request, and refuse it by an
 * exception, as PostgREST's setting db-pre-request does.
 *
 * @param name the function's qualified name, or null when there is none
 */
export function callBeforeRequests(
  connection: unknown,
  name: () => string | null,
) {
  const context = connection as RequestContext;
  const apply = context.applyJwtSessionContext.bind(connection);
  context.applyJwtSessionContext = async (transaction, ...rest) => {
    await apply(transaction, ...rest);
    const preRequest = name();
    if (preRequest === null) return;
    await transaction
      .selectNoFrom((builder) => builder.fn(preRequest).as("pre_request"))
      .execute();
  };
}

/**
 * Reads the name of that function where a hosted project keeps it:
 * `alter role authenticator set pgrst.db_pre_request = 'schema.function'`.
 */
export async function readPreRequest(sql: Sql): Promise<string | null> {
  const [row] = await sql<[{ name: string }?]>`
    select split_part(setting, '=', 2) as name
    from pg_db_role_setting, unnest(setconfig) as setting
    where setrole = 'authenticator'::regrole
      and setting like 'pgrst.db\\_pre\\_request=%'`;
  return row?.name || null;
}
