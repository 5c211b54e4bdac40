import { dirname, fromFileUrl, join } from "@std/path";
import pg from "pg";
import { hashSeed } from "../supabase/functions/_latchkey/refresh_token.ts";
import { readConfig } from "../stack/config.ts";
import { functionsEnvironment, startFunctions } from "../stack/functions.ts";
import { callsPerSecond } from "./calls.ts";
import type { Layers } from "./layers_process.ts";
import { load } from "./load.ts";
import { readProfile } from "./profile.ts";
import type { Bench, Figure, Result, Section, Table } from "./section.ts";
import { openSessions, type Session, signUp } from "./sessions.ts";
import { figure, interleave } from "./statistics.ts";

/** What limits a refresh, and how long each of its layers takes. */
export const floor: Section = { name: "floor", title: "Lower bound", run };

const PLAIN = "Plain update of one row by primary key";
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
        title: "Calls per second through node-postgres",
        columns: ["Connections", PLAIN, ROTATION, "share of the plain update"],
        rows: rates.map(({ connections, plain, rotation }) => [
          connections,
          figure(plain),
          figure(rotation),
          percent(figure(rotation.map((rate, i) => rate / plain[i]!))),
        ]),
      },
      layers,
      profiles,
    ],
    charts: [{
      name: "floor",
      title: "A rotation compared with a plain update of one row",
      unit: "per second, by the database alone",
      bars: rates.flatMap(({ connections, plain, rotation }) => {
        const group = connections === 1
          ? "1 connection"
          : `${connections} connections`;
        return [
          { label: PLAIN, value: figure(plain), group },
          { label: ROTATION, value: figure(rotation), group, ours: true },
        ];
      }),
    }],
    notes: [
      "The plain update changes rows of the same table, with the same driver " +
      "and role, and also in its own transaction: no rotation can be faster. " +
      "Each layer is timed alone, by calling the function's own modules; HTTP " +
      "is the rest of a request's time. The profile is of the functions' " +
      "process under load, as shares of the time in which it was not idle.",
      "A refresh is limited by one JavaScript thread, which signs a token, " +
      "calls the database and responds; Supabase Auth is a compiled program " +
      "that uses all processors. Compared with the plain update, a rotation " +
      "also reads the rows of the user, the session and the settings, and " +
      "builds the claims and the user as JSON, which the driver must parse.",
    ],
    checks: [],
    aims: rates.map(({ connections, plain, rotation }) => {
      const share = figure(rotation.map((rate, i) => rate / plain[i]!)).median;
      return {
        what:
          `Rotations by the database alone, % of the plain update's rate, connections: ${connections}`,
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
           session_id => $1, generation => $2, secret_hash => $3, issuer => null, actor_ip => null)) as result`,
        [id, generation, hash],
      );
      callers[caller]!.generation++;
      if (result.outcome !== "rotated") {
        throw new Error("The database did not rotate the token.");
      }
    };
    const rate = (call: (caller: number) => Promise<unknown>) => () =>
      callsPerSecond(connections, seconds, call);
    // The first calls open connections and plan statements.
    await callsPerSecond(connections, seconds / 4, update);
    await callsPerSecond(connections, seconds / 4, rotate);
    const { plain, rotation } = await interleave(bench.quick ? 1 : 5, {
      plain: rate(update),
      rotation: rate(rotate),
    });
    await pool.end();
    measured.push({ connections, plain: plain!, rotation: rotation! });
  }
  return measured;
}

async function layerTable(bench: Bench, userIds: string[]): Promise<Table> {
  const rounds = bench.quick ? 1 : 3;
  const ways = Object.keys(bench.ways) as (keyof Bench["ways"])[];
  bench.progress("Timing each layer of a refresh");
  // Warms up: the first requests meet code that is not compiled yet.
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
      "The layers of one refresh, in milliseconds and as a share of the total",
    columns: ["", ...ways.flatMap((way) => [upperFirst(way), "share"])],
    rows: [
      row("HTTP", (l) => l.http - l.handler),
      row("Reading the request, verifying the token", (l) => l.parse),
      row("Database", (l) => l.database),
      row("Signing both tokens", (l) => l.sign),
      row(
        "Headers, log line and other work",
        (l) => l.handler - l.parse - l.database - l.sign,
      ),
      row("Total", (l) => l.http),
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
    if (!success) throw new Error("The process that times the layers failed.");
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
      functions,
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
    title: "Where the functions' process spends its time",
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
