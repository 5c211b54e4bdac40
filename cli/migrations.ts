/**
 * Numbers of migrations.
 *
 * @module
 */
import { CommandError } from "./errors.ts";

/** The number of digits that the Supabase CLI uses: YYYYMMDDhhmmss. */
const DIGITS = 14;

/** The number of a migration's file, or undefined if it is not a migration. */
export function migrationNumber(name: string): string | undefined {
  return name.match(/^(\d+)_.*\.sql$/)?.[1];
}

/**
 * How far new numbers lie in the past. `supabase migration new` numbers a
 * migration by the present second, so in a script that runs it after `init` both
 * would get the same number, and `supabase db push` would fail.
 */
const MILLISECONDS_IN_THE_PAST = 10_000;

/**
 * Numbers for new migrations, after the last one of a project, so that
 * `supabase db push` applies them to a database that has the others.
 *
 * @param names The names of the files in the project's folder.
 * @param now The time. The number is shortly before it, unless the project has a
 * later one.
 * @throws {CommandError} The project's last number has no successor.
 */
export function* newNumbers(
  names: string[],
  now: Date = new Date(),
): Generator<string, never> {
  const last = names.map(migrationNumber).filter((n) => n !== undefined)
    .sort(byFileName).at(-1) ?? "0";
  const time = new Date(now.getTime() - MILLISECONDS_IN_THE_PAST)
    .toISOString().replace(/\D/g, "").slice(0, DIGITS);
  let number = byFileName(time, last) > 0 ? time : next(last);
  for (;; number = next(number)) yield number;
}

/**
 * The Supabase CLI orders migrations by file name. In a file name an underscore
 * follows the number, and in ASCII it comes after the digits.
 */
function byFileName(a: string, b: string): number {
  return a === b ? 0 : `${a}_` < `${b}_` ? -1 : 1;
}

/**
 * The next number with the same number of digits, because a longer one would
 * sort first.
 */
function next(number: string): string {
  const result = String(BigInt(number) + 1n).padStart(number.length, "0");
  if (result.length > number.length) {
    throw new CommandError(
      `No migration can come after number ${number} in supabase/migrations. ` +
        "Rename that migration. Nothing was changed.",
    );
  }
  return result;
}
