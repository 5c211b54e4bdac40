import { dirname, fromFileUrl, join } from "@std/path";
import pg from "pg";
import { hashSeed } from "../supabase/functions/_latchkey/refresh_token.ts";
import { readConfig } from "../stack/config.ts";
import {
  functionsEnvironment,
  startFunctions,
} from "../stack/functions_process.ts";
import { callsPerSecond } from "./calls.ts";
import type { Layers } from "./layers_process.ts";
import { load } from "./load.ts";
import { readProfile } from "./profile.ts";
import type { Bench, Figure, Result, Section, Table } from "./section.ts";
import { openSessions, type Session, signUp } from "./sessions.ts";
import { figure, interleave } from "./statistics.ts";

/** What bounds a refresh, and what its layers take. */
export const floor: Section = { name: "floor", title: "The floor", run };

const BARE = "Bare update of one row by its primary key";
const ROTATION = "latchkey.refresh() alone";
const STEPS = [1, 16];
const root = dirname(dirname(fromFileUrl(import.meta.url)));

async function run(bench: Bench): Promise<Result> {
  const users = await signUp(bench.peers[0]!, Math.max(...STEPS));
  const userIds = users.map(({ userId }) => userId);
  const rates = await databaseRates(bench, await openSessions(bench, userIds));
  const layers = await layerTable(bench, userIds);
  const profiles = await profileTable(bench, userIds);
  return {
    tables: [
      {
        title:
          "Calls per second through node-postgres, on that many connections",
        columns: ["Connections", BARE, ROTATION, "of the bare update's rate"],
        rows: rates.map(({ connections, bare, rotation }) => [
          connections,
          figure(bare),
          figure(rotation),
          percent(figure(rotation.map((rate, i) => rate / bare[i]!))),
        ]),
      },
      layers,
      profiles,
    ],
    charts: [{
      name: "floor",
      title: "A rotation beside the bare update of one row",
      unit: "per second, by the database alone",
      bars: rates.flatMap(({ connections, bare, rotation }) => {
        const group = connections === 1
          ? "1 connection"
          : `${connections} connections`;
        return [
          { label: BARE, value: figure(bare), group },
          { label: ROTATION, value: figure(rotation), group, ours: true },
        ];
      }),
    }],
    notes: [
      "The bare update changes the same table's rows, by the same driver and " +
      "role, and is a transaction of its own as well: no rotation can be " +
      "faster. Layers are timed one at a time by calling the function's own " +
      "modules; HTTP is what a request takes beyond its handler. The profile " +
      "is of the functions' process under load, in shares of the time that " +
      "it did not wait.",
      "What bounds a refresh is one thread of JavaScript that signs a token, " +
      "speaks to the database and answers, where Supabase Auth is a compiled " +
      "program on all processors. What a rotation takes beyond the bare update " +
      "are the rows of the user, the session and the settings that it reads, " +
      "and the claims and the user as JSON, which the driver has to read too.",
    ],
    checks: [],
    aims: rates.map(({ connections, bare, rotation }) => {
      const share = figure(rotation.map((rate, i) => rate / bare[i]!)).median;
      return {
        what:
          `Rotations by the database alone, % of the bare update's rate, connections: ${connections}`,
        value: 100 * share,
        limit: "at least 80",
        holds: share >= 0.8,
      };
    }),
  };
}

async function databaseRates(bench: Bench, sessions: Session[]) {
  const seconds = bench.quick ? 0.5 : 2;
  const callers = sessions.map((session) => ({
    id: session.sessionId,
    hash: hashSeed(session.seed),
    generation: 0,
  }));
  const measured = [];
  for (const connections of STEPS) {
    bench.progress(`Calling the database, connections: ${connections}`);
    const pool = new pg.Pool({
      connectionString: bench.stack.superuserUrl,
      max: connections,
    });
    const update = (caller: number) =>
      pool.query(
        `update latchkey.refresh_tokens
         set rotated_at = clock_timestamp() where session_id = $1`,
        [callers[caller]!.id],
      );
    const rotate = async (caller: number) => {
      const { id, hash, generation } = callers[caller]!;
      const { rows: [{ result }] } = await pool.query(
        `select to_jsonb(latchkey.refresh(
           session_id => $1, generation => $2, secret_hash => $3)) as result`,
        [id, generation, hash],
      );
      callers[caller]!.generation++;
      if (result.outcome !== "rotated") throw new Error("It did not rotate.");
    };
    const rate = (call: (caller: number) => Promise<unknown>) => () =>
      callsPerSecond(connections, seconds, call);
    // The first calls connect, and plan.
    await callsPerSecond(connections, seconds / 4, update);
    await callsPerSecond(connections, seconds / 4, rotate);
    const { bare, rotation } = await interleave(bench.quick ? 1 : 5, {
      bare: rate(update),
      rotation: rate(rotate),
    });
    await pool.end();
    measured.push({ connections, bare: bare!, rotation: rotation! });
  }
  return measured;
}

