/**
 * Checks the caller: the access token, the assurance level and time of the
 * sign-in, and whether the session is still active.
 *
 * @module
 */
import type { AccessTokenVerifier, Caller } from "./access_token.ts";
import { bearerToken } from "./credentials.ts";
import type { Database } from "./database.ts";
import { note } from "./log.ts";
import { Refusal, unknownOutcome } from "./outcomes.ts";

/** What is required of a session, besides a valid access token. */
export interface Requirements {
  /**
   * Ask the database whether the session is still active, instead of trusting
   * `exp`.
   */
  live?: boolean;
  /** The authenticator assurance level: `aal2` requires a second factor. */
  aal?: "aal1" | "aal2" | "aal3";
  /**
   * The most seconds that may have passed since the user signed in or verified
   * a factor.
   */
  maxAge?: number;
}

/** The parts that check access tokens and sessions. */
export interface Guard {
  accessTokens: Pick<AccessTokenVerifier, "verify">;
  database: Database;
}

/**
 * Verifies the access token of a request and checks the other requirements. The
 * check that calls the database comes last.
 *
 * @returns The caller, or a refusal; `requireSession` lists them.
 * @throws {RangeError} `aal` is not one of the levels.
 */
export async function checkCaller(
  request: Request,
  { live = false, aal, maxAge }: Requirements,
  guard: Guard,
): Promise<Caller | Refusal> {
  const token = bearerToken(request);
  if (token instanceof Refusal) return token;
  if (token === undefined) return new Refusal("missing_token");
  const caller = await guard.accessTokens.verify(token);
  if (caller instanceof Refusal) return caller;
  note(request, { session_id: caller.sessionId, user_id: caller.userId });
  const tooWeak = requireAal(caller, aal) ?? requireRecent(caller, maxAge);
  if (tooWeak || !live) return tooWeak ?? caller;
  const state = await guard.database.call("session_state", {
    session_id: caller.sessionId,
    user_id: caller.userId,
  });
  if (state instanceof Refusal) return state;
  const { outcome, reason } = state;
  return outcome === "active" ? caller : sessionOver({ outcome, reason });
}

/** A missing or unknown level in the token counts as lower than all levels. */
function requireAal(
  { claims }: Caller,
  needed: Requirements["aal"],
): Refusal | undefined {
  if (needed === undefined) return;
  const levels: unknown[] = ["aal1", "aal2", "aal3"];
  const least = levels.indexOf(needed);
  // JavaScript callers have no types, so a mistyped level must not pass.
  if (least < 0) throw new RangeError("aal is aal1, aal2 or aal3");
  if (levels.indexOf(claims.aal) >= least) return;
  return new Refusal("insufficient_aal", {
    description:
      `This needs ${needed}. Verify another factor, refresh the session, then retry.`,
    challenge: { acr_values: needed },
  });
}

/**
 * Refuses a caller whose last proof of identity (the newest `timestamp` in the
 * claim `amr`) is unknown or more than `maxAge` seconds old.
 */
export function requireRecent(
  caller: Caller,
  maxAge: number | undefined,
): Refusal | undefined {
  if (maxAge === undefined) return;
  if (Date.now() / 1000 - authenticatedAt(caller) <= maxAge) return;
  return reauthenticationRequired(maxAge);
}

/**
 * The time of the last proof of identity (the newest `timestamp` in the claim
 * `amr`), in seconds since 1970; 0 if it is unknown.
 */
export function authenticatedAt({ claims }: Caller): number {
  const methods: unknown[] = Array.isArray(claims.amr) ? claims.amr : [];
  const times = methods.map((method) =>
    (method as { timestamp?: unknown } | null)?.timestamp
  ).filter((time) => typeof time === "number");
  return Math.min(Math.floor(Math.max(0, ...times)), Number.MAX_SAFE_INTEGER);
}

/** Refuses a caller who signed in more than `maxAge` seconds ago. */
export function reauthenticationRequired(maxAge: number): Refusal {
  return new Refusal("reauthentication_required", {
    challenge: { max_age: String(maxAge) },
  });
}

/** Refuses an OAuth client if only the user may act. */
export function oauthClient(): Refusal {
  return new Refusal("forbidden", {
    description:
      "This access token was issued to an OAuth client, which may do less than the user. Send the user's own access token.",
  });
}

/** Refuses a session that is not active. */
export function sessionOver(
  { outcome, reason }: {
    outcome: "revoked" | "expired";
    reason: string | null;
  },
  { grant = false } = {},
): Refusal {
  switch (outcome) {
    case "revoked":
      return new Refusal("token_revoked", {
        reason: reason ?? undefined,
        grant,
      });
    case "expired":
      // For a caller with an access token, expired and revoked mean the same:
      // sign in again.
      return grant
        ? new Refusal("session_expired", { reason: reason ?? undefined })
        : new Refusal("token_revoked", { reason: "expired" });
    default:
      return unknownOutcome(outcome);
  }
}
