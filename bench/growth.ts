/**
 * What a call costs when there are more sessions, and what a session costs.
 *
 * @module
 */
import pg from "pg";
import type { Sql } from "../stack/sql.ts";
import { callsPerSecond } from "./calls.ts";
import {
  addSessions,
  removeEverybody,
  secretHash,
  sessionId,
  SESSIONS_PER_USER,
  userId,
} from "./population.ts";
import type { Bench, Figure, Result, Section } from "./section.ts";
import { figure, interleave } from "./statistics.ts";
import { type Written, written } from "./wal.ts";

const CONNECTIONS = 16;
const LARGEST_BYTES = 500;
const SMALLEST_HOT_SHARE = 0.99;

const ROTATION = "Rotation";
const CONTROL = "Control";

/** Growth of the table of sessions. */
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
      bench.progress(`Among ${size.toLocaleString("en")} sessions`);
      await addSessions(sql, count, size);
      // What loading them has left to be written must not be in the way.
      await sql`checkpoint`;
      const rate = (call: Call, seconds: number) =>
        callsPerSecond(CONNECTIONS, seconds, (caller) => call(caller, size));
      const all = Object.entries(calls.byName);
      // The first calls of a connection plan, and the first of all read.
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
    await removeEverybody(sql);
    return report(found);
  },
};

/** What was found among so many sessions. */
interface Found {
  size: number;
  /** Calls per second of each round, by the call's name. */
  rates: Record<string, number[]>;
  /** What rotations wrote. */
  wal: Written;
  /** Of a session, with its indexes. */
  bytes: number;
  /** Sessions per second. */
  pruned: number;
}

/** One call, for a caller, among so many sessions. */
type Call = (caller: number, size: number) => Promise<unknown>;

async function prepareCalls(
  { sql, stack }: Bench,
): Promise<{ byName: Record<string, Call> } & AsyncDisposable> {
  await removeEverybody(sql);
  await sql`
    create table latchkey.bench_control
    (id integer primary key, value integer not null) with (fillfactor = 70)`;
  await sql`
    insert into latchkey.bench_control select generate_series(0, 9999), 0`;
  const pool = new pg.Pool({
    connectionString: stack.superuserUrl,
    max: CONNECTIONS,
  });
  /** Any of those sessions that only this caller uses. */
  const pick = (caller: number, size: number) =>
    CONNECTIONS * Math.floor(Math.random() * Math.floor(size / CONNECTIONS)) +
    caller;
  const generations: Record<number, number> = {};

  const byName: Record<string, Call> = {
    async [ROTATION](caller, size) {
      const session = pick(caller, size);
      const generation = generations[session] ?? 0;
      const { rows: [{ outcome }] } = await pool.query(
        "select (latchkey.refresh($1, $2, $3)).outcome",
        [sessionId(session), generation, secretHash(session)],
      );
      if (outcome !== "rotated") throw new Error(`A rotation was ${outcome}.`);
      generations[session] = generation + 1;
    },
    async "session_active()"(caller, size) {
      const session = pick(caller, size);
      const { rows: [{ active }] } = await pool.query(
        // In this order: the claims of the request come first.
        `select case when set_config('request.jwt.claims', $1, true) <> ''
           then latchkey.session_active() end as active`,
        [JSON.stringify({
          sub: userId(session),
          session_id: sessionId(session),
        })],
      );
      if (!active) throw new Error("A session that stands is not active.");
    },
    async "List of a user's sessions"(caller, size) {
      const session = pick(caller, size);
      const { rows: [{ count }] } = await pool.query(
        "select jsonb_array_length(sessions) as count from latchkey.sessions($1, $2)",
        [sessionId(session), userId(session)],
      );
      if (count !== SESSIONS_PER_USER) throw new Error(`${count} are listed.`);
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
 * The first change of a page after a checkpoint logs the whole page. It is
 * counted by itself: a small table is through with that in a moment, and a
 * large one would pay for it in all the seconds that are measured.
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
 * Prunes the sessions that were added last: to find them it has to look past
 * all others.
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
  if (row!.count !== batch) throw new Error(`${row!.count} were pruned.`);
  const seconds = (performance.now() - start) / 1000;
  // The next sessions take their place.
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
        title: `Calls per second on ${CONNECTIONS} connections, of sessions ` +
          "picked at random",
        columns: ["", ...sizes, "Cost at the last over the first"],
        rows: names.map((name) => [
          name === CONTROL
            ? "Control: one-row updates of a table that does not grow"
            : name,
          ...perSecond(name),
          cost(name),
        ]),
      },
      {
        title: "What they take",
        columns: ["", ...sizes],
        rows: [
          [
            "Bytes of a session, with its indexes",
            ...found.map(({ bytes }) => bytes),
          ],
          [
            "Bytes that a rotation writes to the log",
            ...found.map(({ wal }) => wal.bytes / wal.updates),
          ],
          [
            "of which whole pages, changed first since a checkpoint",
            ...found.map(({ wal }) => wal.pageBytes / wal.updates),
          ],
          ["Pruned per second", ...found.map(({ pruned }) => pruned)],
        ],
      },
    ],
    charts: [{
      name: "growth",
      title: "Rotations among more and more sessions",
      unit: "rotations per second, by the database alone",
      bars: perSecond(ROTATION).map((value, i) => ({
        label: sizes[i]!,
        value,
        ours: true,
      })),
    }],
    notes: [
      "How the machine itself drifted between the sizes is what the control " +
      "says: it does the same at all of them.",
      "What grows with the number of sessions is the number of pages that " +
      "the calls are spread over. The first change of a page after a " +
      "checkpoint puts the whole page into the write-ahead log. The bytes are " +
      "those of the first second after a checkpoint, when nearly every " +
      "rotation among the most sessions is such a first one; the rates are " +
      "those after it, when every page has been changed. Operation lies " +
      "between them: with a refresh every quarter of an hour and a checkpoint " +
      "every five minutes, a third of the 20 sessions of a page share a first " +
      "change.",
    ],
    aims: names.filter((name) => name !== CONTROL).map((name) => ({
      what: `Cost among ${sizes.at(-1)}, times that among ${sizes[0]}: ${name}`,
      value: cost(name),
      limit: "at most 1.15",
      holds: cost(name) <= 1.15,
    })),
    checks: [
      {
        what: "Bytes of a session with its indexes, after rotations",
        value: Math.round(last.bytes),
        limit: `at most ${LARGEST_BYTES}`,
        holds: last.bytes <= LARGEST_BYTES,
      },
      ...found.map(({ wal }, i) => {
        const share = wal.hotUpdates / wal.updates;
        return {
          what: `Share of heap-only updates among rotations, ${sizes[i]}`,
          value: Number(share.toFixed(4)),
          limit: `at least ${SMALLEST_HOT_SHARE}`,
          holds: share >= SMALLEST_HOT_SHARE,
        };
      }),
    ],
  };
}
