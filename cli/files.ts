/**
 * How the command reads and writes files. Every change replaces a file in one
 * step, so that a process that is killed leaves the old file or the new one.
 *
 * @module
 */
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { CommandError } from "./errors.ts";

/** A change of one file. */
export interface Change {
  /** Relative to the project's folder, with slashes. */
  path: string;
  /** The text before the change; null if there is no file. */
  before: string | null;
  /** The text after the change; null removes the file. */
  after: string | null;
  /** Whether the file holds secrets, so that only its owner may read it. */
  secret?: boolean;
}

/**
 * The operations that change the disk. Tests replace them to stop the process
 * before each one.
 */
export const disk = {
  makeFolder: (path: string): void => void mkdirSync(path, { recursive: true }),
  write: (path: string, text: string, mode: number): void => {
    writeFileSync(path, text, { mode });
    // Set the mode again, because the umask limits the mode of a new file, and
    // an existing draft keeps its old mode.
    chmodSync(path, mode);
  },
  rename: renameSync,
  remove: (path: string): void => rmSync(path, { force: true }),
  removeFolder: rmdirSync,
};

/** The text of a file, or null if there is no file. */
export function readIfExists(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw readableError(error, path, "read");
  }
}

/** The names in a folder, sorted; none if there is no folder. */
export function listFolder(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw readableError(error, path, "read");
  }
}

/** The paths of all files below a folder, relative to it, with slashes. */
export function listFiles(path: string, below = ""): string[] {
  return listFolder(join(path, below)).flatMap((name) => {
    const relative = below === "" ? name : `${below}/${name}`;
    return statSync(join(path, relative)).isDirectory()
      ? listFiles(path, relative)
      : [relative];
  });
}

/**
 * Checks that every change can be made, before the first change is made.
 *
 * @throws {CommandError} A file or folder cannot be written. The message names
 * it.
 */
export function checkWritable(project: string, changes: Change[]): void {
  for (const { path } of changes) {
    const target = join(project, path);
    // To replace or remove a file, only its folder must be writable.
    let folder = dirname(existsSync(target) ? realpathSync(target) : target);
    while (!existsSync(folder)) folder = dirname(folder);
    try {
      accessSync(folder, constants.W_OK | constants.X_OK);
    } catch {
      throw new CommandError(
        `You have no permission to write to ${folder}. Change its permissions ` +
          "and run the command again. Nothing was changed.",
      );
    }
  }
}

/**
 * Makes the changes, in order.
 *
 * @throws {CommandError} A file cannot be written. The changes before it stay.
 * Running the command again makes the others.
 */
export function applyChanges(project: string, changes: Change[]): void {
  for (const { path, after, secret } of changes) {
    const target = join(project, path);
    try {
      if (after === null) removeFile(project, target);
      else writeFile(target, after, secret);
    } catch (error) {
      throw readableError(error, target, "write");
    }
  }
}

/** Writes a file under another name in the same folder, then renames it. */
export function writeFile(path: string, text: string, secret = false): void {
  // A link stays a link. The file that it points to is replaced.
  const target = existsSync(path) ? realpathSync(path) : path;
  if (!existsSync(dirname(target))) disk.makeFolder(dirname(target));
  const mode = secret
    ? 0o600
    : existsSync(target)
    ? statSync(target).mode & 0o777
    : 0o644;
  disk.write(draftOf(target), text, mode);
  disk.rename(draftOf(target), target);
}

/**
 * Removes a file, and its parent folders in the project if they are then empty.
 */
function removeFile(project: string, path: string) {
  disk.remove(path);
  // An interrupted run may have left this file.
  if (existsSync(draftOf(path))) disk.remove(draftOf(path));
  let folder = dirname(path);
  while (folder !== join(project, "supabase") && folder !== project) {
    if (!existsSync(folder) || readdirSync(folder).length > 0) return;
    disk.removeFolder(folder);
    folder = dirname(folder);
  }
}

function draftOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.latchkey-new`);
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR";
}

function readableError(error: unknown, path: string, verb: "read" | "write") {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = code === "EACCES" || code === "EPERM"
    ? "permission denied"
    : code === "EROFS"
    ? "the file system is read-only"
    : code === "ENOSPC"
    ? "the disk is full"
    : message;
  return new CommandError(
    `Cannot ${verb} ${path}: ${reason}. Correct this and run the command ` +
      "again: it continues where it stopped.",
  );
}
