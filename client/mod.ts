/**
 * The library that an app uses: it keeps a session, refreshes it, and hears of
 * its end.
 *
 * ```
 * client.ts       puts the parts together
 *   state.ts      what is stored, and every change of it as an event (events.ts)
 *   storage.ts    the one record, and transactions on it
 *   refresh.ts    when to refresh, once for all tabs (lock.ts, clock.ts)
 *   transport.ts  the endpoints (errors.ts)
 *   fetch.ts      the app's requests, with the access token
 *   watch.ts      the Realtime channel of the session
 * ```
 *
 * @module
 */
export { createSessionClient } from "./client.ts";
export { isRevoked, isSessionError, SessionError } from "./errors.ts";
export type {
  Credentials,
  EndReason,
  Environment,
  Locks,
  Mode,
  Scope,
  Session,
  SessionClient,
  SessionClientOptions,
  SessionEvent,
  SessionInfo,
  SessionStorage,
  Snapshot,
} from "./types.ts";
