/**
 * How calls slow down as sessions grow in number, and how large a session is.
 *
 * @module
 */
import pg from "pg";
import type { Sql } from "../stack/sql.ts";
import { callsPerSecond } from "./calls.ts";
import {
  addSessions,
  CLIENT,
  removeUsers,
  secretHash,
  sessionId,
  SESSIONS_PER_USER,
  USER_AGENT,
  userId,
} from "./population.ts";
import type { Bench, Figure, Result, Section } from "./section.ts";
import { figure, interleave } from "./statistics.ts";
import { type Written, written } from "./wal.ts";

const CONNECTIONS = 16;
const MAXIMUM_BYTES = 560;
const MINIMUM_HOT_SHARE = 0.99;

const ROTATION = "Rotation";
const CONTROL = "Control";

/** Growth of the sessions table. */
export const growth: Section = {
  name: "growth",
  title: "Growth",
  async run(bench) {
    const sizes = bench.quick ? [5_000, 20_000] : [10_000, 100_000, 1_000_000];
    const { sql, quick } = bench;
    const seconds = quick ? 0.3 : 1;
    const batch = quick ? 500 : 5_000;
    await using calls = await prepareCalls(bench);
    const found: Found[] = [];
    let count = 0;
    for (const size of sizes) {
      bench.progress(`With ${size.toLocaleString("en")} sessions`);
      await addSessions(sql, count, size);
      // The writes of loading them must not slow down what follows.
      await sql`checkpoint`;
      const rate = (call: Call, seconds: number) =>
        callsPerSecond(CONNECTIONS, seconds, (caller) => call(caller, size));
      const all = Object.entries(calls.byName);
      // The first calls plan statements and read pages into memory.
      for (const [, call] of all) await rate(call, seconds / 3);
      const wal = await written(
        sql,
        () => rate(calls.byName[ROTATION]!, seconds),
      );
      await changeEveryPage(sql);
      const rates = await interleave(
        quick ? 1 : 3,
        Object.fromEntries(
          all.map(([name, call]) => [name, () => rate(call, seconds)]),
        ),
      );
      const bytes = await bytesPerSession(sql);
      const pruned = await prune(sql, size, batch);
      count = size - batch;
      found.push({ size, rates, wal, bytes, pruned });
    }
    await removeUsers(sql);
    return report(found);
  },
};

/** What was measured with one number of sessions. */
interface Found {
  size: number;
  /** Calls per second of each round, by the call's name. */
  rates: Record<string, number[]>;
  /** What the rotations wrote. */
  wal: Written;
  /** Size of a session, with its indexes. */
  bytes: number;
  /** Sessions pruned per second. */
  pruned: number;
}

/** One call by a caller, with so many sessions in the table. */
type Call = (caller: number, size: number) => Promise<unknown>;

async function prepareCalls(
  { sql, stack }: Bench,
): Promise<{ byName: Record<string, Call> } & AsyncDisposable> {
  await removeUsers(sql);
  await sql`
    create table latchkey.bench_control
    (id integer primary key, value integer not null) with (fillfactor = 70)`;
  await sql`
    insert into latchkey.bench_control select generate_series(0, 9999), 0`;
  const pool = new pg.Pool({
    connectionString: stack.superuserUrl,
    max: CONNECTIONS,
  });
  /** Picks a session that only this caller uses. */
  const pick = (caller: number, size: number) =>
    CONNECTIONS * Math.floor(Math.random() * Math.floor(size / CONNECTIONS)) +
    caller;
  const generations: Record<number, number> = {};

  const byName: Record<string, Call> = {
    async [ROTATION](caller, size) {
      const session = pick(caller, size);
      const generation = generations[session] ?? 0;
      const { rows: [{ outcome }] } = await pool.query(
        `select (latchkey.refresh($1, $2, $3, null, $4,
           user_agent => $5, client => $6)).outcome`,
        [
          sessionId(session),
          generation,
          secretHash(session),
          `198.51.100.${caller}`,
          USER_AGENT,
          CLIENT,
        ],
      );
      if (outcome !== "rotated") {
        throw new Error(`A rotation returned ${outcome}.`);
      }
      generations[session] = generation + 1;
    },
    async "session_active()"(caller, size) {
      const session = pick(caller, size);
      const { rows: [{ active }] } = await pool.query(
        // `case` runs set_config() first, because the claims must be set by then.
        `select case when set_config('request.jwt.claims', $1, true) <> ''
           then latchkey.session_active() end as active`,
        [JSON.stringify({
          sub: userId(session),
          session_id: sessionId(session),
        })],
      );
      if (!active) {
        throw new Error("session_active() denied an active session.");
      }
    },
    async "List of a user's sessions"(caller, size) {
      const session = pick(caller, size);
      const { rows: [{ count }] } = await pool.query(
        "select jsonb_array_length(sessions) as count from latchkey.sessions($1, $2)",
        [sessionId(session), userId(session)],
      );
      if (count !== SESSIONS_PER_USER) {
        throw new Error(`The list has ${count} sessions.`);
      }
    },
    [CONTROL]: (caller) =>
      pool.query(
        "update latchkey.bench_control set value = value + 1 where id = $1",
        [pick(caller, 10_000)],
      ),
  };
  return {
    byName,
    async [Symbol.asyncDispose]() {
      await pool.end();
      await sql`drop table latchkey.bench_control`;
    },
  };
}

