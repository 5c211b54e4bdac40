/**
 * Carries out the plan of a command. If it is interrupted at any point, the
 * next run completes the project.
 *
 * @module
 */
import { join } from "node:path";
import {
  applyChanges,
  type Change,
  checkWritable,
  readIfExists,
} from "./files.ts";
import { formatLock, type Lock, LOCK_FILE } from "./lock_file.ts";

/** What a command changes. */
export interface Plan {
  /** In the order in which they are made. */
  changes: Change[];
  /** The lock file afterwards; null if nothing is installed any more. */
  lock: Lock | null;
  /** The name of the migration that removes Latchkey. */
  removal?: string;
}

/** The changes of a plan, including the change of the lock file. */
export function allChanges(project: string, plan: Plan): Change[] {
  const before = readIfExists(join(project, LOCK_FILE));
  const after = plan.lock && formatLock(plan.lock);
  return before === after
    ? plan.changes
    : [...plan.changes, { path: LOCK_FILE, before, after }];
}

/**
 * Makes the changes of a plan.
 *
 * The lock file is written twice: first with the checksums of the files that
 * will be written, and at the end without them. So after an interruption, each
 * file is either in the old list or in the new one.
 *
 * @param command The command, so that the next run can say what to repeat.
 * @param current The lock file before the changes.
 */
export function carryOut(
  project: string,
  plan: Plan,
  command: NonNullable<Lock["pending"]>["command"],
  current: Lock | null,
): void {
  const changes = allChanges(project, plan);
  if (changes.length === 0) return;
  checkWritable(project, changes);
  const pending: Lock = {
    version: current?.version ?? "",
    prefix: current?.prefix ?? plan.lock?.prefix ?? "",
    files: current?.files ?? {},
    migrations: { ...current?.migrations, ...plan.lock?.migrations },
    pending: {
      command,
      version: plan.lock?.version ?? current?.version ?? "",
      files: plan.lock?.files ?? {},
      removal: plan.removal,
    },
  };
  const before = readIfExists(join(project, LOCK_FILE));
  applyChanges(project, [
    { path: LOCK_FILE, before, after: formatLock(pending) },
    ...plan.changes,
    { path: LOCK_FILE, before, after: plan.lock && formatLock(plan.lock) },
  ]);
}
