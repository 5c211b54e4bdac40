/**
 * Sign-in attempts, counted in the database before a password is tried: per
 * account and, where a header is trusted with it, per client address.
 *
 * @module
 */
import type { Database } from "./database.ts";
import { type Code, Refusal } from "./outcomes.ts";
import type { Credentials } from "./supabase_auth.ts";

/** Whose attempts are counted. */
export interface Attempter {
  /** See `accountKey`. */
  account: string;
  /** The address that a gateway vouches for, or null. */
  address: string | null;
}

/**
 * One name for everything that Supabase Auth takes for the same account: else a
 * guesser would get a counter of its own for every spelling.
 *
 * Auth lowers an e-mail address letter by letter. JavaScript's way differs for
 * two: it lowers İ to two letters, and Σ by where it stands in the word.
 */
export function accountKey(
  { email, phone }: Pick<Credentials, "email" | "phone">,
): string {
  if (phone) return phone.replace(/^\+/, "").replaceAll(" ", "");
  return Array.from(
    email ?? "",
    (letter) => letter === "İ" ? "i" : letter.toLowerCase(),
  ).join("");
}

/**
 * Counts an attempt before it is made.
 *
 * @returns Nothing where the password may be tried; else `too_many_requests`
 * with the seconds to wait, or `database_unavailable`: without a count, no try.
 */
export async function takeAttempt(
  database: Database,
  attempter: Attempter,
): Promise<Refusal | undefined> {
  const wait = await database.call("attempt", { ...attempter });
  if (wait instanceof Refusal) return wait;
  return wait > 0
    ? new Refusal("too_many_requests", { retryAfter: wait })
    : undefined;
}

/** These stay counted. A ban is told before the password is looked at. */
const FAILURES: readonly Code[] = ["invalid_credentials", "user_banned"];
/** Said only to whoever knows the password. */
const SUCCESSES: readonly Code[] = ["email_not_confirmed"];

/**
 * Takes back what was counted, unless the attempt failed. An answer that is
 * neither yes nor no (Auth away or busy, a captcha) costs nobody an attempt, and
 * tells a guesser nothing.
 *
 * @param refused The code that Supabase Auth's refusal became; nothing where
 * the password was right.
 */
export async function settleAttempt(
  database: Database,
  attempter: Attempter,
  refused?: Code,
): Promise<void> {
  if (refused && FAILURES.includes(refused)) return;
  const succeeded = !refused || SUCCESSES.includes(refused);
  // A database that is away here leaves one attempt too many, until it fades.
  await database.call("settle_attempt", { ...attempter, succeeded });
}
