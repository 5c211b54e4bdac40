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

/** Refreshes per second and their times, beside every other Auth. */
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
  bench.progress("Signing in everywhere");
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
        title: "Refreshes on that many connections, times in milliseconds",
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
        title: "How many times as many refreshes per second as each Auth",
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
        "Time of a refresh, p99",
        "milliseconds, less is better",
        "p99",
      ),
    ],
    notes: [
      "Every connection sends its next refresh when the last one is answered, " +
      "with the token that it got; each is a session of another user. The " +
      "functions and the Auths beside the stack are addressed directly, the " +
      "embedded Auth through the stack's gateway, which runs in its process; " +
      "all use the same database server. The load generator has a process of its own " +
      "on the same machine, and takes its share of the processors from all alike.",
      "The Data API of the local stack, and its embedded Auth, are those of " +
      "@supabase/lite in one process of JavaScript: a hosted project has " +
      "PostgREST there. v1 and v2 are the algorithms of Supabase Auth's " +
      "refresh tokens: a row per token, or a counter in the session's row.",
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

/** Beside the real Supabase Auth with its newer tokens, where it takes part. */
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
    const on = `${us.name}, beside ${v2.name}, connections: ${us.connections}`;
    return [{
      what: `Times as many refreshes, ${on}`,
      value: rate,
      limit: "5",
      holds: rate >= 5,
    }, {
      what: `Milliseconds of a refresh, p99, ${on}`,
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

/** Compared within each round, which met the same circumstances. */
function times(ours: Measured, theirs: Measured): Figure {
  return figure(
    ours.loads.map((load, round) =>
      load.perSecond / theirs.loads[round]!.perSecond
    ),
  );
}
