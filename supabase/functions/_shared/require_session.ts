/**
 * Guards a function of an app: who calls, and does the session still stand?
 *
 * @module
 */
import type { Caller } from "./access_token.ts";
import type { Context } from "./endpoint.ts";
import { note } from "./log.ts";
import { Refusal } from "./outcomes.ts";
import { bearerToken } from "./request.ts";

/**
 * Verifies the access token of a request, and with `live` asks the database
 * whether the session still stands, instead of trusting the token until `exp`.
 *
 * @returns The caller, or `missing_token`, `invalid_token`, `token_expired`,
 * `invalid_jwt_claims`, and with `live` also `token_revoked` (with the reason)
 * or `database_unavailable`: a check that cannot be made does not pass.
 */
export async function requireSession(
  request: Request,
  { accessTokens, database }: Pick<Context, "accessTokens" | "database">,
  { live }: { live: boolean },
): Promise<Caller | Refusal> {
  const token = bearerToken(request);
  if (token instanceof Refusal) return token;
  if (token === undefined) return new Refusal("missing_token");
  const caller = await accessTokens.verify(token);
  if (caller instanceof Refusal) return caller;
  note(request, { session_id: caller.sessionId, user_id: caller.userId });
  if (!live) return caller;
  const state = await database.call("session_state", {
    session_id: caller.sessionId,
    user_id: caller.userId,
  });
  if (state instanceof Refusal) return state;
  return state.outcome === "active" ? caller : sessionOver(state);
}

/** The refusal for a session that does not stand. */
export function sessionOver(
  { outcome, reason }: { outcome: string | null; reason: string | null },
  { grant = false } = {},
): Refusal {
  switch (outcome) {
    case "revoked":
      return new Refusal("token_revoked", {
        reason: reason ?? undefined,
        grant,
      });
    case "expired":
      // The same end for whoever only holds an access token: sign in again.
      return grant
        ? new Refusal("session_expired", { reason: reason ?? undefined })
        : new Refusal("token_revoked", { reason: "expired" });
    default:
      throw new Error("Unknown state of a session");
  }
}
