/**
 * Starts the local stack and keeps it running until it is told to stop. Unlike
 * the other commands it runs on Deno, as the functions do; see launch.ts.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { CommandError, UsageError } from "./errors.ts";
import { parse, parseAddress, parsePort } from "./flags.ts";
import { readLock } from "./lock_file.ts";
import { progress } from "./output.ts";
import { findProject } from "./project.ts";
import { FUNCTIONS, SHARED } from "./template.ts";
import { stopSignal } from "../stack/launcher.ts";
import { SYSTEMS } from "../stack/requirements.ts";
import { type Stack, startStack } from "../stack/stack.ts";

const usage = `Starts the local stack: PostgreSQL, Supabase Auth, the Data API,
Realtime and the Edge Functions. Ctrl-C stops it.

Usage: supabase-latchkey start [flags]

  --port N         port of the API (default: config.toml's; 0 takes a free one)
  --db-port N      port of the database (likewise)
  --data DIR       data folder (default: one that belongs to this project)
  --reset          remove the data first: users, sessions, keys
  --project DIR    the project's folder (default: the nearest one)
  --auth-url URL   use a running Supabase Auth in place of the embedded one
  --output json    print one line of JSON once everything is ready
  --help           show this text

It runs on ${SYSTEMS}.
The first start downloads about 200 MB of packages from the npm registry.
`;

/** Reads the command line. Exported for its test. */
export function parseFlags(args: string[]) {
  const { values: flags } = parse({
    args,
    options: {
      port: { type: "string" },
      "db-port": { type: "string" },
      data: { type: "string" },
      project: { type: "string" },
      reset: { type: "boolean", default: false },
      "auth-url": { type: "string" },
      output: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (flags.output !== undefined && flags.output !== "json") {
    throw new UsageError("--output takes the word json.");
  }
  if (flags.data === "") throw new UsageError("--data takes a folder.");
  return {
    port: flags.port === undefined
      ? undefined
      : parsePort("--port", flags.port),
    dbPort: flags["db-port"] === undefined
      ? undefined
      : parsePort("--db-port", flags["db-port"]),
    data: flags.data,
    project: flags.project,
    reset: flags.reset,
    authUrl: flags["auth-url"] === undefined
      ? undefined
      : parseAddress("--auth-url", flags["auth-url"]),
    json: flags.output === "json",
    help: flags.help,
  };
}

async function main() {
  const { json, help, project, ...options } = parseFlags(Deno.args);
  if (help) {
    console.log(usage);
    return;
  }
  const signal = stopSignal();
  const stopped = new Promise((resolve) =>
    signal.addEventListener("abort", resolve)
  );
  // launch.ts has already waited for the download of Deno.
  const startedAt = Number(process.env.SUPABASE_LATCHKEY_STARTED_AT) ||
    Date.now();
  const projectRoot = findProject(project);
  const { message, end } = progress();
  const notes: string[] = [];
  const stack = await startStack({
    ...options,
    projectRoot,
    watch: true,
    signal,
    onProgress: message,
    onNote: (note) => notes.push(note),
  }).finally(end);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  for (const note of notes) console.error(note);
  console.log(
    json ? machineSummary(stack) : humanSummary(stack, seconds, projectRoot),
  );
  await stopped;
  if (!json) console.error("Stopping …");
  await stack.stop();
}

/** One line, with the names that `supabase status -o json` uses. */
function machineSummary(stack: Stack): string {
  return JSON.stringify({
    API_URL: stack.apiUrl,
    PUBLISHABLE_KEY: stack.publishableKey,
    SECRET_KEY: stack.secretKey,
    DB_URL: stack.dbUrl,
  });
}

function humanSummary(
  stack: Stack,
  seconds: string,
  projectRoot: string,
): string {
  const { apiUrl, dbUrl, publishableKey, secretKey } = stack;
  const hasPage = existsSync(join(projectRoot, "examples/web/index.html"));
  return `
The local stack is ready (${seconds} s). Ctrl-C stops it.
${hasPage ? `\n  Example page     ${apiUrl}/` : ""}
  API URL          ${apiUrl}
  Database URL     ${dbUrl}
  Publishable key  ${publishableKey}
  Secret key       ${secretKey}
  Data folder      ${stack.dataFolder}

There is no Studio: use any PostgreSQL client. ${
    tryIt(projectRoot, apiUrl, publishableKey)
  }
`;
}

/** The commands that sign in on two devices and end one from the other. */
function tryIt(projectRoot: string, apiUrl: string, key: string): string {
  if (!existsSync(join(projectRoot, FUNCTIONS, SHARED))) {
    return `Latchkey is not installed in this
project yet: run "npx supabase-latchkey init".`;
  }
  const prefix = readLock(projectRoot)?.prefix ?? "";
  const curl = (path: string, body: string, header = "") =>
    `  curl -s ${apiUrl}/${path} -H 'apikey: ${key}' \\
    -H 'content-type: application/json'${header} \\
    -d '${body}'`;
  const account = '"email":"you@example.com","password":"correct horse"';
  return `To try it, sign up and log in:

${curl("auth/v1/signup", `{${account}}`)}
${curl(`functions/v1/${prefix}login`, `{${account},"device_name":"Phone"}`)}

Log in again with the device name Laptop. Then end the phone's session from the
laptop, with its access_token and the phone's session_id:

${
    curl(
      `functions/v1/${prefix}revoke`,
      '{"session_id":"…"}',
      " -H 'authorization: Bearer …'",
    )
  }`;
}

if (import.meta.main) {
  try {
    await main();
    Deno.exit(0);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(error instanceof CommandError ? error.exitCode : 1);
  }
}
