import { connect } from "../../stack/sql.ts";
import { duration, type Finding, note, ok, wrong } from "./finding.ts";

/** What the database says of a session. */
export interface Session {
  /** As `latchkey.session_state` answers. */
  outcome: string;
  reason: string | null;
  /** Its refresh token; absent where only Supabase Auth knows the session. */
  token?: {
    generation: number;
    rotatedSecondsAgo: number;
    reuseIntervalSeconds: number;
  };
  /** Whether Supabase Auth has set an end after which it deletes the row. */
  endSetByAuth: boolean;
}

/**
 * Asks the database about a session, and changes nothing.
 *
 * @param databaseUrl Of role postgres, who may read Latchkey's tables.
 * @returns The session, or null where nothing is left of it.
 * @throws {DatabaseError} The database refuses to be asked.
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

const REASONS: Record<string, string> = {
  signed_out: "the user signed out",
  user: "the user ended it from another device",
  admin: "an administrator ended it",
  reuse: "a refresh token that was over came back, which looks like theft",
  password_changed: "the password was changed",
  banned: "the user was banned",
  user_deleted: "the user was deleted",
  session_limit: "the user had too many sessions",
};

/**
 * Says where a session stands.
 *
 * @param generation That of the refresh token at hand.
 */
export function examineSession(
  session: Session | null,
  generation?: number,
): Finding[] {
  switch (session?.outcome) {
    case "active":
      return examineStandingSession(session, generation);
    case "revoked":
      return [wrong(
        `The session was ended: ${
          REASONS[session.reason ?? ""] ?? "the reason is not known"
        } (token_revoked). Sign in again.`,
      )];
    case "expired":
      return [wrong(
        `The session has run out: ${
          session.reason === "idle"
            ? "nothing refreshed it for longer than latchkey.settings.idle_timeout"
            : "it reached latchkey.settings.absolute_timeout"
        } (session_expired). Sign in again.`,
      )];
    default:
      return [wrong(
        "The session is gone: Supabase Auth or the deletion of the user ended " +
          "it, or it is of another project or database (Supabase Auth says " +
          "session_not_found). Sign in again.",
      )];
  }
}

function examineStandingSession(
  { token, endSetByAuth }: Session,
  generation?: number,
): Finding[] {
  const findings = [ok(
    token
      ? "The session stands."
      : "The session stands. Supabase Auth manages it, not Latchkey.",
  )];
  if (token && generation !== undefined) {
    findings.push(examineGeneration(generation, token));
  }
  if (endSetByAuth) {
    findings.push(note(
      "Supabase Auth has set an end for this session and will delete it then. " +
        "Keep its time-box, inactivity and single-session settings off, and " +
        "use latchkey.settings.",
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
      "It is newer than the database knows, as after a restore from a backup. " +
        "It will be taken.",
    );
  }
  const { rotatedSecondsAgo, reuseIntervalSeconds } = token;
  if (behind === 1 && rotatedSecondsAgo <= reuseIntervalSeconds) {
    return note(
      "It was replaced just now. Within the reuse interval it gives the same " +
        "successor once more; later it ends the session.",
    );
  }
  return wrong(
    `It was replaced ${behind === 1 ? "" : `${behind} times, the last time `}${
      duration(rotatedSecondsAgo)
    } ago. Do not send it: that would end the session ` +
      "(refresh_token_reused). Use the newest refresh token the app has got.",
  );
}
