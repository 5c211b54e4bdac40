/**
 * Counts sign-in attempts in the database before a password is tried: per
 * account and, where a gateway vouches for it, per client address.
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
 * The account as one text, however its email or phone is spelled. Otherwise a
 * guesser would get a new counter for each spelling.
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
 * @returns Nothing where the password may be tried; else `too_many_requests`
 * with the seconds to wait, or `database_unavailable`: an attempt that cannot be
 * counted is not made.
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

/** These stay counted. Auth tells of a ban before it checks the password. */
const FAILURES: readonly Code[] = ["invalid_credentials", "user_banned"];
/** Auth says this only after the right password. */
const SUCCESSES: readonly Code[] = ["email_not_confirmed"];

/**
 * Takes the attempt back, unless it failed. An answer that is neither yes nor no
 * (Auth is unavailable or busy, a captcha) costs no attempt and tells a guesser
 * nothing.
 *
 * @param refused The code of Supabase Auth's refusal; absent after the right
 * password.
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
