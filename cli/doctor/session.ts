import { connect } from "../../stack/sql.ts";
import { duration, type Finding, note, ok, wrong } from "./finding.ts";

/** What the database knows about a session. */
export interface Session {
  /** The outcome of `latchkey.session_state`. */
  outcome: string;
  reason: string | null;
  /** Its refresh token; absent if Supabase Auth manages the session. */
  token?: {
    generation: number;
    rotatedSecondsAgo: number;
    reuseIntervalSeconds: number;
  };
  /** Whether Supabase Auth will delete the session at a time that it set. */
  endSetByAuth: boolean;
}

/**
 * Reads what the database knows about a session.
 *
 * @param databaseUrl For the role postgres, which may read Latchkey's tables.
 * @returns The session, or null if it does not exist.
 * @throws {DatabaseError} The database refuses the query.
 */
export async function readSession(
  databaseUrl: string,
  sessionId: string,
): Promise<Session | null> {
  const sql = connect(databaseUrl, { max: 1 });
  try {
    const [token] = await sql<
      [({ userId: string } & NonNullable<Session["token"]>)?]
    >`
      select t.user_id as "userId", t.generation,
        extract(epoch from now() - t.rotated_at)::float as "rotatedSecondsAgo",
        s.reuse_interval_seconds as "reuseIntervalSeconds"
      from latchkey.refresh_tokens t, latchkey.settings s
      where t.session_id = ${sessionId}::uuid`;
    const [auth] = await sql<[{ userId: string; endSetByAuth: boolean }?]>`
      select s.user_id as "userId",
        to_jsonb(s) ->> 'not_after' is not null as "endSetByAuth"
      from auth.sessions s where s.id = ${sessionId}::uuid`;
    const userId = token?.userId ?? auth?.userId;
    if (!userId) return null;
    const [state] = await sql<[{ outcome: string; reason: string | null }]>`
      select outcome, reason
      from latchkey.session_state(${sessionId}::uuid, ${userId}::uuid)`;
    return { ...state, token, endSetByAuth: auth?.endSetByAuth ?? false };
  } finally {
    await sql.end();
  }
}

const REVOKED: Record<string, string> = {
  signed_out: "the user signed out",
  user: "the user ended it from another device",
  admin: "an administrator ended it",
  reuse: "a replaced refresh token was used again, which looks like theft",
  password_changed: "the password was changed",
  banned: "the user was banned",
  user_deleted: "the user was deleted",
  session_limit: "the user had too many sessions",
  suspicious: "another client used it, or its user did not recognize it",
};

const EXPIRED: Record<string, string> = {
  idle: "it was not refreshed within latchkey.settings.idle_timeout",
  absolute: "it reached latchkey.settings.absolute_timeout",
  aal1: "its user has a second factor, but did not verify it within " +
    "latchkey.settings.aal1_timeout",
};

/**
 * Explains the state of a session.
 *
 * @param generation The generation of the examined refresh token.
 */
export function examineSession(
  session: Session | null,
  generation?: number,
): Finding[] {
  switch (session?.outcome) {
    case "active":
      return examineActiveSession(session, generation);
    case "revoked":
      return [wrong(
        `The session was ended: ${
          REVOKED[session.reason ?? ""] ?? "the reason is not known"
        } (token_revoked). Sign in again.`,
      )];
    case "expired":
      return [wrong(
        `The session has expired: ${
          EXPIRED[session.reason ?? ""] ?? "the reason is not known"
        } (session_expired). Sign in again.`,
      )];
    default:
      return [wrong(
        "The session does not exist: Supabase Auth deleted it, or its user was " +
          "deleted, or it belongs to another project (Supabase Auth says " +
          "session_not_found). Sign in again.",
      )];
  }
}

function examineActiveSession(
  { token, endSetByAuth }: Session,
  generation?: number,
): Finding[] {
  const findings = [ok(
    token
      ? "The session is active."
      : "The session is active. Supabase Auth manages it, not Latchkey.",
  )];
  if (token && generation !== undefined) {
    findings.push(examineGeneration(generation, token));
  }
  if (endSetByAuth) {
    findings.push(note(
      "Supabase Auth has set an end for this session and will delete it then. " +
        "Turn its session limits off (Authentication > Sessions), and use " +
        "latchkey.settings.",
    ));
  }
  return findings;
}

function examineGeneration(
  generation: number,
  token: NonNullable<Session["token"]>,
): Finding {
  const behind = token.generation - generation;
  if (behind === 0) return ok("It is the current refresh token.");
  if (behind < 0) {
    return note(
      "It is newer than the one in the database, as after a restore from a " +
        "backup. It is valid.",
    );
  }
  const { rotatedSecondsAgo, reuseIntervalSeconds } = token;
  if (behind === 1 && rotatedSecondsAgo <= reuseIntervalSeconds) {
    return note(
      "It was replaced just now. Within the reuse interval it returns the same " +
        "successor; later it ends the session.",
    );
  }
  return wrong(
    `It was replaced ${behind === 1 ? "" : `${behind} times, the last time `}${
      duration(rotatedSecondsAgo)
    } ago. Do not send it: that would end the session ` +
      "(refresh_token_reused). Use the newest refresh token of the app.",
  );
}
