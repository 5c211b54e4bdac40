/**
 * `supabase/latchkey.lock.json` lists what Latchkey installed in a project.
 * With it, `update` and `remove` distinguish Latchkey's files from the owner's
 * files.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { CommandError } from "./errors.ts";
import { readIfExists } from "./files.ts";
import { SHARED } from "./template.ts";

/** The path of the lock file, relative to a project. */
export const LOCK_FILE = "supabase/latchkey.lock.json";

/** What is installed in a project. */
export interface Lock {
  /** The installed version of Latchkey. */
  version: string;
  /** The prefix of each function's name. */
  prefix: string;
  /** SHA-256 of each file as Latchkey wrote it, by path. */
  files: Record<string, string>;
  /** Names of the project's migrations by their names in a release. */
  migrations: Record<string, string>;
  /**
   * The files that a command writes. Present only while it changes the project.
   * If a later run finds it, it continues that command.
   */
  pending?: {
    command: "init" | "update" | "remove";
    version: string;
    files: Record<string, string>;
    /** The name of the migration that removes Latchkey. */
    removal?: string;
  };
}

/** @throws {CommandError} The lock file is damaged. */
export function readLock(project: string): Lock | null {
  const text = readIfExists(join(project, LOCK_FILE));
  if (text === null) return null;
  try {
    const lock = JSON.parse(text);
    if (
      typeof lock.version === "string" && typeof lock.prefix === "string" &&
      typeof lock.files === "object" && typeof lock.migrations === "object"
    ) return lock;
  } catch {
    // Reported below.
  }
  throw new CommandError(
    `${LOCK_FILE} is damaged. Restore it from version control and run the ` +
      "command again. Nothing was changed.",
  );
}

/** The text of a lock file. */
export function formatLock(lock: Lock): string {
  return JSON.stringify(lock, null, 2) + "\n";
}

/** SHA-256 of a text, in hexadecimal digits. */
export function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Whether Latchkey wrote this text at this path. */
export function isAsShipped(
  lock: Lock | null,
  path: string,
  text: string,
): boolean {
  const hash = checksum(text);
  return lock?.files[path] === hash || lock?.pending?.files[path] === hash;
}

/** The names of the installed functions. */
export function functionsOf(lock: Lock): string[] {
  return [
    ...new Set(Object.keys(lock.files).map((path) => path.split("/")[2]!)),
  ]
    .filter((name) => name !== SHARED);
}
