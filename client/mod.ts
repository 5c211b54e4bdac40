/**
 * The library that an app uses. It stores a session, refreshes it, and reports
 * when it ends.
 *
 * ```
 * client.ts       combines the parts
 *   state.ts      the stored session, and its changes as events (events.ts)
 *   storage.ts    the stored record, and transactions on it
 *   refresh.ts    when to refresh, once for all tabs (lock.ts, clock.ts)
 *   transport.ts  the endpoints (errors.ts)
 *   proof.ts      proofs of the device's key (proof_key.ts)
 *   fetch.ts      the app's requests, with the access token
 *   watch.ts      the session's Realtime channel, and the periodic check
 *   auth.ts       the storage that makes supabase.auth use this session
 * ```
 *
 * @module
 */
export { createSessionClient } from "./client.ts";
export { isRevoked, isSessionError, SessionError } from "./errors.ts";
export { importProofKey, memoryProofKey } from "./proof_key.ts";
export type {
  AuthOptions,
  Credentials,
  EndReason,
  Environment,
  Locks,
  Mode,
  ProofKey,
  ProofKeyStore,
  Scope,
  Session,
  SessionClient,
  SessionClientOptions,
  SessionEvent,
  SessionInfo,
  SessionStorage,
  Snapshot,
  WatchOptions,
} from "./types.ts";
