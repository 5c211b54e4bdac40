/**
 * Sessions for apps whose pages are rendered on a server. The refresh token is
 * in an HttpOnly cookie of the app's own origin, which no script can read.
 *
 * ```
 * handler.ts        from Request to Response; routes.ts for the app's pages
 * session.ts        the session of one request
 *   cookie.ts       the cookie that holds it
 *   access_token.ts the access token's signature and claims
 *   server_key.ts   the key that sessions are bound to
 *   origin.ts       whether the app's own page sent a request
 * ```
 *
 * @module
 */
export { isRevoked, isSessionError, SessionError } from "../client/errors.ts";
export {
  createSessionHandler,
  type SessionHandler,
  type SessionHandlerOptions,
} from "./handler.ts";
export { createServerSession } from "./session.ts";
export type {
  Cookie,
  CookieMethods,
  CookieToSet,
  LiveOptions,
  ServerOptions,
  ServerSession,
  ServerSessionData,
  ServerSessionOptions,
  ServerSnapshot,
  SessionUser,
} from "./types.ts";
export type {
  Credentials,
  EndReason,
  Scope,
  SessionInfo,
} from "../client/types.ts";
