import { AsyncLocalStorage } from "node:async_hooks";
import type { PostgresConnection } from "@supabase/lite/postgres";
import { type QueryExecutorProvider, sql } from "kysely";
import type { Claims } from "./data_api_auth.ts";
import type { Catalog, Setting } from "./data_api_catalog.ts";
import { deadConnection, normalizeError } from "./data_api_errors.ts";
import { connectLite } from "./lite_connection.ts";

/** What a transaction needs to know about its request. */
export interface RestRequest {
  method: string;
  /** Below /rest/v1, such as `/rpc/name`. */
  path: string;
  schema: string;
  headers: Record<string, string>;
  claims: Claims;
}

/** The request that is being answered. */
export const current = new AsyncLocalStorage<RestRequest>();

/**
 * PostgREST repeats a transaction that fails to serialize without an end. Here
 * it stops after this time, so that a function that always fails does not run
 * forever.
 */
const REPEAT_MILLISECONDS = 10_000;

/**
 * Connects @supabase/lite in the same way as PostgREST: each request is one
 * transaction with PostgREST's settings.
 *
 * @param url a connection string of `authenticator`
 * @param catalog What is known about the database.
 */
export function connectDataApi(
  url: string,
  catalog: () => Catalog,
): PostgresConnection {
  // PostgREST notices that a pooled connection is dead when it uses it.
  const lost: Error[] = [];
  const connection = connectLite(url, {
    // PostgREST's default, db-pool.
    max: 10,
    onLostConnection: (error) =>
      lost.push(error.code?.startsWith("57P01") ? error : deadConnection()),
  });
  const withContext: PostgresConnection["withContext"] = async (
    _vars,
    work,
    options,
  ) => {
    if (options?.transaction) return work(options.transaction);
    const request = current.getStore()!;
    const end = performance.now() + REPEAT_MILLISECONDS;
    for (;;) {
      const failure = lost.pop();
      if (failure) throw failure;
      try {
        return await connection.kysely.transaction()
          .setAccessMode(
            isReadOnly(request, catalog()) ? "read only" : "read write",
          )
          .execute(async (transaction) => {
            await prepare(transaction, request, catalog());
            return work(transaction);
          });
      } catch (error) {
        const { code } = error as { code?: string };
        const repeat = code === "40001" || code === "40P01";
        if (!repeat || performance.now() > end) throw error;
      }
    }
  };
  return Object.assign(connection, {
    withContext,
    introspect: () => Promise.resolve(catalog().schema),
    normalizeDbError: (error: unknown) =>
      normalizeError(error, current.getStore()?.claims.role),
  });
}

/** Functions run read-only unless they are volatile, and so does every read. */
function isReadOnly(request: RestRequest, catalog: Catalog): boolean {
  return request.method === "GET" || request.method === "HEAD" ||
    functionOf(request, catalog)?.readOnly === true;
}

function functionOf({ path, schema }: RestRequest, { functions }: Catalog) {
  const name = path.match(/^\/rpc\/([^/]+)$/)?.[1];
  return name ? functions.get(`${schema}.${name}`) : undefined;
}

/** Sets the caller's role, and calls the project's pre-request function. */
async function prepare(
  transaction: QueryExecutorProvider,
  request: RestRequest,
  catalog: Catalog,
) {
  const { claims, schema } = request;
  const settings: Setting[] = [
    ["search_path", `"${schema.replaceAll('"', '""')}", public, extensions`],
    ...catalog.roles.get(claims.role) ?? [],
    ["role", claims.role],
    ["request.jwt.claims", JSON.stringify(claims)],
    ["request.method", request.method],
    ["request.path", request.path],
    ["request.headers", JSON.stringify(request.headers)],
    // lite reads them after a function has returned.
    ["response.status", ""],
    ["response.headers", ""],
    ...functionOf(request, catalog)?.settings ?? [],
  ];
  await sql`select ${
    sql.join(
      settings.map(([name, value]) => sql`set_config(${name}, ${value}, true)`),
    )
  }`.execute(transaction);
  if (catalog.preRequest) {
    await sql`select ${sql.ref(catalog.preRequest)}()`.execute(transaction);
  }
}
