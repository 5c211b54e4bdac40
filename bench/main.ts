/**
 * Measures what Latchkey costs, on its own stack with free ports and a temporary
 * data folder, and writes BENCHMARKS.md and its charts.
 *
 * @module
 */
import { dirname, fromFileUrl, join } from "@std/path";
import { connect, type Sql } from "../stack/sql.ts";
import { circumstances } from "./circumstances.ts";
import { bound } from "./bound.ts";
import { drawChart } from "./chart.ts";
import { connectPeer, embeddedPeer } from "./peers.ts";
import { check } from "./check.ts";
import { client } from "./client.ts";
import { costs } from "./costs.ts";
import { floor } from "./floor.ts";
import { growth } from "./growth.ts";
import { refresh } from "./refresh.ts";
import { refusals } from "./refusals.ts";
import { type Report, writeReport } from "./report.ts";
import type { Bench, Section } from "./section.ts";
import { revocation } from "./revocation.ts";
import { start } from "./start.ts";
import { parse, parseAddress, parsePort } from "../cli/flags.ts";
import { readConfig } from "../stack/config.ts";
import { functionsEnvironment, startFunctions } from "../stack/functions.ts";
import { stopSignal } from "../stack/launcher.ts";
import { type Stack, startStack } from "../stack/stack.ts";

export const SECTIONS: Section[] = [
  refresh,
  floor,
  bound,
  costs,
  growth,
  check,
  revocation,
  refusals,
  client,
  start,
];

const usage = `Measures what Latchkey costs and writes BENCHMARKS.md.

Usage: deno task bench [flags]

  --quick               take about a minute and print the report; fail if a
                        figure that does not depend on the machine is off
  --only SECTION        measure only that section, and print the report instead
                        of writing it; may be repeated:
                        ${SECTIONS.map(({ name }) => name).join(", ")}
  --peer-auth-url URL   also measure a running Supabase Auth; may be repeated.
                        The first one uses the database peer_1, the next one
                        peer_2, as supabase_auth_admin with the password that
                        you set in LATCHKEY_AUTH_ADMIN_PASSWORD. Set
                        GOTRUE_DB_MAX_IDLE_POOL_SIZE=20, so that it keeps its
                        connections instead of opening one per request
  --db-port N           port of the database, for that Auth (default: a free port)
  --help                show this text
`;

const root = dirname(dirname(fromFileUrl(import.meta.url)));
const chartFolder = "docs/bench";

interface Flags {
  quick: boolean;
  sections: Section[];
  peerUrls: string[];
  dbPort: number;
}

async function main(args: string[]): Promise<number> {
  const flags = parseFlags(args);
  if (!flags) {
    console.log(usage);
    return 0;
  }
  const report = await measure(flags);
  const markdown = writeReport(report, chartFolder);
  // A partial report must not replace the complete one.
  if (flags.quick || flags.sections.length < SECTIONS.length) {
    console.log(markdown);
  } else await save(report, markdown);

  const failed = report.sections.flatMap(({ result }) => result.checks)
    .filter((check) => !check.holds);
  for (const { what, value, limit } of failed) {
    console.error(`${what}: ${value}. Expected: ${limit}.`);
  }
  return failed.length > 0 ? 1 : 0;
}

async function measure(flags: Flags): Promise<Report> {
  await using cleanup = new AsyncDisposableStack();
  const startedAt = performance.now();
  const signal = stopSignal();
  const bench = await prepare(flags, cleanup, signal);
  signal.throwIfAborted();
  const stopped = new Promise<never>((_, reject) =>
    signal.addEventListener("abort", () => {
      // The interrupted section fails too; that error is not worth a line.
      for (const kind of ["error", "unhandledrejection"]) {
        globalThis.addEventListener(kind, (event) => event.preventDefault());
      }
      reject(signal.reason);
    })
  );
  const sections: Report["sections"] = [];
  for (const section of flags.sections) {
    const result = await Promise.race([
      section.run({
        ...bench,
        progress: (message) => console.error(`${section.name}: ${message} …`),
      }),
      stopped,
    ]);
    sections.push({ title: section.title, result });
  }
  const minutes = (performance.now() - startedAt) / 60_000;
  return { sections, circumstances: await circumstances(bench.sql, minutes) };
}

