/**
 * Users with sessions, in any number, without a sign-in each.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { Sql } from "../stack/sql.ts";

/** Somebody's phone and laptop. */
export const SESSIONS_PER_USER = 2;

/** Chrome's on Windows, the most frequent of all: 111 characters. */
const USER_AGENT =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like " +
  "Gecko) Chrome/142.0.0.0 Safari/537.36";

/** Takes all users away, and with them their sessions. */
export async function removeEverybody(sql: Sql): Promise<void> {
  await sql`truncate auth.users cascade`;
  await sql`truncate realtime.messages`;
}

/**
 * Adds the sessions of these numbers, from `first` up to before `end`, and the
 * users of theirs that are missing.
 */
export async function addSessions(
  sql: Sql,
  first: number,
  end: number,
  perUser: number = SESSIONS_PER_USER,
): Promise<void> {
  const firstUser = Math.floor(first / perUser);
  const endUser = Math.ceil(end / perUser);
  await sql.begin(async (tx) => {
    // A million rows refer to users that were written just before: it need not
    // be looked up a million times.
    await tx`set local session_replication_role = replica`;
    await tx`
      insert into auth.users
        (id, email, aud, role, raw_app_meta_data, raw_user_meta_data,
         created_at, updated_at, email_confirmed_at)
      select md5('user ' || n)::uuid, 'user' || n || '@example.com',
        'authenticated', 'authenticated',
        '{"provider": "email", "providers": ["email"]}', '{}',
        now(), now(), now()
      from generate_series(${firstUser}::integer, ${endUser}::integer - 1) n
      on conflict do nothing`;
    await tx`
      insert into auth.sessions (id, user_id, created_at, updated_at)
      select md5('session ' || n)::uuid,
        md5('user ' || n / ${perUser}::integer)::uuid, now(), now()
      from generate_series(${first}::integer, ${end}::integer - 1) n`;
    await tx`
      insert into latchkey.refresh_tokens
        (session_id, user_id, secret_hash, expires_at, idle_expires_at,
         amr, user_agent, ip)
      select md5('session ' || n)::uuid,
        md5('user ' || n / ${perUser}::integer)::uuid,
        sha256(convert_to(n::text, 'UTF8')),
        now() + s.absolute_timeout, now() + s.idle_timeout,
        jsonb_build_array(jsonb_build_object(
          'method', 'password',
          'timestamp', floor(extract(epoch from now()))::bigint
        )),
        ${USER_AGENT}, ('203.0.113.' || n % 256)::inet
      from generate_series(${first}::integer, ${end}::integer - 1) n,
        latchkey.settings s`;
  });
  await sql`vacuum analyze auth.users, auth.sessions, latchkey.refresh_tokens`;
}

/** The id of the session of a number. */
export function sessionId(number: number): string {
  return uuid(`session ${number}`);
}

/** The id of the user whose session it is. */
export function userId(
  number: number,
  perUser: number = SESSIONS_PER_USER,
): string {
  return uuid(`user ${Math.floor(number / perUser)}`);
}

/** What the database keeps of the session's secret. */
export function secretHash(number: number): Buffer {
  return createHash("sha256").update(String(number)).digest();
}

function uuid(name: string): string {
  return createHash("md5").update(name).digest("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
