/**
 * Keeps secrets out of version control.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type Change, readIfExists } from "./files.ts";

/** The Supabase CLI also creates this file. */
const GITIGNORE = "supabase/.gitignore";

/**
 * The change that makes git ignore files; none if git already ignores them.
 *
 * @param project The project's folder.
 * @param files Below `supabase/`, relative to the project's folder.
 */
export function ignoreFiles(project: string, files: string[]): Change[] {
  const missing = files.filter((file) => !isIgnored(project, file));
  if (missing.length === 0) return [];
  const before = readIfExists(join(project, GITIGNORE));
  const lines = missing.map((file) => file.replace(/^supabase\//, "") + "\n");
  const start = before === null
    ? ""
    : `${before.trimEnd()}\n\n`.replace(/^\n+/, "");
  return [{
    path: GITIGNORE,
    before,
    after: `${start}# Latchkey's secrets\n${lines.join("")}`,
  }];
}

/** Whether git ignores a file. Without git: whether a line names the file. */
export function isIgnored(project: string, file: string): boolean {
  const status = git(project, "check-ignore", "--quiet", "--no-index", file);
  if (status === 0 || status === 1) return status === 0;
  return [
    [".gitignore", file],
    [GITIGNORE, file.replace(/^supabase\//, "")],
  ].some(([path, name]) =>
    (readIfExists(join(project, path!)) ?? "").split("\n")
      .some((line) => line.trim().replace(/^\//, "") === name)
  );
}

/** Whether a file is under version control. */
export function isTracked(project: string, file: string): boolean {
  return git(project, "ls-files", "--error-unmatch", file) === 0;
}

/** git's exit code; null if git cannot run. */
function git(project: string, command: string, ...args: string[]) {
  const { status } = spawnSync(
    "git",
    ["-C", project, command, ...args.slice(0, -1), "--", args.at(-1)!],
    { stdio: "ignore" },
  );
  return status;
}
