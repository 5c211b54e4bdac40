/**
 * The error class and its type guards.
 *
 * @module
 */
import type { EndReason } from "./types.ts";

/** An error of this library. `code` is stable, `message` is for people. */
export class SessionError extends Error {
  override readonly name = "SessionError";

  constructor(
    /**
     * The server's code, or one of `network_error`, `bad_answer`,
     * `key_unavailable`, `key_lost`, `superseded` and `invalid_options`.
     */
    readonly code: string,
    message: string,
    readonly details: {
      /** The HTTP status, if there was a response. */
      status?: number;
      /** Why the session ended, if it did. */
      reason?: EndReason;
      /** Seconds to wait before the next attempt, from `Retry-After`. */
      retryAfter?: number;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
  }

  /** Why the session ended, if it did. */
  get reason(): EndReason | undefined {
    return this.details.reason;
  }

  /** Whether a later attempt may succeed. The session is then kept. */
  get transient(): boolean {
    const { status } = this.details;
    return [
      "network_error",
      "bad_answer",
      "key_unavailable",
      // Another request has refreshed the session a moment ago.
      "use_dpop_nonce",
    ].includes(this.code) || status === 429 ||
      (status !== undefined && status >= 500);
  }
}

/**
 * Whether a value is an error of this library.
 *
 * @example
 * ```ts
 * import { isSessionError, SessionError } from "./errors.ts";
 *
 * const error: unknown = new SessionError("user_banned", "This user is banned.");
 * if (isSessionError(error)) console.log(error.code);
 * ```
 */
export function isSessionError(error: unknown): error is SessionError {
  // By name, because an app may contain the library twice.
  return error instanceof Error && error.name === "SessionError";
}

/**
 * Whether an error says that the session has ended, and why.
 *
 * @example
 * ```ts
 * import { isRevoked, SessionError } from "./errors.ts";
 *
 * const error: unknown = new SessionError("token_revoked", "The session ended.", {
 *   reason: "admin",
 * });
 * if (isRevoked(error)) console.log(error.reason);
 * ```
 */
export function isRevoked(
  error: unknown,
): error is SessionError & { reason: EndReason } {
  return isSessionError(error) && error.reason !== undefined;
}

/**
 * The reason for the end of the session, for the codes that end it. Any other
 * response keeps the session: a proxy's 403 or a captive portal's page must not
 * sign the user out.
 */
export function endReason(
  code: unknown,
  reason?: unknown,
): EndReason | undefined {
  switch (code) {
    case "refresh_token_reused":
      return "reuse";
    case "session_expired":
      return "expired";
    case "invalid_refresh_token":
      return "invalid_refresh_token";
    case "token_revoked":
      return typeof reason === "string" ? reason as EndReason : "signed_out";
  }
}
