/**
 * Reads from the write-ahead log what some work wrote.
 *
 * @module
 */
import type { Sql } from "../stack/sql.ts";

/** What all connections wrote during some work. */
export interface Written {
  bytes: number;
  /**
   * Bytes of whole pages: the first change of a page after a checkpoint logs all
   * of it.
   */
  pageBytes: number;
  /** Row updates, and those that changed no index (heap-only). */
  updates: number;
  hotUpdates: number;
}

/** Runs work and returns what was written during it. */
export async function written(
  sql: Sql,
  work: () => Promise<unknown>,
): Promise<Written> {
  const before = await position(sql);
  await work();
  const after = await position(sql);
  // pg_get_wal_stats() rejects an empty range.
  if (after === before) {
    return { bytes: 0, pageBytes: 0, updates: 0, hotUpdates: 0 };
  }
  const [wal] = await sql`
    select
      (${after}::pg_lsn - ${before}::pg_lsn)::float8 as bytes,
      coalesce(sum(page_bytes), 0)::float8 as page_bytes,
      coalesce(sum(count) filter (where name like 'Heap%/%UPDATE%'), 0)::integer
        as updates,
      coalesce(sum(count) filter (where name like 'Heap%/HOT_UPDATE%'), 0)::integer
        as hot_updates
    from extensions.pg_get_wal_stats(${before}::pg_lsn, ${after}::pg_lsn, true)
      as w (name, count, _, _, _, page_bytes)`;
  return {
    bytes: wal!.bytes,
    pageBytes: wal!.page_bytes,
    updates: wal!.updates,
    hotUpdates: wal!.hot_updates,
  };
}

async function position(sql: Sql): Promise<string> {
  const [row] = await sql`select pg_current_wal_insert_lsn() as position`;
  return row!.position;
}
