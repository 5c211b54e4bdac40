/**
 * What work costs the database server, by the server's own counting.
 *
 * @module
 */
import { setImmediate } from "node:timers/promises";
import type { Sql } from "../stack/sql.ts";
import { type Written, written } from "./wal.ts";

/** What some work came to, in all. */
export interface ServerCosts {
  /** What was sent to the server, `begin` and `commit` too: each a round trip. */
  commands: number;
  /** Those of the commands that read or write tables or call functions. */
  statements: number;
  /** Statements that functions and triggers ran inside the server. */
  inner: number;
  /** Pages of 8 KiB that were looked at, again and again or not. */
  buffers: number;
  wal: Written;
}

/** Has statements inside functions counted too, until it is disposed of. */
export async function countInnerStatements(
  sql: Sql,
): Promise<AsyncDisposable> {
  await sql`alter system set pg_stat_statements.track = 'all'`;
  await sql`select pg_reload_conf()`;
  // Each connection hears of it by a signal, before its next statement.
  while (await trackSetting(sql) !== "all") await setImmediate();
  return {
    async [Symbol.asyncDispose]() {
      await sql`alter system reset pg_stat_statements.track`;
      await sql`select pg_reload_conf()`;
    },
  };
}

async function trackSetting(sql: Sql): Promise<string> {
  const [row] = await sql`show pg_stat_statements.track`;
  return row!["pg_stat_statements.track"];
}

/**
 * Runs work and says what it cost the server. What superusers do does not
 * count: that is the benchmark itself, and the stack's own housekeeping.
 *
 * @param database whose statements count
 */
export async function serverCosts(
  sql: Sql,
  database: string,
  work: () => Promise<unknown>,
): Promise<ServerCosts> {
  await sql`
    select extensions.pg_stat_statements_reset(0, oid, 0)
    from pg_database where datname = ${database}`;
  const wal = await written(sql, work);
  const [statements] = await sql`
    with counted as (
      select s.*, s.query ~* '^\\s*(begin|start|commit|rollback|set|reset|deallocate|discard)\\M'
          as is_control
      from extensions.pg_stat_statements s
      join pg_roles r on r.oid = s.userid and not r.rolsuper
      join pg_database d on d.oid = s.dbid and d.datname = ${database}
    )
    select
      coalesce(sum(calls) filter (where toplevel), 0)::int as commands,
      coalesce(sum(calls) filter (where toplevel and not is_control), 0)::int
        as statements,
      coalesce(sum(calls) filter (where not toplevel), 0)::int as inner,
      coalesce(sum(shared_blks_hit + shared_blks_read) filter (where toplevel), 0)::int
        as buffers
    from counted`;
  const { commands, statements: own, inner, buffers } = statements!;
  return { ...{ commands, statements: own, inner, buffers }, wal };
}
