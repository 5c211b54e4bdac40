/**
 * Counts sign-in attempts in the database before a password is checked: per
 * account and, if a trusted header contains it, per client address.
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
  /** See `Client.countedIp`. */
  address: string | null;
}

/**
 * The account as one text for all spellings of its email or phone. Otherwise an
 * attacker would get a new counter for each spelling.
 *
 * Supabase Auth lower-cases an email address letter by letter. JavaScript does
 * the same except for İ, which becomes two letters, and Σ, which depends on its
 * place in the word.
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
 * @returns Nothing if the password may be checked; otherwise
 * `too_many_requests` with the seconds to wait, or `database_unavailable`,
 * because an attempt that cannot be counted must not be made.
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

/**
 * Attempts with these codes stay counted. Auth reports a ban before it checks
 * the password.
 */
const FAILURES: readonly Code[] = ["invalid_credentials", "user_banned"];
/** Auth returns these codes only if the password is correct. */
const SUCCESSES: readonly Code[] = ["email_not_confirmed"];

/**
 * Refunds the attempt, unless the password was wrong. An answer that does not
 * say whether the password is correct (Auth is unavailable or busy, a captcha)
 * does not count as an attempt.
 *
 * @param refused The code of Supabase Auth's refusal; absent if the password is
 * correct.
 */
export async function settleAttempt(
  database: Database,
  attempter: Attempter,
  refused?: Code,
): Promise<void> {
  if (refused && FAILURES.includes(refused)) return;
  const succeeded = !refused || SUCCESSES.includes(refused);
  // If the database is unavailable here, one attempt too many stays counted.
  await database.call("settle_attempt", { ...attempter, succeeded });
}
