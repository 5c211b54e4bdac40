/**
 * Counts the database server's work with its own statistics.
 *
 * @module
 */
import { setImmediate } from "node:timers/promises";
import type { Sql } from "../stack/sql.ts";
import { type Written, written } from "./wal.ts";

/** The totals of some work. */
export interface ServerCosts {
  /** Commands sent to the server, including `begin` and `commit`: round trips. */
  commands: number;
  /** Commands that read or write tables or call functions. */
  statements: number;
  /** Statements that functions and triggers ran inside the server. */
  inner: number;
  /** Accesses to pages of 8 KiB, repeated ones included. */
  buffers: number;
  wal: Written;
}

/** Also counts statements inside functions, until it is disposed of. */
export async function countInnerStatements(
  sql: Sql,
): Promise<AsyncDisposable> {
  await sql`alter system set pg_stat_statements.track = 'all'`;
  await sql`select pg_reload_conf()`;
  // Each connection applies it before its next statement.
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
 * Runs work and counts what the server did for it. Statements of superusers are
 * not counted: those are of the benchmark and of the stack's own upkeep.
 *
 * @param database the database whose statements are counted
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
