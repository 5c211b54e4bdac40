import type { Bench, Result, Section } from "./section.ts";
import {
  countInnerStatements,
  type ServerCosts,
  serverCosts,
} from "./server_statistics.ts";
import { openSubjects, runRefreshes, type Subject } from "./subjects.ts";
import type { Written } from "./wal.ts";

/** What one refresh costs the database server. */
export const costs: Section = {
  name: "costs",
  title: "What the database pays for a refresh",
  run,
};

const MOST_WAL_BYTES = 400;

async function run(bench: Bench): Promise<Result> {
  const requests = bench.quick ? 50 : 500;
  const { sql } = bench;
  const subjects = await openSubjects(bench, 1);
  await using _ = await countInnerStatements(sql);
  const measured: { subject: Subject; costs: ServerCosts }[] = [];
  for (const subject of subjects) {
    bench.progress(`Counting what ${requests} refreshes cost: ${subject.name}`);
    // Before it counts: connections, and the first change of each page since a
    // checkpoint, which is logged with the whole page.
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
      title: "For each refresh",
      columns: [
        "",
        "Statements",
        "Round trips",
        "Statements inside functions",
        "WAL bytes",
        "Row updates",
        "of them HOT",
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
      title: "What a refresh writes to the write-ahead log",
      unit: "bytes, less is better",
      bars: measured.map(({ subject, costs }) => ({
        label: subject.name,
        value: each(costs.wal.bytes),
        ours: subject.ours,
      })),
    }],
    notes: [
      `Counted by the server over ${requests} refreshes, one after the other: ` +
      "statements and buffers (pages of 8 KiB looked at, most of them in " +
      "memory) by pg_stat_statements, what was written by the write-ahead log " +
      "itself, without the whole page that the first change after a checkpoint " +
      "logs (see Growth). Round trips are the commands that were sent, with `begin`, " +
      "`commit` and `set`; a driver that prepares a statement anew each time " +
      "makes more. HOT are updates that touch no index.",
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
        // A checkpoint or the like may have written something of its own.
        holds: costs.wal.hotUpdates >= requests &&
          costs.wal.hotUpdates / costs.wal.updates > 0.99,
      },
      {
        what: `WAL bytes per refresh, ${subject.name}`,
        value: Math.round(each(costs.wal.bytes)),
        limit: `at most ${MOST_WAL_BYTES}`,
        holds: each(costs.wal.bytes) <= MOST_WAL_BYTES,
      },
    ]),
  };
}

function percentage({ updates, hotUpdates }: Written): string {
  return updates === 0
    ? "no updates"
    : `${Math.round(100 * hotUpdates / updates)} %`;
}
