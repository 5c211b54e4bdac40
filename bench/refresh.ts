import { calibrate, type Load } from "./load.ts";
import { formatNumber } from "./number.ts";
import type {
  Bench,
  Chart,
  Check,
  Figure,
  Result,
  Section,
} from "./section.ts";
import { figure, interleave } from "./statistics.ts";
import { openSubjects, refreshLoad, runRefreshes } from "./subjects.ts";

/** Rate and latency of refreshes, compared with Supabase Auth. */
export const refresh: Section = {
  name: "refresh",
  title: "Refresh",
  run,
};

interface Measured {
  connections: number;
  name: string;
  ours: boolean;
  loads: Load[];
}

async function run(bench: Bench): Promise<Result> {
  const steps = bench.quick ? [1, 16] : [1, 16, 64];
  const rounds = bench.quick ? 1 : 3;
  const seconds = bench.quick ? 0.5 : 1.5;
  bench.progress("Signing in");
  const subjects = await openSubjects(bench, Math.max(...steps));

  const measured: Measured[] = [];
  for (const connections of steps) {
    bench.progress(`Refreshing, connections: ${connections}`);
    const measures: Record<string, () => Promise<Load>> = {};
    for (const subject of subjects) {
      const { requests, tokens } = await calibrate(
        refreshLoad(subject, connections),
        seconds,
      );
      subject.tokens.splice(0, connections, ...tokens!);
      measures[subject.name] = () =>
        runRefreshes(subject, { connections, requests });
    }
    const loads = await interleave(rounds, measures);
    for (const { name, ours } of subjects) {
      measured.push({ connections, name, ours, loads: loads[name]! });
    }
  }

  return {
    tables: [
      {
        title: "Refreshes, times in milliseconds",
        columns: ["Connections", "", "Per second", "p50", "p95", "p99"],
        rows: measured.map(({ connections, name, loads }) => [
          connections,
          name,
          ...["perSecond", "p50", "p95", "p99"].map((what) =>
            figureOf(loads, what as keyof Figures)
          ),
        ]),
      },
      {
        title: "Refreshes per second, as a multiple of each Auth",
        columns: ["Connections", "", ...bench.peers.map((peer) => peer.name)],
        rows: measured.filter(({ ours }) => ours).map((us) => [
          us.connections,
          us.name,
          ...bench.peers.map(({ name }) =>
            times(
              us,
              measured.find((other) =>
                other.name === name && other.connections === us.connections
              )!,
            )
          ),
        ]),
      },
    ],
    charts: [
      chart("refresh", "Refreshes per second", "per second", "perSecond"),
      chart(
        "refresh-p99",
        "Latency of a refresh, p99",
        "milliseconds, less is better",
        "p99",
      ),
    ],
    notes: [
      "Each connection is the session of another user. It sends its next refresh " +
      "when it has the response to the last one, with the token it received. " +
      "The functions and the external Auth servers are called directly; the " +
      "embedded Auth is called through the stack's gateway, which runs in the " +
      "same process. All use the same database server. The load generator is a " +
      "separate process on the same machine and takes processor time from all " +
      "of them.",
      "The local stack's Data API and embedded Auth are from @supabase/lite and " +
      "share one JavaScript process; a hosted project runs PostgREST instead. " +
      "v1 and v2 are the algorithms of Supabase Auth's refresh tokens: one row " +
      "per token, or a counter in the session's row.",
    ],
    checks: [],
    aims: aims(measured),
  };

  function chart(
    name: string,
    title: string,
    unit: string,
    what: keyof Figures,
  ): Chart {
    return {
      ...{ name, title, unit },
      bars: measured.map(({ connections, name, ours, loads }) => ({
        label: name,
        value: figureOf(loads, what),
        group: connections === 1
          ? "1 connection"
          : `${connections} connections`,
        ours,
      })),
    };
  }
}

/** Compares with the real Supabase Auth v2, if it was measured. */
function aims(measured: Measured[]): Check[] {
  return measured.flatMap((us) => {
    const v2 = measured.find(({ name, connections }) =>
      name.endsWith("Auth (v2)") && connections === us.connections
    );
    if (!us.ours || !us.name.endsWith("over a connection") || !v2) return [];
    const rate = times(us, v2).median;
    const [p99, theirs] = [us, v2].map(({ loads }) =>
      figureOf(loads, "p99").median
    );
    const on =
      `${us.name}, compared with ${v2.name}, connections: ${us.connections}`;
    return [{
      what: `Refreshes per second as a multiple, ${on}`,
      value: rate,
      limit: "at least 5",
      holds: rate >= 5,
    }, {
      what: `Latency p99 in milliseconds, ${on}`,
      value: p99!,
      limit: `less than ${formatNumber(theirs!)}`,
      holds: p99! < theirs!,
    }];
  });
}

type Figures = Pick<Load, "perSecond" | "p50" | "p95" | "p99">;

function figureOf(loads: Load[], what: keyof Figures): Figure {
  return figure(loads.map((load) => load[what]));
}

/** Compares within each round, because both ran under the same conditions. */
function times(ours: Measured, theirs: Measured): Figure {
  return figure(
    ours.loads.map((load, round) =>
      load.perSecond / theirs.loads[round]!.perSecond
    ),
  );
}
