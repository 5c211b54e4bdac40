/**
 * What work wrote to the write-ahead log, read from the log itself.
 *
 * @module
 */
import type { Sql } from "../stack/sql.ts";

/** What some work wrote, everybody's together. */
export interface Written {
  bytes: number;
  /**
   * Of these bytes, whole pages: the first change of a page after a checkpoint
   * logs all of it.
   */
  pageBytes: number;
  /** Row updates, and those of them that touched no index (heap-only). */
  updates: number;
  hotUpdates: number;
}

/** Runs work and says what was written meanwhile. */
export async function written(
  sql: Sql,
  work: () => Promise<unknown>,
): Promise<Written> {
  const before = await position(sql);
  await work();
  const after = await position(sql);
  // Where nothing was written there is no log to read.
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
