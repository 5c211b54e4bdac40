/**
 * `supabase-latchkey remove`: takes Latchkey out of a Supabase project.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { hideSchema, removeFunctions } from "./config_toml.ts";
import { ENV_FILE, readEnvFile, setInEnvFile } from "./env_file.ts";
import { CommandError } from "./errors.ts";
import { type Change, listFiles, listFolder, readIfExists } from "./files.ts";
import { parse } from "./flags.ts";
import { refuseOtherCommand } from "./init.ts";
import { change, configText, SCHEMA } from "./install.ts";
import { signingKeysFile } from "./keys.ts";
import { functionsOf, isAsShipped, type Lock, readLock } from "./lock_file.ts";
import { newNumbers } from "./migrations.ts";
import { actionOf, Output, reader } from "./output.ts";
import { allChanges, carryOut, type Plan } from "./plan.ts";
import { findProject } from "./project.ts";
import { tryRemoval } from "./removal.ts";
import { FUNCTIONS, MIGRATIONS } from "./template.ts";

const USAGE = `Takes Latchkey out of this project.

Usage: supabase-latchkey remove [flags]

It writes a migration that removes Latchkey from the database, and removes
Latchkey's functions and settings. Users, their passwords and your data stay;
users sign in once more.

  --db-url URL        try the migration on this database first, roll it back, and
                      list your policies that it rewrites (default: the variable
                      DB_URL)
  --discard-changes   also remove files of Latchkey's that you changed
  --yes               do not ask
  --dry-run           list the changes and write nothing
  --project DIR       the project's folder (default: the nearest one)
  --json              print one line of JSON
  --help              show this text`;

/** The result that `remove` prints for a program. */
interface Result {
  project: string;
  dry_run: boolean;
  changes: { action: string; path: string }[];
  /** The owner's policies that the migration rewrites; absent without a database. */
  rewritten?: string[];
  /** The owner's SQL files that name Latchkey. */
  mentions: string[];
}

