/**
 * What work costs the database server, by the server's own counting:
 * pg_stat_statements for statements and buffers, and the write-ahead log itself
 * for what was written.
 *
 * @module
 */
import { setImmediate } from "node:timers/promises";
import type postgres from "postgres";

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
  walBytes: number;
  /** Row updates, and those of them that touched no index (heap-only). */
  updates: number;
  hotUpdates: number;
}

/** Has every statement counted, also those inside functions. */
export async function countInnerStatements(sql: postgres.Sql): Promise<void> {
  await sql`create extension if not exists pg_walinspect with schema extensions`;
  await sql`alter system set pg_stat_statements.track = 'all'`;
  await sql`select pg_reload_conf()`;
  // Each connection hears of it by a signal, before its next statement.
  while (await trackSetting(sql) !== "all") await setImmediate();
}

async function trackSetting(sql: postgres.Sql): Promise<string> {
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
  sql: postgres.Sql,
  database: string,
  work: () => Promise<unknown>,
): Promise<ServerCosts> {
  await sql`
    select extensions.pg_stat_statements_reset(0, oid, 0)
    from pg_database where datname = ${database}`;
  const [before] = await sql`select pg_current_wal_insert_lsn() as lsn`;
  await work();
  const [after] = await sql`select pg_current_wal_insert_lsn() as lsn`;
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
  return {
    ...{ commands, statements: own, inner, buffers },
    ...await readWal(sql, before!.lsn, after!.lsn),
  };
}

async function readWal(sql: postgres.Sql, from: string, to: string) {
  // Where nothing was written there is no log to read.
  if (from === to) return { walBytes: 0, updates: 0, hotUpdates: 0 };
  const [wal] = await sql`
    select
      (${to}::pg_lsn - ${from}::pg_lsn)::int as bytes,
      coalesce(sum(count) filter (where name like 'Heap%/%UPDATE%'), 0)::int
        as updates,
      coalesce(sum(count) filter (where name like 'Heap%/HOT_UPDATE%'), 0)::int
        as hot_updates
    from extensions.pg_get_wal_stats(${from}::pg_lsn, ${to}::pg_lsn, true)
      as w (name, count)`;
  return {
    walBytes: wal!.bytes,
    updates: wal!.updates,
    hotUpdates: wal!.hot_updates,
  };
}
