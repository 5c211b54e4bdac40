/**
 * What the tests of the commands share: projects that the Supabase CLI makes,
 * and the command with its output.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { cpSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { fetchCli } from "../stack/migrate.ts";
import { listFiles } from "./files.ts";
import { main } from "./main.ts";

/** What a command printed and how it ended. */
export interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

let running: Promise<unknown> = Promise.resolve();

/** Runs the command in this process, as if in a pipe; one at a time. */
export function latchkey(project: string, ...args: string[]): Promise<Run> {
  const next = running.then(() => runHere(project, args));
  running = next.catch(() => {});
  return next;
}

async function runHere(project: string, args: string[]): Promise<Run> {
  const { log, error } = console;
  const run: Run = { code: 0, stdout: "", stderr: "" };
  console.log = (text: string) => run.stdout += text + "\n";
  console.error = (text: string) => run.stderr += text + "\n";
  try {
    run.code = await main([args[0]!, "--project", project, ...args.slice(1)]);
    return run;
  } finally {
    Object.assign(console, { log, error });
  }
}

/** Runs the command in a process of its own, in a folder. */
export async function latchkeyIn(
  cwd: string,
  args: string[],
  options: Deno.CommandOptions = {},
): Promise<Run> {
  const { env, ...rest } = options;
  return await run(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "-A",
      fileURLToPath(import.meta.resolve("./main.ts")),
      ...args,
    ],
    cwd,
    // Deno's tasks set INIT_CWD to the folder that they were started in.
    env: { ...process.env as Record<string, string>, INIT_CWD: cwd, ...env },
    clearEnv: true,
    ...rest,
  });
}

/** Runs a program. */
export async function run(
  command: string,
  options: Deno.CommandOptions,
): Promise<Run> {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    stdin: "null",
    ...options,
  }).output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

let made: Promise<string> | undefined;

