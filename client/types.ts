/**
 * What an app sees: sessions, events, options.
 *
 * @module
 */
import type {
  Session as SupabaseSession,
  SupabaseClient,
} from "@supabase/supabase-js";

/** A session of supabase-js, and its id. */
export interface Session extends SupabaseSession {
  session_id: string;
}

/** Why a session ended. */
export type EndReason =
  | "signed_out"
  | "user"
  | "admin"
  | "reuse"
  | "password_changed"
  | "banned"
  | "user_deleted"
  | "session_limit"
  | "expired"
  | "invalid_refresh_token";

/** What `onChange` tells. */
export type SessionEvent =
  /** Signed in, here or in another tab, or found signed in at the start. */
  | { type: "signed_in"; session: Session }
  /** New tokens, whichever tab fetched them. */
  | { type: "token_refreshed"; session: Session }
  /** Another tab signed in as somebody else: show nothing of the last user. */
  | { type: "user_changed"; session: Session }
  /** The server ended the session. */
  | {
    type: "session_revoked";
    reason: EndReason;
    session_id: string;
    /** When, by the server, in seconds since 1970; where the broadcast told. */
    at?: number;
  }
  /** Signed out, here or in another tab, or found so at the start. */
  | { type: "signed_out" };

/** What is known at this moment, without asking anybody. */
export interface Snapshot {
  status: "loading" | "signed_in" | "signed_out";
  session: Session | null;
  /** Why the last session ended, where the server ended it. */
  reason?: EndReason;
}

/**
 * Where the session is kept. `localStorage` is one. Several tabs may share one
 * that answers by promises where there are Web Locks: without them, two tabs
 * that change it in the same moment may undo each other.
 */
export interface SessionStorage {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): unknown;
  removeItem(key: string): unknown;
}

/** The part of `navigator.locks` that is used. */
export interface Locks {
  request<T>(
    name: string,
    options: { signal?: AbortSignal },
    work: () => Promise<T>,
  ): Promise<T>;
}

/** A session as `sessions()` lists it; times in ISO 8601. */
export interface SessionInfo {
  session_id: string;
  created_at: string;
  last_used_at: string;
  expires_at: string;
  user_agent: string | null;
  ip: string | null;
  device_name: string | null;
  /** Whether it is the asking one. */
  current: boolean;
}

/** How to sign in with a password. */
export type Credentials =
  & ({ email: string; phone?: undefined } | {
    phone: string;
    email?: undefined;
  })
  & { password: string; deviceName?: string; captchaToken?: string };

/** Which sessions to end: this one, all but this one, or all. */
export type Scope = "local" | "others" | "global";

/** The machine around the client. Tests replace it. */
export interface Environment {
  /** Milliseconds since 1970, by the device. */
  now(): number;
  setTimeout(work: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
  /** From 0 up to 1. */
  random(): number;
  online(): boolean;
  /** Calls back on a change of any tab's storage, on coming online, on waking. */
  on(
    what: "storage" | "online" | "visible",
    listener: () => void,
  ): () => void;
}

/** How the refresh token travels, and who keeps it. */
export type Mode = "body" | "cookie";

/** Options of `createSessionClient`. */
export interface SessionClientOptions {
  /** The project's URL. */
  url: string;
  /** The publishable key. */
  key: string;
  /** Default: localStorage where there is one, else this process's memory. */
  storage?: SessionStorage;
  /** Default: `latchkey.<host>`. */
  storageKey?: string;
  /**
   * Default: `body`, where the client keeps the refresh token in its storage.
   * With `cookie` the browser keeps it where no script can read it, and
   * `refresh_token` is empty; the project lists this page's origin in
   * `LATCHKEY_COOKIE_ORIGINS`. One browser then has one session.
   */
  mode?: Mode;
  /** Default: `<url>/functions/v1`. */
  functionsUrl?: string;
  /** Origins besides the project's that `fetch` sends the access token to. */
  trustedOrigins?: string[];
  fetch?: typeof globalThis.fetch;
  /** Default: `navigator.locks`; null: a lease in the storage instead. */
  locks?: Locks | null;
  environment?: Partial<Environment>;
}

/** Keeps one session: stores, refreshes, watches and ends it. */
export interface SessionClient {
  /**
   * Signs in with a password.
   *
   * @throws {SessionError} `invalid_credentials`, `email_not_confirmed`,
   * `user_banned`, …; `superseded` where a later sign-in or sign-out won.
   */
  signIn(credentials: Credentials): Promise<Session>;
  /** Takes over a session that Supabase Auth made, by its access token. */
  adopt(
    accessToken: string,
    options?: { deviceName?: string },
  ): Promise<Session>;
  /**
   * An access token that is good by the server's clock, or null where nobody is
   * signed in. Bound: hand it to supabase-js as `accessToken`.
   *
   * @throws {SessionError} A transient one, where the token has expired and the
   * server cannot be reached. The session stays.
   */
  getAccessToken(): Promise<string | null>;
  /**
   * New tokens now, before they are due: after a role has changed, say. Shared
   * by all tabs that ask at once; null where nobody is signed in, or where this
   * ended the session.
   *
   * @throws {SessionError} A transient one; the session stays.
   *
   * @example
   * ```ts
   * import { createSessionClient } from "./mod.ts";
   *
   * const session = createSessionClient({
   *   url: "https://example.supabase.co",
   *   key: "sb_publishable_example",
   * });
   * console.log(await session.refresh()); // null
   * session.close();
   * ```
   */
  refresh(): Promise<Session | null>;
  /** The session as it is stored now. */
  getSession(): Promise<Session | null>;
  /** What is known without asking; the same object until it changes. */
  snapshot(): Snapshot;
  /**
   * Ends this session (`local`, the default), all others, or all. Unless it is
   * the others, the tokens are dropped before the server is told.
   *
   * @throws {SessionError} Where the server could not be told. Unless it was
   * about the others, nobody is signed in here any more; what was to be ended
   * stands until it runs out, though nothing here holds its tokens.
   */
  signOut(options?: { scope?: Scope }): Promise<void>;
  /** The user's sessions. */
  sessions(): Promise<SessionInfo[]>;
  /** Ends one of the user's sessions; answers how many ended. */
  revoke(sessionId: string): Promise<number>;
  /** Calls back on every change, in every tab. Returns the way to stop. */
  onChange(listener: (event: SessionEvent) => void): () => void;
  /**
   * `fetch` with the access token, for URLs of the project. An expired token is
   * refreshed and the request repeated, once.
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  /** Listens for the end of the session, on the app's own socket. */
  watch(supabase: SupabaseClient): () => void;
  /** Stops timers and listeners. The session stays stored. */
  close(): void;
}
