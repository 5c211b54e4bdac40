/**
 * Creates any number of users with sessions, without signing each in.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { Sql } from "../stack/sql.ts";

/** For example a phone and a laptop. */
export const SESSIONS_PER_USER = 2;

/** Chrome on Windows, the most common user agent: 111 characters. */
export const USER_AGENT =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like " +
  "Gecko) Chrome/142.0.0.0 Safari/537.36";
export const CLIENT = "Chrome on Windows";

/** Removes all users and their sessions. */
export async function removeUsers(sql: Sql): Promise<void> {
  await sql`truncate auth.users cascade`;
  await sql`truncate realtime.messages`;
}

/**
 * Adds the sessions with the numbers from `first` to `end` - 1, and their users
 * if they are missing.
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
    // Skips foreign key checks: the users were inserted just before.
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
         amr, user_agent, ip, last_ip, client)
      select md5('session ' || n)::uuid,
        md5('user ' || n / ${perUser}::integer)::uuid,
        sha256(convert_to(n::text, 'UTF8')),
        now() + s.absolute_timeout, now() + s.idle_timeout,
        jsonb_build_array(jsonb_build_object(
          'method', 'password',
          'timestamp', floor(extract(epoch from now()))::bigint
        )),
        ${USER_AGENT}, address.ip, address.ip, ${CLIENT}
      from generate_series(${first}::integer, ${end}::integer - 1) n,
        lateral (select ('203.0.113.' || n % 256)::inet as ip) address,
        latchkey.settings s`;
  });
  await sql`vacuum analyze auth.users, auth.sessions, latchkey.refresh_tokens`;
}

/** The id of the session with this number. */
export function sessionId(number: number): string {
  return uuid(`session ${number}`);
}

/** The id of this session's user. */
export function userId(
  number: number,
  perUser: number = SESSIONS_PER_USER,
): string {
  return uuid(`user ${Math.floor(number / perUser)}`);
}

/** The hash of this session's secret, as the database stores it. */
export function secretHash(number: number): Buffer {
  return createHash("sha256").update(String(number)).digest();
}

function uuid(name: string): string {
  return createHash("md5").update(name).digest("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
