/**
 * Outcomes that are not success, by their stable code. `response.ts` maps each
 * one to its HTTP answer.
 *
 * @module
 */
import { Constants } from "./database.types.ts";

const { revoked_reason, revoke_scope } = Constants.latchkey.Enums;

/** Why a session was revoked. */
export const REASONS = revoked_reason;

/** Why a session was revoked. */
export type Reason = typeof REASONS[number];

/** Which sessions of a user to end. */
export const SCOPES = revoke_scope;

/**
 * The end of a `switch` over the outcomes of an SQL function. It compiles only
 * if the cases before it cover all outcomes.
 */
export function unknownOutcome(outcome: never): never {
  throw new Error(`Unknown outcome ${outcome}: apply the migrations first`);
}

/**
 * The description of each code for people. The descriptions may change; the
 * codes may not.
 */
const DESCRIPTIONS = {
  invalid_request: "The request is malformed.",
  invalid_credentials: "The email, phone number or password is wrong.",
  email_not_confirmed:
    "The email address or phone number is not confirmed. Open the link that was sent to it.",
  user_banned: "This user is banned.",
  invalid_refresh_token:
    "This is not a valid refresh token of this project. Sign in again.",
  invalid_disavow_token:
    "This link is not valid, has expired or was already used. Sign in to see your sessions and end them.",
  refresh_token_reused:
    "This refresh token was already replaced, so it may have been copied. The session was ended. Sign in again.",
  session_expired: "The session has expired. Sign in again.",
  invalid_dpop_proof:
    "The DPoP proof is missing or not valid. Nothing was changed. Send a new proof by the session's key.",
  use_dpop_nonce:
    "Nothing was changed. Send a new proof with the nonce in the header DPoP-Nonce.",
  token_revoked: "The session was ended. Sign in again.",
  token_expired: "The access token has expired. Refresh it, then retry.",
  invalid_jwt_claims: "A claim of the access token is wrong.",
  invalid_token: "This is not a valid access token of this project.",
  reauthentication_required:
    "The last sign-in was too long ago. Sign in again, then retry.",
  missing_token: "Send an access token: Authorization: Bearer <access_token>.",
  method_not_allowed: "This endpoint does not take this method.",
  insufficient_aal:
    "This needs a second factor. Verify one, refresh the session, then retry.",
  forbidden: "You may not do this.",
  hook_refused: "The project's custom access token hook refused this sign-in.",
  too_many_requests: "There were too many attempts. Wait, then try again.",
  auth_unavailable:
    "Supabase Auth does not answer. Nothing was changed. Retry.",
  database_unavailable:
    "The database does not answer. Nothing was changed. Retry.",
  server_misconfigured:
    "A setting of this project is wrong. The log of the function says which one and what to do.",
  server_error: "This is a bug in the server.",
} as const;

/** The stable code of what went wrong. */
export type Code = keyof typeof DESCRIPTIONS;

/** What a refusal may contain besides its code. */
export interface RefusalDetails {
  /**
   * For people, instead of the code's usual description. Never quotes the
   * request.
   */
  description?: string;
  /** Why the session was ended, or which limit it reached. */
  reason?: string;
  /** Seconds after which a retry makes sense. */
  retryAfter?: number;
  /** What the caller needs, as parameters of the challenge (RFC 9470). */
  challenge?: Record<string, string>;
  /** Replaces the code's status, if the project's hook says so. */
  status?: number;
  /** What the next DPoP proof must contain (RFC 9449 section 8). */
  nonce?: string;
  /** Identifies the failure in the logs. */
  id?: string;
  /**
   * Only for the log: which setting is wrong and what to do, or what failed.
   */
  cause?: string;
  /**
   * Whether the credential was a refresh token, for which OAuth has its own
   * error.
   */
  grant?: boolean;
}

/** An outcome that is not success. It is returned; only bugs are thrown. */
export class Refusal {
  /** For people: what happened and what to do next. */
  readonly description: string;

  constructor(readonly code: Code, readonly details: RefusalDetails = {}) {
    this.description = details.description ?? DESCRIPTIONS[code];
  }
}

/** An `invalid_request` that says how to correct the request. */
export function malformed(description: string): Refusal {
  return new Refusal("invalid_request", { description });
}

/** A, b or c. */
export function list(words: readonly string[]): string {
  return new Intl.ListFormat("en", { type: "disjunction" }).format(words);
}