async function layerTable(bench: Bench, userIds: string[]): Promise<Table> {
  const rounds = bench.quick ? 1 : 3;
  const ways = Object.keys(bench.ways) as (keyof Bench["ways"])[];
  bench.progress("Timing each layer of a refresh");
  // The first requests would find servers that have not compiled their code.
  for (const way of ways) await timeLayers(way);
  const measured = await interleave(
    rounds,
    Object.fromEntries(ways.map((way) => [way, () => timeLayers(way)])),
  );
  const row = (
    name: string,
    of: (layers: Layers & { http: number }) => number,
  ) => [
    name,
    ...ways.flatMap((way) => {
      const rounds = measured[way]!;
      return [
        figure(rounds.map(of)),
        percent(figure(rounds.map((layers) => of(layers) / layers.http))),
      ];
    }),
  ];
  return {
    title:
      "The layers of one refresh, one after the other: milliseconds, and " +
      "the share of the whole",
    columns: ["", ...ways.flatMap((way) => [upperFirst(way), "share"])],
    rows: [
      row("HTTP", (l) => l.http - l.handler),
      row("Reading the request, verifying the token", (l) => l.parse),
      row("Database", (l) => l.database),
      row("Signing both tokens", (l) => l.sign),
      row(
        "Headers, log line and the like",
        (l) => l.handler - l.parse - l.database - l.sign,
      ),
      row("Whole", (l) => l.http),
    ],
  };

  async function timeLayers(way: keyof Bench["ways"]) {
    const sessions = await openSessions(bench, userIds.slice(0, 4));
    const tokens = sessions.map(({ refreshToken }) => refreshToken);
    const iterations = bench.quick ? 100 : 500;
    const process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", join(root, "bench/layers_process.ts")],
      env: environmentOf(bench, way),
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const writer = process.stdin.getWriter();
    await writer.write(
      new TextEncoder().encode(JSON.stringify({ tokens, iterations })),
    );
    await writer.close();
    const { success, stdout } = await process.output();
    if (!success) throw new Error("The layers could not be timed.");
    const layers: Layers = JSON.parse(new TextDecoder().decode(stdout));
    const { p50 } = await load({
      ...refreshesAt(bench.ways[way], bench, tokens.slice(3)),
      requests: iterations,
    });
    return { ...layers, http: p50 };
  }
}

async function profileTable(bench: Bench, userIds: string[]): Promise<Table> {
  const ways = Object.keys(bench.ways) as (keyof Bench["ways"])[];
  const shares: Record<string, number>[] = [];
  for (const way of ways) {
    bench.progress(`Profiling the functions, ${way}`);
    const folder = join(bench.work, `profile ${way}`);
    const { functions } = await readConfig(root);
    const profiled = await startFunctions({
      projectRoot: root,
      names: functions.map(({ name }) => name),
      env: environmentOf(bench, way),
      onLog: () => {},
      profile: folder,
    });
    const sessions = await openSessions(bench, userIds);
    await load({
      ...refreshesAt(
        profiled.url,
        bench,
        sessions.map(({ refreshToken }) => refreshToken),
      ),
      requests: bench.quick ? 200 : 2000,
    });
    await profiled.close();
    shares.push(await readProfile(folder));
  }
  const parts = [...new Set(shares.flatMap((each) => Object.keys(each)))];
  const rows = parts
    .sort((a, b) => (shares[1]![b] ?? 0) - (shares[1]![a] ?? 0))
    .map((part) => [
      part,
      ...shares.map((each) => `${((each[part] ?? 0) * 100).toFixed(0)} %`),
    ]);
  return {
    title: "Where the functions' process spends its own time",
    columns: ["", ...ways.map(upperFirst)],
    rows,
  };
}

function refreshesAt(base: string, { stack }: Bench, tokens: string[]) {
  return {
    url: `${base}/refresh`,
    headers: {
      apikey: stack.publishableKey,
      "Content-Type": "application/json",
    },
    connections: tokens.length,
    tokens,
    expect: 200,
  };
}

function environmentOf(bench: Bench, way: keyof Bench["ways"]) {
  const { apiUrl, dbUrl, keys } = bench.stack;
  return {
    ...functionsEnvironment({ apiUrl, databaseUrl: dbUrl, keys }),
    ...way === "over a connection" && {
      LATCHKEY_DB_URL: bench.functionsDbUrl,
    },
  };
}

function percent({ median, min, max }: Figure): string {
  const [a, b, c] = [median, min, max].map((share) => Math.round(share * 100));
  return b === c ? `${a} %` : `${a} (${b}–${c}) %`;
}

function upperFirst(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}
