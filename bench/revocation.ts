/**
 * How soon a client learns of its session's end, and how long mass revocation
 * takes.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import type { ClientsOptions, Heard } from "./clients_process.ts";
import {
  addSessions,
  removeUsers,
  SESSIONS_PER_USER,
  userId,
} from "./population.ts";
import type { Bench, Result, Section } from "./section.ts";
import { openSessions } from "./sessions.ts";
import { figure, interleave, percentile } from "./statistics.ts";

/** Time from commit to client, and mass revocation. */
export const revocation: Section = {
  name: "revocation",
  title: "Revocation",
  async run(bench) {
    const { quick, sql } = bench;
    const crowds: Record<number, Heard[]> = {};
    for (const connected of quick ? [1, 50] : [1, 100, 1000]) {
      bench.progress(`With ${connected} connected clients`);
      crowds[connected] = await listen(bench, connected, quick ? 20 : 200);
    }

    const sessions = quick ? 500 : 10_000;
    bench.progress(`Ending ${sessions} sessions at once`);
    const sweep = async (perUser: number) => {
      await removeUsers(sql);
      await addSessions(sql, 0, sessions, perUser);
      const start = performance.now();
      const [row] = await sql`
        select latchkey.end_sessions(
          array(select t.session_id from latchkey.refresh_tokens t), 'admin'
        ) as count`;
      if (row!.count !== sessions) {
        throw new Error(`Ended ${row!.count} sessions.`);
      }
      return (performance.now() - start) / 1000;
    };
    const sweeps = await interleave(quick ? 1 : 3, {
      "of one user": () => sweep(sessions),
      [`of ${sessions / SESSIONS_PER_USER} users`]: () =>
        sweep(SESSIONS_PER_USER),
    });
    await removeUsers(sql);
    return report(crowds, sessions, sweeps);
  },
};

/** Ends sessions one after the other while clients are connected. */
async function listen(
  bench: Bench,
  connected: number,
  ended: number,
): Promise<Heard[]> {
  const { sql, stack } = bench;
  await removeUsers(sql);
  const needed = connected + ended - 1;
  await addSessions(sql, 0, needed, 1);
  const options: ClientsOptions = {
    url: stack.apiUrl,
    key: stack.publishableKey,
    dbUrl: stack.superuserUrl,
    connected,
    sessions: await openSessions(
      bench,
      Array.from({ length: needed }, (_, user) => userId(user, 1)),
    ),
  };
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A"],
      fromFileUrl(import.meta.resolve("./clients_process.ts")),
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  await new Blob([JSON.stringify(options)]).stream().pipeTo(process.stdin);
  const { success, stdout } = await process.output();
  if (!success) {
    throw new Error("The clients' process failed. See its output above.");
  }
  return JSON.parse(new TextDecoder().decode(stdout));
}

function report(
  crowds: Record<number, Heard[]>,
  sessions: number,
  sweeps: Record<string, number[]>,
): Result {
  const event = (heard: Heard[], percent: number) =>
    percentile(heard.map(({ event }) => event).sort(ascending), percent);
  const committed = (heard: Heard[], percent: number) =>
    percentile(
      heard.map(({ committed }) => committed).sort(ascending),
      percent,
    );
  return {
    tables: [
      {
        title:
          "Milliseconds from sending the commit until the client has the event",
        columns: [
          ...["Connected clients", "Revocations", "p50", "p99"],
          ...["Commit alone, p50", "p99"],
        ],
        rows: Object.entries(crowds).map(([connected, heard]) => [
          ...[Number(connected), heard.length],
          ...[event(heard, 50), event(heard, 99)],
          ...[committed(heard, 50), committed(heard, 99)],
        ]),
      },
      {
        title: `One call that ends ${sessions.toLocaleString("en")} sessions`,
        columns: ["", "Seconds", "Sessions per second"],
        rows: Object.entries(sweeps).map(([whose, seconds]) => [
          whose,
          figure(seconds),
          figure(seconds.map((one) => sessions / one)),
        ]),
      },
    ],
    charts: [{
      name: "revocation",
      title: "Time from commit to client",
      unit: "milliseconds, less is better",
      bars: Object.entries(crowds).flatMap(([connected, heard]) =>
        [50, 99].map((percent) => ({
          group: `Connected clients: ${Number(connected).toLocaleString("en")}`,
          label: `p${percent}`,
          value: event(heard, percent),
          ours: true,
        }))
      ),
    }],
    notes: [
      "Each client is supabase-js with its own socket, on the channel of its " +
      "session. The relay is the local stack's substitute for Supabase Realtime.",
    ],
    checks: [],
    aims: Object.entries(crowds).slice(-1).map(([connected, heard]) => ({
      what:
        `Milliseconds from commit to client, p99, connected clients: ${connected}`,
      value: event(heard, 99),
      limit: "less than 50",
      holds: event(heard, 99) < 50,
    })),
  };
}

function ascending(a: number, b: number): number {
  return a - b;
}
