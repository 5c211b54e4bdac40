/**
 * Finds the Supabase project that a command works on.
 *
 * @module
 */
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import process from "node:process";
import { CommandError } from "./errors.ts";

/** How many levels of folders below the current one are searched. */
const DEPTH = 3;

/** The file that makes a folder a Supabase project. */
const CONFIG = "supabase/config.toml";

/** There is no Supabase project in or near the folder. */
export class NoProjectError extends CommandError {
  override name = "NoProjectError";

  constructor(message: string) {
    super(message, 2);
  }
}

/**
 * The folder of the project: the one that `--project` names; otherwise the
 * nearest folder, from the current one upwards, that has
 * `supabase/config.toml`; otherwise the only such folder below the current one.
 *
 * @param named The value of `--project`.
 * @throws {NoProjectError} There is no project, or there are several below.
 */
export function findProject(named?: string): string {
  const current = currentFolder();
  if (named !== undefined) {
    const project = resolve(current, named);
    if (named === "" || !existsSync(join(project, "supabase"))) {
      throw new NoProjectError(
        `${named === "" ? "An empty path" : project} is not a Supabase ` +
          'project: it has no folder "supabase". --project takes the folder of ' +
          "a Supabase project.",
      );
    }
    return project;
  }
  for (let folder = current;; folder = dirname(folder)) {
    if (existsSync(join(folder, CONFIG))) return folder;
    if (folder === dirname(folder)) break;
  }
  const below = projectsBelow(current, DEPTH);
  if (below.length === 1) return below[0]!;
  if (below.length > 1) {
    const names = below.map((path) => relative(current, path)).join(", ");
    throw new NoProjectError(
      `There are ${below.length} Supabase projects below ${current}: ${names}. ` +
        "Choose one with --project.",
    );
  }
  throw new NoProjectError(
    existsSync(join(current, "supabase")) || basename(current) === "supabase"
      ? `There is no ${CONFIG} here. Run "npx supabase init" first, or name ` +
        "the project's folder with --project."
      : `There is no Supabase project in ${current}, nor above or below it. ` +
        'Run "npx supabase init" first, or name the project\'s folder with ' +
        "--project.",
  );
}

/** `deno task` changes the current folder; the user's own is in INIT_CWD. */
function currentFolder(): string {
  const task = "Deno" in globalThis ? process.env.INIT_CWD : undefined;
  return resolve(task ?? process.cwd());
}

function projectsBelow(folder: string, depth: number): string[] {
  if (depth === 0) return [];
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // A folder that cannot be read cannot be the project.
  }
  return entries
    .filter((entry) =>
      entry.isDirectory() && entry.name !== "node_modules" &&
      !entry.name.startsWith(".")
    )
    .flatMap(({ name }) => {
      const path = join(folder, name);
      return existsSync(join(path, CONFIG))
        ? [path]
        : projectsBelow(path, depth - 1);
    });
}
