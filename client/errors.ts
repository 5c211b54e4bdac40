/**
 * The one class of errors, and guards, so that nobody compares strings.
 *
 * @module
 */
import type { EndReason } from "./types.ts";

/** What went wrong. `code` is stable, `message` is for people. */
export class SessionError extends Error {
  override readonly name = "SessionError";

  constructor(
    /**
     * The server's code, or one of `network_error`, `bad_answer`, `superseded`,
     * `invalid_options`.
     */
    readonly code: string,
    message: string,
    readonly details: {
      /** The HTTP status, where there was an answer. */
      status?: number;
      /** Why the session ended. */
      reason?: EndReason;
      /** Seconds after which the server asks to be tried again. */
      retryAfter?: number;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
  }

  /** Why the session ended, where it did. */
  get reason(): EndReason | undefined {
    return this.details.reason;
  }

  /** Whether trying again later may succeed; nothing was lost. */
  get transient(): boolean {
    const { status } = this.details;
    return this.code === "network_error" || this.code === "bad_answer" ||
      status === 429 || (status !== undefined && status >= 500);
  }
}

/**
 * Whether an error is one of this library's.
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
  // By name: an app may have bundled the library twice.
  return error instanceof Error && error.name === "SessionError";
}

/**
 * Whether an error says that the session has ended for good, and why.
 *
 * @example
 * ```ts
 * import { isRevoked, SessionError } from "./errors.ts";
 *
 * const error: unknown = new SessionError("token_revoked", "It was ended.", {
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
 * The reason, where a code ends the session. Any other answer keeps it: a
 * proxy's 403 or a captive portal's page must sign nobody out.
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
