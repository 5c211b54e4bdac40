/**
 * `supabase-latchkey init`: installs Latchkey in a Supabase project.
 *
 * @module
 */
import { readConfig } from "./config_toml.ts";
import { CommandError, UsageError } from "./errors.ts";
import { parse } from "./flags.ts";
import {
  configText,
  conflicts,
  type InstallPlan,
  planInstall,
} from "./install.ts";
import { nameSigningKeys, signingKeysFile } from "./keys.ts";
import { type Lock, readLock } from "./lock_file.ts";
import { actionOf, Output, reader } from "./output.ts";
import { allChanges, carryOut } from "./plan.ts";
import { findProject } from "./project.ts";
import { FUNCTIONS, readTemplate, SHARED, type Template } from "./template.ts";

const USAGE = `Installs Latchkey in the Supabase project of this folder.

Usage: supabase-latchkey init [flags]

  --prefix NAME   put NAME before the names of the functions, with the hyphen
                  if you want one: "--prefix latchkey-" makes latchkey-login
  --dry-run       list the changes and write nothing
  --project DIR   the project's folder (default: the nearest one)
  --json          print one line of JSON
  --help          show this text

Running it again changes nothing, or completes an interrupted run.`;

/** The prefix that is offered if a function's name is already in use. */
const OFFERED_PREFIX = "latchkey-";

/** The result that the commands print for a program. */
export interface Result {
  project: string;
  version: string;
  prefix: string;
  dry_run: boolean;
  changes: { action: string; path: string }[];
  /** Files that their owner changed, which stay as they are. */
  kept: string[];
  warnings: string[];
}

/** @throws {CommandError} Latchkey cannot be installed. Nothing was changed. */
export async function init(args: string[]): Promise<void> {
  const { values: flags } = parse({
    args,
    options: {
      prefix: { type: "string" },
      "dry-run": { type: "boolean", default: false },
      project: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (flags.help) return console.log(USAGE);
  const output = new Output(reader(flags.json));
  const project = findProject(flags.project);
  const lock = readLock(project);
  let prefix = choosePrefix(flags.prefix, lock);
  let template = readTemplate(prefix);
  refuseOtherCommand(lock, "init");
  if (lock && !lock.pending && lock.version !== template.version) {
    throw new CommandError(
      `Latchkey ${lock.version} is installed, and this is ${template.version}. ` +
        'Run "npx supabase-latchkey update" instead. Nothing was changed.',
    );
  }

  output.title(`Latchkey ${template.version}`);
  output.step(`Project: ${project}`);
  const taken = conflicts(project, template, lock);
  if (taken.length > 0) {
    const problem = nameProblem(taken, flags.prefix);
    if (!canPrefix(taken, flags.prefix)) throw new CommandError(problem);
    const question =
      `${problem.split(". ")[0]}. Install Latchkey's functions ` +
      `with the prefix ${OFFERED_PREFIX}?`;
    if (!await output.confirm(question, problem)) {
      throw new CommandError(problem);
    }
    prefix = OFFERED_PREFIX;
    template = readTemplate(prefix);
    const others = conflicts(project, template, lock);
    if (others.length > 0) throw new CommandError(nameProblem(others, prefix));
  }

  const plan = await planInstall({
    project,
    template,
    prefix,
    lock,
    restore: true,
  });
  const changes = allChanges(project, plan);
  output.changes(changes);
  for (const { path } of plan.changed) {
    output.warn(`You changed ${path}. It stays as it is.`);
  }
  plan.warnings.forEach((warning) => output.warn(warning));
  if (!flags["dry-run"]) carryOut(project, plan, "init", lock);
  finish(output, { ...flags, project, prefix, template, plan });
}

/** Prints the end of `init` and `update`, for people or for programs. */
export function finish(output: Output, options: {
  project: string;
  prefix: string;
  template: Template;
  plan: InstallPlan;
  "dry-run": boolean;
  json: boolean;
}): void {
  const { project, prefix, template, plan, json } = options;
  const isDry = options["dry-run"];
  if (json) {
    const result: Result = {
      project,
      version: template.version,
      prefix,
      dry_run: isDry,
      changes: plan.changes.map((change) => ({
        action: actionOf(change),
        path: change.path,
      })),
      kept: plan.changed.map(({ path }) => path),
      warnings: plan.warnings,
    };
    return console.log(JSON.stringify(result));
  }
  if (plan.changes.length === 0) {
    return output.end("Everything is in place. Nothing was changed.");
  }
  if (isDry) return output.end("This was a dry run. Nothing was changed.");
  output.next("Next", [
    "Try it: npx supabase-latchkey start",
    "In your app: npm install supabase-latchkey" +
    (prefix === ""
      ? ""
      : `, with functionPrefix: "${prefix}" in the client's options`),
    "On a hosted project: npx supabase-latchkey deploy",
    ...readConfig(configText(project)).auth?.signing_keys_path ? [] : [
      `With Docker's supabase start: ${
        nameSigningKeys(signingKeysFile(project))
      }`,
    ],
  ]);
  output.end("Done.");
}

/** @throws {CommandError} Another command was interrupted. */
export function refuseOtherCommand(
  lock: Lock | null,
  command: NonNullable<Lock["pending"]>["command"],
): void {
  if (!lock?.pending || lock.pending.command === command) return;
  const { command: other } = lock.pending;
  throw new CommandError(
    `The command "${other}" was interrupted in this project. Run ` +
      `"npx supabase-latchkey ${other}" to complete it first.`,
  );
}

function choosePrefix(named: string | undefined, lock: Lock | null): string {
  if (named !== undefined && !/^([a-z][a-z0-9_-]*)?$/.test(named)) {
    throw new UsageError(
      "--prefix takes lower-case letters, digits, - and _, and begins with a " +
        'letter, as in "--prefix latchkey-".',
    );
  }
  if (lock && named !== undefined && named !== lock.prefix) {
    const installed = lock.prefix === ""
      ? "without a prefix"
      : `with the prefix ${lock.prefix}`;
    throw new CommandError(
      `Latchkey is installed ${installed}. To change that, run ` +
        '"npx supabase-latchkey remove" first. Nothing was changed.',
    );
  }
  return lock?.prefix ?? named ?? "";
}

function canPrefix(taken: string[], named: string | undefined): boolean {
  return !named && !taken.includes(SHARED);
}

/** A sentence that says what to do about functions of the same name. */
export function nameProblem(
  taken: string[],
  named: string | undefined,
): string {
  const folders = taken.map((name) => `${FUNCTIONS}/${name}`).join(", ");
  const isOne = taken.length === 1;
  return `This project already has ${
    isOne ? "a function" : "functions"
  } of the same name, which ${isOne ? "is" : "are"} not Latchkey's: ` +
    `${folders}. ${
      canPrefix(taken, named)
        ? "Install Latchkey's functions under other names with " +
          `"--prefix ${OFFERED_PREFIX}".`
        : taken.includes(SHARED)
        ? `Rename the folder ${FUNCTIONS}/${SHARED} and run the command again.`
        : "Choose another --prefix."
    } Nothing was changed.`;
}