/** Starts everything that the sections share. */
async function prepare(
  { quick, peerUrls, dbPort }: Flags,
  cleanup: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<Bench> {
  const work = await Deno.makeTempDir({ prefix: "latchkey_bench_" });
  cleanup.defer(() => Deno.remove(work, { recursive: true }));
  // If this runs as root, the database runs as another user, who needs access.
  await Deno.chmod(work, 0o711);

  const progress = (message: string) => console.error(`${message} …`);
  const startedAt = performance.now();
  const stack = await startStack({
    ...{ port: 0, dbPort, data: `${work}/data`, onProgress: progress, onLog },
    // A project in use: Realtime has its partitions, and delivers at once.
    // One section's broadcasts must not use up the rate limit of the next.
    realtime: { awake: true, maxEventsPerSecond: 1_000_000 },
    signal,
  });
  cleanup.defer(() => stack.stop());
  const readyMilliseconds = performance.now() - startedAt;

  const sql = connect(stack.superuserUrl);
  cleanup.defer(() => sql.end());
  // For wal.ts.
  await sql`create extension pg_walinspect with schema extensions`;
  const functionsDbUrl = await openFunctionsRole(sql, stack);
  const { functions } = await readConfig(root);
  const overConnection = await startFunctions({
    projectRoot: root,
    functions,
    env: {
      ...functionsEnvironment({
        apiUrl: stack.apiUrl,
        databaseUrl: stack.dbUrl,
        keys: stack.keys,
      }),
      LATCHKEY_DB_URL: functionsDbUrl,
    },
    onLog,
    signal,
  });
  cleanup.defer(() => overConnection.close());

  const peers = [await embeddedPeer(stack)];
  for (const url of peerUrls) {
    peers.push(await connectPeer(stack, url, peers.length, progress, signal));
  }
  return {
    ...{ quick, stack, readyMilliseconds, sql, functionsDbUrl, peers, work },
    ways: {
      "over the Data API": stack.functions.url,
      "over a connection": overConnection.url,
    },
    progress,
  };
}

/** Gives the functions' role a password, so that it can log in. */
async function openFunctionsRole(
  sql: Sql,
  stack: Stack,
): Promise<string> {
  const url = new URL(stack.dbUrl);
  url.username = "latchkey_functions";
  url.password = crypto.randomUUID();
  await sql.unsafe(
    `alter role latchkey_functions login password '${url.password}'`,
  );
  return url.href;
}

/** Hides the line of each request, but shows bugs. */
function onLog(line: string) {
  if (!/^\[\w+\] \{"request_id"/.test(line) || line.includes('"bug"')) {
    console.error(line);
  }
}

async function save({ sections }: Report, markdown: string) {
  await Deno.writeTextFile(join(root, "BENCHMARKS.md"), markdown);
  await Deno.mkdir(join(root, chartFolder), { recursive: true });
  for (const chart of sections.flatMap(({ result }) => result.charts)) {
    await Deno.writeTextFile(
      join(root, chartFolder, `${chart.name}.svg`),
      drawChart(chart),
    );
  }
  console.error("Wrote BENCHMARKS.md.");
}

/**
 * Reads the command line. Exported for its test.
 *
 * @returns null where help is asked for
 */
export function parseFlags(args: string[]): Flags | null {
  const { values: flags } = parse({
    args,
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string", multiple: true },
      "peer-auth-url": { type: "string", multiple: true, default: [] },
      "db-port": { type: "string", default: "0" },
      help: { type: "boolean", default: false },
    },
  });
  if (flags.help) return null;
  const only = flags.only ?? SECTIONS.map(({ name }) => name);
  const unknown = only.find((name) => !SECTIONS.some((s) => s.name === name));
  if (unknown !== undefined) {
    throw new Error(`--only takes the name of a section. See --help.`);
  }
  const peerUrls = flags["peer-auth-url"].map((url) =>
    parseAddress("--peer-auth-url", url)
  );
  const dbPort = parsePort("--db-port", flags["db-port"]);
  const sections = SECTIONS.filter(({ name }) => only.includes(name));
  return { quick: flags.quick, sections, peerUrls, dbPort };
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
