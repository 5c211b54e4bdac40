/**
 * The one registry of refusals: code → HTTP status, OAuth error word, and what
 * to do next. Whatever a function refuses, it refuses with a code from here;
 * the words are for people and may change, the codes are for programs and stay.
 *
 * @see RFC 6749 section 5.2 and RFC 6750 section 3.1 for the error words.
 * @module
 */

/** Why a session was ended. The same words as in the database. */
export const REASONS = [
  "signed_out",
  "user",
  "admin",
  "reuse",
  "password_changed",
  "banned",
  "user_deleted",
  "session_limit",
] as const;

/** Why a session was ended. */
export type Reason = typeof REASONS[number];

const REFUSALS = {
  invalid_request: [400, "invalid_request", "The request is malformed."],
  invalid_credentials: [
    400,
    "invalid_grant",
    "The email, phone number or password is wrong.",
  ],
  email_not_confirmed: [
    400,
    "invalid_grant",
    "The email address or phone number is not confirmed yet: follow the link that was sent.",
  ],
  user_banned: [400, "invalid_grant", "This user is banned."],
  invalid_refresh_token: [
    400,
    "invalid_grant",
    "This is not a refresh token of this project: sign in again.",
  ],
  refresh_token_reused: [
    400,
    "invalid_grant",
    "This refresh token was replaced before, so somebody else may hold a copy. The session has been ended: sign in again.",
  ],
  session_expired: [
    400,
    "invalid_grant",
    "The session has run out: sign in again.",
  ],
  token_revoked: [
    401,
    "invalid_token",
    "The session was ended: sign in again.",
  ],
  token_expired: [
    401,
    "invalid_token",
    "The access token has expired: refresh it and retry.",
  ],
  invalid_jwt_claims: [
    401,
    "invalid_token",
    "A claim of the access token is wrong.",
  ],
  invalid_token: [
    401,
    "invalid_token",
    "This is not an access token that this project signed.",
  ],
  reauthentication_required: [
    401,
    "insufficient_user_authentication",
    "The sign-in is too long ago for this: sign in again, then retry.",
  ],
  missing_token: [
    401,
    undefined,
    "Send an access token: Authorization: Bearer <access_token>.",
  ],
  method_not_allowed: [
    405,
    "invalid_request",
    "This endpoint does not take that method.",
  ],
  insufficient_aal: [
    403,
    "insufficient_user_authentication",
    "This needs a second factor: verify one, refresh, then retry.",
  ],
  forbidden: [403, "forbidden", "You may not do this."],
  hook_refused: [
    403,
    "access_denied",
    "The project's custom access token hook refused this sign-in.",
  ],
  too_many_requests: [
    429,
    "too_many_requests",
    "Too many attempts: wait, then try again.",
  ],
  auth_unavailable: [
    503,
    "temporarily_unavailable",
    "Supabase Auth does not answer: retry. Nothing was lost.",
  ],
  database_unavailable: [
    503,
    "temporarily_unavailable",
    "The database does not answer: retry. Nothing was lost.",
  ],
  server_misconfigured: [
    500,
    "server_error",
    "A setting of this project is wrong. The log of the function says which one and what to do.",
  ],
  server_error: [500, "server_error", "This is a bug in the server."],
} as const satisfies Record<
  string,
  readonly [number, string | undefined, string]
>;

/** The stable word for what went wrong. */
export type Code = keyof typeof REFUSALS;

/** What a refusal may carry besides its code. */
export interface RefusalDetails {
  /** For people, in place of the registry's words. Never quotes what was sent. */
  description?: string;
  /** Why the session was ended, or which limit it met. */
  reason?: string;
  /** Seconds after which a retry makes sense. */
  retryAfter?: number;
  /** What the endpoint does take, for the Allow header. */
  allow?: string;
  /** What would be enough, as parameters of the challenge (RFC 9470). */
  challenge?: Record<string, string>;
  /** In place of the registry's status, where the project's hook says so. */
  status?: number;
  /** Names the failure in the logs. */
  id?: string;
  /** For the log alone: which setting is wrong and what to do. */
  cause?: string;
  /**
   * At `/refresh`, RFC 6749 asks for 400 invalid_grant for every grant that is
   * no longer good, a revoked session's too.
   */
  grant?: boolean;
}

/**
 * An outcome that is not success. Returned, never thrown; and its own HTTP
 * answer, so that whoever gets one can send it as it is.
 */
export class Refusal extends Response {
  constructor(readonly code: Code, readonly details: RefusalDetails = {}) {
    let [status, error, words]: readonly [number, string | undefined, string] =
      REFUSALS[code];
    status = details.status ?? status;
    if (details.grant) [status, error] = [400, "invalid_grant"];
    const description = details.description ?? words;
    const headers = new Headers({ "Content-Type": "application/json" });
    if (status === 401 || details.challenge) {
      headers.set(
        "WWW-Authenticate",
        challenge(error, description, details.challenge),
      );
    }
    if (details.allow) headers.set("Allow", details.allow);
    const retryAfter = details.retryAfter ?? (status === 503 ? 1 : undefined);
    if (retryAfter !== undefined) {
      headers.set("Retry-After", String(retryAfter));
    }
    super(
      JSON.stringify({
        error: error ?? "invalid_token",
        code,
        error_description: description,
        reason: details.reason,
        id: details.id,
      }),
      { status, headers },
    );
  }
}

/** RFC 6750 section 3: no error code where no token was sent. */
function challenge(
  error: string | undefined,
  description: string,
  parameters: Record<string, string> = {},
): string {
  if (!error) return "Bearer";
  // A quoted-string of RFC 6750 holds no quote, backslash or non-ASCII character.
  const quotable = description.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, "'");
  const all = { error, error_description: quotable, ...parameters };
  return `Bearer ${
    Object.entries(all).map(([name, value]) => `${name}="${value}"`).join(", ")
  }`;
}
