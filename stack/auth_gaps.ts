import type { JWTPayload } from "jose";
import type { Sql } from "./sql.ts";

// Features of a real Supabase Auth that @supabase/lite lacks and this project
// needs. Every statement runs as supabase_auth_admin, so triggers see the same
// role as on a hosted project.

/** Whether the caller's session is active but its user is banned. */
export async function isBanned(
  sql: Sql,
  { sub, session_id }: JWTPayload,
): Promise<boolean> {
  if (typeof sub !== "string" || typeof session_id !== "string") return false;
  const rows = await sql`
    select from auth.users
    join auth.sessions on sessions.user_id = users.id
    where users.id::text = ${sub}
      and sessions.id::text = ${session_id}
      and users.banned_until > now()`;
  return rows.length > 0;
}

/**
 * Whether a banned user requests tokens. Like a real Auth, it checks this
 * before it checks the password.
 */
export async function isBannedAtSignIn(
  sql: Sql,
  grant: string | null,
  body: { email?: unknown; refresh_token?: unknown },
): Promise<boolean> {
  if (grant === "password" && typeof body.email === "string") {
    const rows = await sql`
      select from auth.users
      where email = lower(${body.email})
        and encrypted_password <> ''
        and banned_until > now()`;
    return rows.length > 0;
  }
  if (grant === "refresh_token" && typeof body.refresh_token === "string") {
    const rows = await sql`
      select from auth.refresh_tokens
      join auth.users on users.id = refresh_tokens.user_id
      where refresh_tokens.token = ${body.refresh_token}
        and users.banned_until > now()`;
    return rows.length > 0;
  }
  return false;
}

/** Ends the user's other sessions after the user has changed the password. */
export async function endOtherSessions(
  sql: Sql,
  { sub, session_id }: JWTPayload,
): Promise<void> {
  await sql.begin(async (tx) => {
    // lite has already committed the change of the password. A real Auth
    // does both in one, and triggers that tell a password change from a
    // sign-out rely on that: there and back, the hash changes before them.
    const [user] = await tx`
      select encrypted_password from auth.users where id = ${sub!}`;
    for (const hash of ["", user!.encrypted_password]) {
      await tx`
        update auth.users set encrypted_password = ${hash}
        where id = ${sub!}`;
    }
    await tx`
      delete from auth.sessions
      where user_id = ${sub!} and id <> ${session_id as string}`;
  });
}

/** The claims of a real access token that lite omits. */
export async function accessTokenClaims(
  sql: Sql,
  { session_id }: JWTPayload,
  method: string,
): Promise<JWTPayload> {
  const [claims] = await sql<[JWTPayload]>`
    select
      coalesce(users.phone, '') as phone,
      users.raw_app_meta_data as app_metadata,
      users.raw_user_meta_data as user_metadata,
      users.is_anonymous,
      coalesce(sessions.aal, 'aal1') as aal,
      jsonb_build_array(jsonb_build_object(
        'method', ${method}::text,
        'timestamp', floor(extract(epoch from sessions.created_at))::bigint
      )) as amr
    from auth.sessions
    join auth.users on users.id = sessions.user_id
    where sessions.id = ${session_id as string}`;
  return claims;
}
