import type { Bench, Result, Section } from "./section.ts";
import {
  countInnerStatements,
  type ServerCosts,
  serverCosts,
} from "./server_statistics.ts";
import { openSubjects, runRefreshes, type Subject } from "./subjects.ts";
import type { Written } from "./wal.ts";

/** The work of one refresh in the database server. */
export const costs: Section = {
  name: "costs",
  title: "Database work per refresh",
  run,
};

const MAXIMUM_WAL_BYTES = 400;

async function run(bench: Bench): Promise<Result> {
  const requests = bench.quick ? 50 : 500;
  const { sql } = bench;
  const subjects = await openSubjects(bench, 1);
  await using _ = await countInnerStatements(sql);
  const measured: { subject: Subject; costs: ServerCosts }[] = [];
  for (const subject of subjects) {
    bench.progress(
      `Counting the work of ${requests} refreshes: ${subject.name}`,
    );
    // Not counted: opening connections, and the first change of each page after
    // a checkpoint, which logs the whole page.
    await runRefreshes(subject, { connections: 1, requests: 10 });
    const costs = await serverCosts(
      sql,
      subject.database,
      () => runRefreshes(subject, { connections: 1, requests }),
    );
    measured.push({ subject, costs });
  }
  const each = (count: number) => count / requests;
  const ours = measured.filter(({ subject }) => subject.ours);
  return {
    tables: [{
      title: "Per refresh",
      columns: [
        "",
        "Statements",
        "Round trips",
        "Statements inside functions",
        "WAL bytes",
        "Row updates",
        "HOT updates",
        "Buffers",
      ],
      rows: measured.map(({ subject, costs }) => [
        subject.name,
        each(costs.statements),
        each(costs.commands),
        each(costs.inner),
        each(costs.wal.bytes),
        each(costs.wal.updates),
        percentage(costs.wal),
        each(costs.buffers),
      ]),
    }],
    charts: [{
      name: "costs-wal",
      title: "Write-ahead log of one refresh",
      unit: "bytes, less is better",
      bars: measured.map(({ subject, costs }) => ({
        label: subject.name,
        value: each(costs.wal.bytes),
        ours: subject.ours,
      })),
    }],
    notes: [
      `Averages over ${requests} refreshes, one after the other. Statements and ` +
      "buffers (accesses to pages of 8 KiB, mostly in memory) are from " +
      "pg_stat_statements. WAL bytes and row updates are from the write-ahead " +
      "log itself, without the whole pages that the first change after a " +
      "checkpoint logs (see Growth). Round trips are all commands that were " +
      "sent, including `begin`, `commit` and `set`; a driver that prepares each " +
      "statement again sends more. HOT updates change no index.",
    ],
    aims: [],
    checks: ours.flatMap(({ subject, costs }) => [
      ...subject.name.includes("connection")
        ? [{
          what: `Statements per refresh, ${subject.name}`,
          value: each(costs.commands),
          limit: "1",
          holds: costs.commands === requests,
        }]
        : [],
      {
        what: `HOT share of a refresh's updates, ${subject.name}`,
        value: percentage(costs.wal),
        limit: "100 %",
        // Background work such as a checkpoint may have written a little.
        holds: costs.wal.hotUpdates >= requests &&
          costs.wal.hotUpdates / costs.wal.updates > 0.99,
      },
      {
        what: `WAL bytes per refresh, ${subject.name}`,
        value: Math.round(each(costs.wal.bytes)),
        limit: `at most ${MAXIMUM_WAL_BYTES}`,
        holds: each(costs.wal.bytes) <= MAXIMUM_WAL_BYTES,
      },
    ]),
  };
}

function percentage({ updates, hotUpdates }: Written): string {
  return updates === 0
    ? "no updates"
    : `${Math.round(100 * hotUpdates / updates)} %`;
}
