/**
 * Queries as tagged templates on node-postgres, for the stack, the commands, the
 * benchmark and the tests.
 *
 * @module
 */
// @ts-types="../types/pg.d.ts"
import pg, { type Pool, type PoolClient, type QueryConfig } from "pg";

/** The server refused a statement: `code` is its SQLSTATE. */
export const { DatabaseError } = pg;
export type DatabaseError = InstanceType<typeof DatabaseError>;

// deno-lint-ignore no-explicit-any -- whatever the query selects
export type Row = Record<string, any>;

/** Runs queries: on a pool, in a transaction, or on one connection. */
export interface Queries {
  /**
   * Runs one statement; each `${value}` becomes a parameter. Objects are sent as
   * JSON, arrays as PostgreSQL arrays.
   *
   * @throws {DatabaseError} the server refuses it
   */
  <T extends readonly (object | undefined)[] = Row[]>(
    text: TemplateStringsArray,
    ...values: unknown[]
  ): Promise<T>;
  /**
   * Runs the text unchanged. Without parameters it may contain several
   * statements.
   *
   * @param values the values of $1, $2, …
   * @param name keeps the statement prepared under this name
   * @returns the rows of the last statement
   */
  unsafe<T extends readonly (object | undefined)[] = Row[]>(
    text: string,
    values?: unknown[],
    name?: string,
  ): Promise<T>;
}

/** A pool of connections. */
export interface Sql extends Queries {
  /** Runs `work` in a transaction, which is rolled back if `work` throws. */
  begin<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  /** Takes one connection out of the pool, until its `release`. */
  reserve(): Promise<Queries & { release(): void }>;
  /** Closes all connections, after the queries that are running. */
  end(): Promise<void>;
}

/**
 * Makes a pool. It connects at the first query, and again after a connection
 * was lost: only the queries that were running on it fail.
 *
 * @param url a connection string
 * @param options.max most connections at once
 * @param options.onNotice told each notice and warning of the server
 */
export function connect(
  url: string,
  { max = 4, onNotice = (_message: string) => {} } = {},
): Sql {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 0,
  });
  // The pool replaces a connection that is lost while it is idle.
  pool.on("error", () => {});
  pool.on("connect", (client) => {
    client.on("notice", ({ message }) => onNotice(message ?? ""));
  });
  let ending: Promise<void> | undefined;
  return Object.assign(queries(pool), {
    async begin<T>(work: (tx: Queries) => Promise<T>): Promise<T> {
      const client = await pool.connect();
      try {
        await client.query("begin");
        const result = await work(queries(client));
        await client.query("commit");
        return result;
      } catch (error) {
        await client.query("rollback").catch(() => {});
        throw error;
      } finally {
        client.release();
      }
    },
    async reserve() {
      const client = await pool.connect();
      return Object.assign(queries(client), {
        release: () => client.release(),
      });
    },
    end: () => ending ??= pool.end(),
  });
}

function queries(on: Pool | PoolClient): Queries {
  const run = async (query: QueryConfig) => {
    const result = await on.query(query);
    // deno-lint-ignore no-explicit-any -- the caller says which rows it selects
    return (Array.isArray(result) ? result.at(-1)! : result).rows as any;
  };
  return Object.assign(
    (text: TemplateStringsArray, ...values: unknown[]) =>
      run({
        text: text.reduce((all, part, i) => `${all}$${i}${part}`),
        values,
      }),
    {
      unsafe: (text: string, values?: unknown[], name?: string) =>
        run({ text, values, name }),
    },
  );
}
