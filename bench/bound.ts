import { dirname, fromFileUrl, join } from "@std/path";
import { exportJWK } from "jose";
import pg from "pg";
import { fetchDeno } from "../stack/edge_runtime.ts";
import { functionsEnvironment } from "../stack/functions.ts";
import { hashSeed } from "../supabase/functions/_latchkey/refresh_token.ts";
import { newProofId, ProofKey } from "../tests/proof_key.ts";
import type { BoundInput, BoundTimes } from "./bound_process.ts";
import { callsPerSecond } from "./calls.ts";
import type { Bench, Result, Section } from "./section.ts";
import { openSessions, type Session, signUp } from "./sessions.ts";
import { figure, interleave } from "./statistics.ts";
import { written } from "./wal.ts";

/** What a refresh of a bound session costs beside one without a key. */
export const bound: Section = { name: "bound", title: "Bound sessions", run };

const STEPS = [1, 16];
const MAXIMUM_WAL_BYTES = 400;
const root = dirname(dirname(fromFileUrl(import.meta.url)));

async function run(bench: Bench): Promise<Result> {
  const users = await signUp(bench.peers[0]!, Math.max(...STEPS));
  const userIds = users.map(({ userId }) => userId);
  const functionsUrl = `${bench.stack.apiUrl}/functions/v1`;
  const key = await ProofKey.create(functionsUrl);
  const kinds = {
    unbound: await openSessions(bench, userIds),
    bound: await openSessions(bench, userIds, key),
  };
  const rates = await databaseRates(bench, kinds, key);
  const many = Array<string>(100).fill(userIds[0]!);
  const wal = {
    unbound: await walOf(bench, await openSessions(bench, many)),
    bound: await walOf(bench, await openSessions(bench, many, key), key),
  };
  const ways = Object.keys(bench.ways) as (keyof Bench["ways"])[];
  const [user] = userIds as [string];
  const times = await interleave(
    bench.quick ? 1 : 3,
    Object.fromEntries(ways.map((way) => [way, () => timeHandler(way)])),
  );
  const microseconds = (of: (times: BoundTimes) => number) =>
    ways.map((way) => figure(times[way]!.map((each) => 1000 * of(each))));
  return {
    tables: [
      {
        title: "The function's work for one refresh, in microseconds",
        columns: [
          "",
          ...ways.map((way) => way[0]!.toUpperCase() + way.slice(1)),
        ],
        rows: [
          ["Session without a key", ...microseconds(({ unbound }) => unbound)],
          ["Bound session", ...microseconds(({ bound }) => bound)],
          [
            "Difference",
            ...microseconds(({ unbound, bound }) => bound - unbound),
          ],
          [
            "Verifying the proof, alone",
            ...microseconds(({ proof }) => proof),
          ],
        ],
      },
      {
        title: "latchkey.refresh() alone",
        columns: [
          "Connections",
          "Without a key, per second",
          "Bound, per second",
          "share",
          "Microseconds more per call",
        ],
        rows: rates.map(({ connections, unbound, bound }) => [
          connections,
          figure(unbound),
          figure(bound),
          figure(bound.map((rate, i) => rate / unbound[i]!)),
          figure(
            bound.map((rate, i) =>
              connections * 1e6 * (1 / rate - 1 / unbound[i]!)
            ),
          ),
        ]),
      },
      {
        title: "WAL bytes per rotation",
        columns: ["Without a key", "Bound"],
        rows: [[wal.unbound.bytes, wal.bound.bytes]],
      },
    ],
    charts: [],
    notes: [
      "The function's own handler runs in one process on the edge runtime's " +
      "Deno. It answers a refresh without a key, one of a bound session, and " +
      "verifies a further proof, in turn. The client's signature is not " +
      "counted. A bound row keeps the proofs of the rotations of the last five " +
      "minutes: one, if it is rotated once per access token, as for the WAL " +
      "bytes; sixteen in the measurements of time.",
    ],
    checks: [
      {
        what: "WAL bytes per rotation of a bound session",
        value: Math.round(wal.bound.bytes),
        limit: `at most ${MAXIMUM_WAL_BYTES}`,
        holds: wal.bound.bytes <= MAXIMUM_WAL_BYTES,
      },
      {
        what: "Heap-only share of the updates of bound sessions",
        value: wal.bound.hotShare,
        limit: "at least 0.99",
        holds: wal.bound.hotShare >= 0.99,
      },
    ],
    aims: [],
  };

  async function timeHandler(way: keyof Bench["ways"]): Promise<BoundTimes> {
    bench.progress(`Refreshing with and without a proof, ${way}`);
    const [[unbound], [bound]] = [
      await openSessions(bench, [user]),
      await openSessions(bench, [user], key),
    ];
    const { apiUrl, dbUrl, keys } = bench.stack;
    const process = new Deno.Command(await fetchDeno(), {
      args: ["run", "-A", "--no-lock", join(root, "bench/bound_process.ts")],
      env: {
        ...functionsEnvironment({ apiUrl, databaseUrl: dbUrl, keys }),
        ...way === "over a connection" && {
          LATCHKEY_DB_URL: bench.functionsDbUrl,
        },
      },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const input: BoundInput = {
      unbound: unbound!.refreshToken,
      bound: bound!.refreshToken,
      key: {
        privateJwk: await exportJWK(key.privateKey),
        publicJwk: key.publicJwk,
      },
      functionsUrl,
      iterations: bench.quick ? 50 : 500,
    };
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(JSON.stringify(input)));
    await writer.close();
    const { success, stdout } = await process.output();
    if (!success) throw new Error("The process that refreshes failed.");
    return JSON.parse(new TextDecoder().decode(stdout));
  }
}

type Kinds = Record<"unbound" | "bound", Session[]>;

/** A function that rotates the token of each session once more. */
function rotations(
  sessions: Session[],
  pool: pg.Pool,
  key: ProofKey | undefined,
) {
  const callers = sessions.map(({ sessionId, seed }) => ({
    id: sessionId,
    hash: hashSeed(seed),
  }));
  return async (caller: number) => {
    const { id, hash } = callers[caller]!;
    const session = sessions[caller]!;
    const { rows: [{ result }] } = await pool.query(
      `select to_jsonb(latchkey.refresh(
         session_id => $1, generation => $2, secret_hash => $3, issuer => null,
         actor_ip => null, proof_jkt => $4, proof_id => $5)) as result`,
      [
        id,
        session.generation,
        hash,
        key?.jkt ?? null,
        key ? newProofId() : null,
      ],
    );
    session.generation++;
    if (result.outcome !== "rotated") {
      throw new Error(`The database answered ${result.outcome}.`);
    }
  };
}

async function databaseRates(bench: Bench, kinds: Kinds, key: ProofKey) {
  const seconds = bench.quick ? 0.4 : 2;
  const measured = [];
  for (const connections of STEPS) {
    bench.progress(`Rotating in the database, connections: ${connections}`);
    const pool = new pg.Pool({
      connectionString: bench.stack.superuserUrl,
      max: connections,
    });
    const unbound = rotations(kinds.unbound, pool, undefined);
    const bound = rotations(kinds.bound, pool, key);
    // The first calls open connections and plan statements.
    await callsPerSecond(connections, seconds / 4, unbound);
    await callsPerSecond(connections, seconds / 4, bound);
    const rates = await interleave(bench.quick ? 1 : 5, {
      unbound: () => callsPerSecond(connections, seconds, unbound),
      bound: () => callsPerSecond(connections, seconds, bound),
    });
    await pool.end();
    measured.push({
      connections,
      unbound: rates.unbound!,
      bound: rates.bound!,
    });
  }
  return measured;
}

/** What rotations write, each the first one of its session for a while. */
async function walOf(bench: Bench, sessions: Session[], key?: ProofKey) {
  const pool = new pg.Pool({
    connectionString: bench.stack.superuserUrl,
    max: 1,
  });
  const rotate = rotations(sessions, pool, key);
  // The first change of a page after a checkpoint logs the whole page.
  for (const caller of sessions.keys()) await rotate(caller);
  // As if the rotations above were an access token's life ago.
  await bench.sql`
    update latchkey.refresh_tokens
    set rotated_at = rotated_at - interval '15 minutes'
    where session_id = any (${
    sessions.map(({ sessionId }) => sessionId)
  }::uuid[])`;
  const { bytes, updates, hotUpdates } = await written(bench.sql, async () => {
    for (const caller of sessions.keys()) await rotate(caller);
  });
  await pool.end();
  return { bytes: bytes / sessions.length, hotShare: hotUpdates / updates };
}