/** Makes a project with the Supabase CLI, once: it takes seconds. */
async function makeProject(): Promise<string> {
  const project = await Deno.makeTempDir({ prefix: "latchkey_cli_" });
  const git = await run("git", { args: ["init", "--quiet"], cwd: project });
  assertEquals(git.code, 0, git.stderr);
  const init = await run(await fetchCli(), {
    args: ["init"],
    cwd: project,
    env: { SUPABASE_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" },
  });
  assertEquals(init.code, 0, init.stderr);
  rmSync(join(project, "supabase/.temp"), { recursive: true, force: true });
  return project;
}

/** An empty project, as `supabase init` makes it, in a folder with a space. */
export async function emptyProject(
  use: (project: string) => Promise<void>,
): Promise<void> {
  const original = await (made ??= makeProject());
  const parent = await Deno.makeTempDir({ prefix: "latchkey_cli_" });
  try {
    const project = join(parent, "my app");
    cpSync(original, project, { recursive: true });
    for (const folder of [parent, project]) await Deno.chmod(folder, 0o755);
    await use(project);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

Deno.test.afterAll(async () => {
  if (made) await Deno.remove(await made, { recursive: true });
});

/** The names of the functions of {@link ownProject} that Latchkey has as well. */
export const SAME_NAMES = ["login", "profile"];

/** A project with migrations, functions, seed, comments and an import map. */
export async function ownProject(
  use: (project: string) => Promise<void>,
): Promise<void> {
  await emptyProject(async (project) => {
    await writeFiles(project, OWN_FILES);
    const config = join(project, "supabase/config.toml");
    const text = await Deno.readTextFile(config);
    await Deno.writeTextFile(
      config,
      text.replace(
        'schemas = ["public", "graphql_public"]',
        `schemas = [
  "public", # our tables
  "graphql_public" # for the app
]`,
      ) + `
# Our own functions.
[functions.profile] # who am I
verify_jwt = true
import_map = "./functions/import_map.json"

[functions.login]
verify_jwt = false
import_map = "./functions/import_map.json"
`,
    );
    await use(project);
  });
}

const OWN_FUNCTION = `import { greeting } from "greetings";
export default { fetch: () => new Response(greeting) };
`;

const OWN_FILES: Record<string, string> = {
  "supabase/migrations/20240101000000_notes.sql": `create table public.notes (
  id bigint generated always as identity primary key,
  user_id uuid not null default auth.uid() references auth.users (id),
  body text not null
);
alter table public.notes enable row level security;
create policy "own notes" on public.notes for all to authenticated
  using (user_id = auth.uid()) with check (user_id = auth.uid());
grant all on public.notes to authenticated;
`,
  "supabase/migrations/20240102000000_more.sql":
    "create index notes_user_id on public.notes (user_id);\n",
  "supabase/seed.sql": "-- No rows.\n",
  "supabase/functions/import_map.json": JSON.stringify({
    imports: { greetings: "./_shared/greetings.ts" },
  }),
  "supabase/functions/_shared/greetings.ts":
    'export const greeting = "hello";\n',
  "supabase/functions/profile/index.ts": OWN_FUNCTION,
  "supabase/functions/login/index.ts": OWN_FUNCTION,
  "supabase/functions/.env": "# Ours.\nSMTP_HOST=mail\n",
};

/** Writes files, by path. */
export async function writeFiles(
  folder: string,
  files: Record<string, string>,
): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
    await Deno.writeTextFile(join(folder, path), text);
  }
}

/** Fails with the paths whose texts differ; the texts may hold secrets. */
export function assertSameFiles(
  actual: Record<string, string>,
  expected: Record<string, string>,
  message = "",
): void {
  const paths = Object.keys({ ...actual, ...expected });
  assertEquals(
    paths.filter((path) => actual[path] !== expected[path]),
    [],
    message,
  );
}

/** All files of a project but git's, by path. */
export async function snapshot(
  project: string,
): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const path of listFiles(project)) {
    if (path.startsWith(".git/")) continue;
    files[path] = await Deno.readTextFile(join(project, path));
  }
  return files;
}

/**
 * Runs a command in a process of its own, killed at an operation on the disk.
 *
 * @returns False if the command has fewer operations, and so was not killed.
 */
async function killedAt(
  at: number,
  project: string,
  ...args: string[]
): Promise<boolean> {
  const { code } = await run(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "-A",
      fileURLToPath(import.meta.resolve("./testing_kill.ts")),
      String(at),
      args[0]!,
      "--project",
      project,
      ...args.slice(1),
    ],
  });
  return code !== 0;
}

/** A project's files without keys and the time. */
export async function comparable(
  project: string,
): Promise<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(await snapshot(project)).map(([path, text]) => [
      path.replace(/\d{14}_latchkey/, "N_latchkey"),
      /\.env$|signing_keys/.test(path)
        ? text.replace(/"(x|y|d|kid)":\s*"[^"]*"|KEYS='.*'/g, "$1")
        : text.replace(/\d{14}_latchkey/g, "N_latchkey"),
    ]),
  );
}

/** How many projects a test kills a command in at once. */
const AT_ONCE = 4;

/**
 * Kills a command at each of its operations on the disk, each time in a project
 * of its own.
 *
 * @param withProject Makes a project.
 * @param args The command's arguments.
 * @param check Runs the command again and checks the project.
 * @returns How many operations the command has.
 */
export async function killAtEach(
  withProject: (use: (project: string) => Promise<void>) => Promise<void>,
  args: string[],
  check: (project: string, message: string) => Promise<void>,
): Promise<number> {
  let next = 1;
  let operations = Infinity;
  const work = async () => {
    while (next <= operations) {
      const at = next++;
      await withProject(async (project) => {
        if (!await killedAt(at, project, ...args)) {
          operations = Math.min(operations, at - 1);
        }
        await check(project, `killed at ${at}`);
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return operations;
}
