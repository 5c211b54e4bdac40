/**
 * `supabase-latchkey update`: brings the Latchkey in a project to this version.
 *
 * @module
 */
import { CommandError } from "./errors.ts";
import { parse } from "./flags.ts";
import { finish, nameProblem, refuseOtherCommand } from "./init.ts";
import { conflicts, planInstall } from "./install.ts";
import { readLock } from "./lock_file.ts";
import { Output, reader } from "./output.ts";
import { allChanges, carryOut } from "./plan.ts";
import { findProject } from "./project.ts";
import { readTemplate } from "./template.ts";

const USAGE =
  `Brings the Latchkey in this project to the version of this command.

Usage: supabase-latchkey update [flags]

  --dry-run       list the changes and write nothing
  --project DIR   the project's folder (default: the nearest one)
  --json          print one line of JSON
  --help          show this text

Files that you changed stay as they are. For each, it prints what differs from
the new version.`;

/** @throws {CommandError} Latchkey is not installed. Nothing was changed. */
export async function update(args: string[]): Promise<void> {
  const { values: flags } = parse({
    args,
    options: {
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
  if (!lock) {
    throw new CommandError(
      "Latchkey is not installed in this project. Run " +
        '"npx supabase-latchkey init" instead.',
    );
  }
  refuseOtherCommand(lock, "update");
  const { prefix } = lock;
  const template = readTemplate(prefix);
  const taken = conflicts(project, template, lock);
  if (taken.length > 0) throw new CommandError(nameProblem(taken, prefix));

  output.title(`Latchkey ${template.version}`);
  output.step(`Project: ${project}, with Latchkey ${lock.version}`);
  const plan = await planInstall({
    project,
    template,
    prefix,
    lock,
    restore: false,
  });
  output.changes(allChanges(project, plan));
  for (const name of plan.removed) {
    output.step(`You removed the function ${name}. It stays removed.`);
  }
  for (const { path, own, shipped, isNew } of plan.changed) {
    if (!isNew) {
      output.step(
        `You changed ${path}. It stays. This version does not change it.`,
      );
    } else if (shipped === null) {
      output.warn(
        `You changed ${path}. It stays, although this version does not have it.`,
      );
    } else {
      output.warn(`You changed ${path}. It stays. Merge this by hand:`);
      output.diff(path, own, shipped);
    }
  }
  plan.warnings.forEach((warning) => output.warn(warning));
  if (!flags["dry-run"]) carryOut(project, plan, "update", lock);
  finish(output, { ...flags, project, prefix, template, plan });
}