/**
 * Changes one row of every page. The first change of a page after a checkpoint
 * logs the whole page; `written` counts that. A large table would otherwise log
 * whole pages during all the seconds that are measured, a small one only briefly.
 */
async function changeEveryPage(sql: Sql): Promise<void> {
  await sql`
    update latchkey.refresh_tokens set rotated_at = rotated_at
    where ctid in (
      select min(ctid) from latchkey.refresh_tokens
      group by (ctid::text::point)[0]
    )`;
}

async function bytesPerSession(sql: Sql): Promise<number> {
  const [row] = await sql`
    select pg_total_relation_size('latchkey.refresh_tokens') / count(*)::float8
      as bytes
    from latchkey.refresh_tokens`;
  return row!.bytes;
}

/**
 * Prunes the sessions that were added last, so that the search passes all
 * others.
 *
 * @returns sessions per second
 */
async function prune(
  sql: Sql,
  size: number,
  batch: number,
): Promise<number> {
  await sql`
    update latchkey.refresh_tokens
    set expires_at = now() - interval '1 year'
    where session_id in (
      select md5('session ' || n)::uuid
      from generate_series(${size - batch}::integer, ${size}::integer - 1) n
    )`;
  const start = performance.now();
  const [row] = await sql`select latchkey.prune_sessions(${batch}) as count`;
  if (row!.count !== batch) throw new Error(`Pruned ${row!.count} sessions.`);
  const seconds = (performance.now() - start) / 1000;
  // Makes their space available to the next sessions.
  await sql`vacuum latchkey.refresh_tokens`;
  return batch / seconds;
}

function report(found: Found[]): Result {
  const [first, last] = [found[0]!, found.at(-1)!];
  const names = Object.keys(first.rates);
  const sizes = found.map(({ size }) =>
    `${size.toLocaleString("en")} sessions`
  );
  const perSecond = (name: string): Figure[] =>
    found.map(({ rates }) => figure(rates[name]!));
  const cost = (name: string) =>
    figure(first.rates[name]!).median / figure(last.rates[name]!).median;
  return {
    tables: [
      {
        title: `Calls per second on ${CONNECTIONS} connections, for random ` +
          "sessions",
        columns: ["", ...sizes, "Slowdown from first to last"],
        rows: names.map((name) => [
          name === CONTROL
            ? "Control: one-row updates of a table of constant size"
            : name,
          ...perSecond(name),
          cost(name),
        ]),
      },
      {
        title: "Sizes, and the rate of pruning",
        columns: ["", ...sizes],
        rows: [
          [
            "Bytes per session, with indexes",
            ...found.map(({ bytes }) => bytes),
          ],
          [
            "WAL bytes per rotation",
            ...found.map(({ wal }) => wal.bytes / wal.updates),
          ],
          [
            "of which whole pages, changed for the first time after a checkpoint",
            ...found.map(({ wal }) => wal.pageBytes / wal.updates),
          ],
          ["Sessions pruned per second", ...found.map(({ pruned }) => pruned)],
        ],
      },
    ],
    charts: [{
      name: "growth",
      title: "Rotations as sessions grow in number",
      unit: "rotations per second, by the database alone",
      bars: perSecond(ROTATION).map((value, i) => ({
        label: sizes[i]!,
        value,
        ours: true,
      })),
    }],
    notes: [
      "The control does the same work at every size, so it shows how much the " +
      "machine itself drifted.",
      "With more sessions, the calls are spread over more pages. The first " +
      "change of a page after a checkpoint writes the whole page to the " +
      "write-ahead log. The bytes are from the first second after a checkpoint, " +
      "when nearly every rotation of the largest table is such a first change; " +
      "the rates are from the time after it, when every page has been changed. " +
      "Normal operation is in between: with a refresh every 15 minutes and a " +
      "checkpoint every 5 minutes, a third of the 20 sessions on a page are " +
      "refreshed between two checkpoints and share one first change.",
    ],
    aims: names.filter((name) => name !== CONTROL).map((name) => ({
      what: `Slowdown from ${sizes[0]} to ${sizes.at(-1)}: ${name}`,
      value: cost(name),
      limit: "at most 1.15",
      holds: cost(name) <= 1.15,
    })),
    checks: [
      {
        what: "Bytes per session with indexes, after rotations",
        value: Math.round(last.bytes),
        limit: `at most ${MAXIMUM_BYTES}`,
        holds: last.bytes <= MAXIMUM_BYTES,
      },
      ...found.map(({ wal }, i) => {
        const share = wal.hotUpdates / wal.updates;
        return {
          what: `Heap-only share of the rotations' updates, ${sizes[i]}`,
          value: Number(share.toFixed(4)),
          limit: `at least ${MINIMUM_HOT_SHARE}`,
          holds: share >= MINIMUM_HOT_SHARE,
        };
      }),
    ],
  };
}