/** @throws {CommandError} Latchkey cannot be removed yet. Nothing was changed. */
export async function remove(args: string[]): Promise<void> {
  const { values: flags } = parse({
    args,
    options: {
      "db-url": { type: "string" },
      "discard-changes": { type: "boolean", default: false },
      yes: { type: "boolean", short: "y", default: false },
      "dry-run": { type: "boolean", default: false },
      project: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (flags.help) return console.log(USAGE);
  const output = new Output(reader(flags.json));
  const project = findProject(flags.project);
  const isDry = flags["dry-run"];
  const lock = readLock(project);
  if (!lock) return report(output, { ...flags, project, changes: [] });
  refuseOtherCommand(lock, "remove");

  output.title("Remove Latchkey");
  output.step(`Project: ${project}, with Latchkey ${lock.version}`);
  refuseImports(project, lock);
  if (!flags["discard-changes"]) refuseChangedFiles(project, lock);
  const sql = removalSql();
  const databaseUrl = flags["db-url"] ?? process.env.DB_URL;
  const rewritten = databaseUrl
    ? await tryRemoval(databaseUrl, sql)
    : undefined;
  const mentions = ownMentions(project, lock);
  if (rewritten) {
    output.step(
      "Tried the migration on the database of " +
        `${
          flags["db-url"] === undefined ? "DB_URL" : "--db-url"
        } and rolled it ` +
        `back. ${
          rewritten.length === 0 ? "It rewrites none of your policies." : ""
        }`.trimEnd(),
    );
  }
  for (const policy of rewritten ?? []) {
    output.step(`The migration rewrites your policy ${policy}.`);
  }
  if (!rewritten && mentions.length > 0) {
    output.warn(
      "These files of yours name Latchkey. The migration rewrites policies that " +
        "call latchkey.session_active(), and stops at anything else that uses " +
        "Latchkey. Pass --db-url to try it first:\n" +
        mentions.map((mention) => `  ${mention}`).join("\n"),
    );
  }
  const plan = planRemoval(project, lock, sql);
  const changes = allChanges(project, plan);
  output.changes(changes);
  if (!isDry) {
    const sure = flags.yes || await output.confirm(
      "Remove Latchkey from this project?",
      'Pass --yes to remove Latchkey. "--dry-run" lists what that changes. ' +
        "Nothing was changed.",
    );
    if (!sure) throw new CommandError("Cancelled. Nothing was changed.");
    carryOut(project, plan, "remove", lock);
  }
  report(output, { ...flags, project, changes, lock, rewritten, mentions });
}

function report(output: Output, options: {
  project: string;
  "dry-run": boolean;
  json: boolean;
  changes: Change[];
  lock?: Lock;
  rewritten?: string[];
  mentions?: string[];
}): void {
  const { project, json, changes, lock, rewritten, mentions = [] } = options;
  if (json) {
    const result: Result = {
      project,
      dry_run: options["dry-run"],
      changes: changes.map((change) => ({
        action: actionOf(change),
        path: change.path,
      })),
      rewritten,
      mentions,
    };
    return console.log(JSON.stringify(result));
  }
  if (!lock) {
    return output.end("Latchkey is not installed in this project.");
  }
  if (options["dry-run"]) {
    return output.end("This was a dry run. Nothing was changed.");
  }
  // PostgREST refuses every request while an exposed schema does not exist, so
  // the migration is last. docs/leaving.md has the same steps.
  output.next("Next, in this order", [
    "Set latchkey.settings.strict to false, if you set it to true",
    "Deploy a version of your app that uses supabase.auth again",
    "npx supabase functions delete <name>, for each of " +
    functionsOf(lock).join(", "),
    "npx supabase secrets unset LATCHKEY_SIGNING_KEY LATCHKEY_REFRESH_TOKEN_KEYS",
    `In the dashboard: remove "${SCHEMA}" from the exposed schemas of the Data API`,
    "npx supabase db push --remote",
  ]);
  output.end(
    `Done. ${signingKeysFile(project)} stays, because Supabase Auth may sign ` +
      "with its key, and supabase/.gitignore stays, so that git ignores that " +
      "key.",
  );
}

/** The migration that removes everything; docs/leaving.md explains it. */
export function removalSql(): string {
  return readFileSync(
    fileURLToPath(new URL("./remove.sql", import.meta.url)),
    "utf8",
  );
}

function planRemoval(project: string, lock: Lock, sql: string): Plan {
  const config = configText(project);
  const names = functionsOf(lock);
  // An interrupted run may have written the migration.
  const removal = lock.pending?.removal ??
    `${
      newNumbers(listFolder(join(project, MIGRATIONS))).next().value
    }_remove_latchkey.sql`;
  const path = `${MIGRATIONS}/${removal}`;
  return {
    lock: null,
    removal,
    changes: [
      ...change(path, readIfExists(join(project, path)), sql),
      ...change(
        "supabase/config.toml",
        config,
        hideSchema(removeFunctions(config, names), SCHEMA),
      ),
      ...Object.keys({ ...lock.files, ...lock.pending?.files }).flatMap(
        (path) => change(path, readIfExists(join(project, path)), null),
      ),
      ...withoutSecrets(project),
    ],
  };
}

/**
 * Keeps the owner's variables, and the key that Supabase Auth may sign with.
 */
function withoutSecrets(project: string): Change[] {
  const path = join(project, ENV_FILE);
  const before = readIfExists(path);
  if (before === null) return [];
  const { LATCHKEY_SIGNING_KEY } = readEnvFile(path);
  const keys = readIfExists(join(project, signingKeysFile(project))) ?? "";
  const isKept = !LATCHKEY_SIGNING_KEY ||
    keys.includes(JSON.parse(LATCHKEY_SIGNING_KEY).kid);
  const after = setInEnvFile(before, {
    LATCHKEY_REFRESH_TOKEN_KEYS: undefined,
    ...isKept ? { LATCHKEY_SIGNING_KEY: undefined } : {},
  });
  return change(ENV_FILE, before, after || null)
    .map((change) => ({ ...change, secret: true }));
}

/** @throws {CommandError} The owner's functions import Latchkey's code. */
function refuseImports(project: string, lock: Lock) {
  const folder = join(project, FUNCTIONS);
  const users = listFiles(folder)
    .filter((path) => /\.[cm]?[jt]sx?$/.test(path))
    .map((path) => `${FUNCTIONS}/${path}`)
    .filter((path) =>
      lock.files[path] === undefined &&
      lock.pending?.files[path] === undefined &&
      /["'][^"'\n]*\/_latchkey\//.test(readIfExists(join(project, path)) ?? "")
    );
  if (users.length === 0) return;
  throw new CommandError(
    "These files of yours import Latchkey's code. Change them, and run the " +
      `command again. Nothing was changed.\n${
        users.map((path) => `  ${path}`).join("\n")
      }`,
  );
}

/** @throws {CommandError} Changes of the owner would be lost. */
function refuseChangedFiles(project: string, lock: Lock) {
  const changed = Object.keys(lock.files).filter((path) => {
    const own = readIfExists(join(project, path));
    return own !== null && !isAsShipped(lock, path, own);
  });
  if (changed.length === 0) return;
  throw new CommandError(
    "You changed these files of Latchkey's. Save what you need, and run the " +
      `command again with --discard-changes. Nothing was changed.\n${
        changed.map((path) => `  ${path}`).join("\n")
      }`,
  );
}

/** The lines of the owner's SQL files that name Latchkey's schema. */
function ownMentions(project: string, lock: Lock): string[] {
  const ours = new Set(Object.values(lock.migrations));
  return listFiles(join(project, "supabase"))
    .filter((path) =>
      path.endsWith(".sql") && !ours.has(path.replace(/^migrations\//, ""))
    )
    .filter((path) => !/^migrations\/\d+_remove_latchkey\.sql$/.test(path))
    .flatMap((path) => {
      const text = readIfExists(join(project, "supabase", path)) ?? "";
      return text.split("\n").flatMap((line, i) =>
        /\blatchkey"?\s*\./i.test(line)
          ? [`supabase/${path}:${i + 1}: ${line.trim()}`]
          : []
      );
    });
}
