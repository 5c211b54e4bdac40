/**
 * The public types: sessions, events, options.
 *
 * @module
 */
import type {
  Session as SupabaseSession,
  SupabaseClient,
} from "@supabase/supabase-js";

/** A session of supabase-js with its id. */
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
  | "suspicious"
  | "expired"
  | "invalid_refresh_token"
  /**
   * The key that the session is bound to is not on this device, and the access
   * token has expired.
   */
  | "key_lost";

/** An event of `onChange`. */
export type SessionEvent =
  /**
   * The user signed in, in any tab, or was already signed in when the page
   * loaded.
   */
  | { type: "signed_in"; session: Session }
  /** A tab fetched new tokens. */
  | { type: "token_refreshed"; session: Session }
  /** Another tab signed in as another user: clear the last user's data. */
  | { type: "user_changed"; session: Session }
  /** The server ended the session. */
  | {
    type: "session_revoked";
    reason: EndReason;
    session_id: string;
    /** The server's time in seconds since 1970, if a broadcast told it. */
    at?: number;
  }
  /** The user signed out, in any tab, or was signed out when the page loaded. */
  | { type: "signed_out" };

/** What the client knows now, without a request. */
export interface Snapshot {
  status: "loading" | "signed_in" | "signed_out";
  session: Session | null;
  /** Why the last session ended, if the server ended it. */
  reason?: EndReason;
}

/**
 * Where the session is stored, such as `localStorage`. Tabs can share a storage
 * that returns promises only where Web Locks exist: without them, two tabs that
 * write at the same moment may overwrite each other.
 */
export interface SessionStorage {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): unknown;
  removeItem(key: string): unknown;
}

/** The part of `navigator.locks` that the client uses. */
export interface Locks {
  request<T>(
    name: string,
    options: { signal?: AbortSignal },
    work: () => Promise<T>,
  ): Promise<T>;
}

/** A key that proves that a request comes from this device. */
export interface ProofKey {
  /** The public key, on the curve P-256. */
  publicJwk: JsonWebKey;
  /**
   * Signs with ES256 (ECDSA on P-256 with SHA-256). The signature is `r` and
   * `s`, 32 bytes each, as WebCrypto makes it; not DER.
   */
  sign(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
}

/** Where a device keeps its key, such as a platform's keystore. */
export interface ProofKeyStore {
  /**
   * The key, or null if there is none. Rejects if it cannot be read at the
   * moment; the session is then kept.
   */
  get(): Promise<ProofKey | null>;
  /**
   * Creates the key and stores it. If another tab or process has created one
   * meanwhile, returns that one.
   */
  create(): Promise<ProofKey>;
}

/** A session in the list of `sessions()`; times are in ISO 8601. */
export interface SessionInfo {
  session_id: string;
  created_at: string;
  last_used_at: string;
  expires_at: string;
  /** Where the user signed in. */
  user_agent: string | null;
  ip: string | null;
  /** Where the session was last refreshed. */
  last_user_agent: string | null;
  last_ip: string | null;
  /**
   * The program and the platform in `last_user_agent`, such as `Chrome on
   * Windows`.
   */
  client: string | null;
  /** The last known country of `last_ip`: two letters. */
  country: string | null;
  device_name: string | null;
  /** Whether only a client that proves its key refreshes it. */
  bound: boolean;
  /** Whether it is the caller's own session. */
  current: boolean;
}

/** Credentials for a sign-in with a password. */
export type Credentials =
  & ({ email: string; phone?: undefined } | {
    phone: string;
    email?: undefined;
  })
  & { password: string; deviceName?: string; captchaToken?: string };

/** Which sessions to end: this one, all others, or all. */
export type Scope = "local" | "others" | "global";

/** What the client needs of the runtime. Tests replace it. */
export interface Environment {
  /** The device's time in milliseconds since 1970. */
  now(): number;
  /**
   * Starts a timer. With `isBackground`, a Node.js or Deno process may end
   * before the timer fires.
   */
  setTimeout(
    work: () => void,
    milliseconds: number,
    options?: { isBackground?: boolean },
  ): unknown;
  clearTimeout(timer: unknown): void;
  /** A number from 0 up to, but not including, 1. */
  random(): number;
  /** Whether the device may have a network connection. */
  online(): boolean;
  /** Whether the user can see the page or the app. */
  visible(): boolean;
  /**
   * Whether the system may suspend the app while the user cannot see it, so
   * that the answer to a request can be lost. The client then refreshes ahead
   * of time only while the app is visible.
   */
  mayBeSuspended: boolean;
  /**
   * Calls the listener when another tab changed the storage, when the device
   * comes online, or when the page is shown or hidden. Returns a function that
   * removes the listener.
   */
  on(
    what: "storage" | "online" | "visible",
    listener: () => void,
  ): () => void;
}

/** Options of `watch()`. */
export interface WatchOptions {
  /**
   * The longest time in seconds between two checks of a visible page. It limits
   * how long an ended session can stay on the screen after a lost broadcast.
   * Each wait is 50 to 100 % of it, so that clients spread out. 0 turns the
   * checks off.
   *
   * Default: 300. A check reads one row by primary key. A million pages that
   * are visible at the same time send 4,400 checks a second, 3.6 times as many
   * as they send refreshes (one in 810 s), but reads instead of writes; 30
   * would send 44,000.
   */
  checkSeconds?: number;
}

/** How the refresh token is sent, and where it is stored. */
export type Mode = "body" | "cookie";

/** Options for `auth` of supabase-js's `createClient`. */
export interface AuthOptions {
  storage: {
    getItem(key: string): Promise<string | null>;
    setItem(key: string, value: string): Promise<void>;
    removeItem(key: string): Promise<void>;
  };
  storageKey: string;
  persistSession: true;
  /** The session client refreshes. */
  autoRefreshToken: false;
}

/** Options of `createSessionClient`. */
export interface SessionClientOptions {
  /** The project's URL. */
  url: string;
  /** The publishable key. */
  key: string;
  /** Default: `localStorage` in a browser, otherwise memory. */
  storage?: SessionStorage;
  /** Default: `latchkey.<host>`. */
  storageKey?: string;
  /**
   * Default: `body`, which keeps the refresh token in `storage`. With `cookie`
   * the browser keeps it in an HttpOnly cookie, and `refresh_token` is empty;
   * the project must list the page's origin in `LATCHKEY_COOKIE_ORIGINS`. One
   * browser then has one session.
   */
  mode?: Mode;
  /**
   * The key that new sessions are bound to. Only a device that has the key can
   * refresh them, so a copied refresh token is worth nothing (DPoP, RFC 9449).
   *
   * Default: `auto`. In a browser the key is in IndexedDB, where no script can
   * read it, one per `storageKey`. Where IndexedDB or WebCrypto do not work, and
   * in Deno, Node.js and React Native, sessions are not bound. Pass a store
   * there, such as `memoryProofKey()`. `none` turns binding off.
   *
   * React Native needs `TextEncoder` for it, which it has since 0.74.
   *
   * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-5 RFC 9449, 5}
   */
  proofKey?: "auto" | "none" | ProofKeyStore;
  /** Default: `<url>/functions/v1`. */
  functionsUrl?: string;
  /**
   * The prefix of Latchkey's functions in this project, such as `latchkey-`
   * after `supabase-latchkey init --prefix latchkey-`. Default: none.
   */
  functionPrefix?: string;
  /** Other origins that may receive the access token from `fetch`. */
  trustedOrigins?: string[];
  fetch?: typeof globalThis.fetch;
  /** Default: `navigator.locks`. With null, tabs use a lease in `storage`. */
  locks?: Locks | null;
  environment?: Partial<Environment>;
}

/** Stores, refreshes, watches and ends one session. */
export interface SessionClient {
  /**
   * Signs in with a password.
   *
   * @throws {SessionError} `invalid_credentials`, `email_not_confirmed`,
   * `user_banned`, …; `superseded` if a later sign-in or sign-out replaced this
   * one; `key_unavailable` if the store in `proofKey` fails.
   */
  signIn(credentials: Credentials): Promise<Session>;
  /**
   * Turns a session of Supabase Auth into a Latchkey session, by its access
   * token. The session id stays the same.
   *
   * @throws {SessionError} As `signIn`.
   */
  adopt(
    accessToken: string,
    options?: { deviceName?: string },
  ): Promise<Session>;
  /**
   * An access token that is valid by the server's clock, or null if the user is
   * signed out. It is a bound function: pass it to supabase-js as `accessToken`.
   *
   * @throws {SessionError} With `transient`, if the token has expired and the
   * server cannot be reached. The session is kept.
   */
  getAccessToken(): Promise<string | null>;
  /**
   * Options for supabase-js with which `supabase.auth` works on this session:
   * `updateUser`, `getUser`, `mfa`, `linkIdentity`, `resetPasswordForEmail`, …
   * act for the signed-in user, and every sign-in by `supabase.auth` (OAuth,
   * magic link, one-time password, passkey, anonymous) becomes a Latchkey
   * session. Use it instead of `accessToken`, never together with it.
   *
   * A call of `supabase.auth` that signs in rejects with a `SessionError` if the
   * session cannot be adopted.
   *
   * @param options.deviceName The name of sessions that are adopted.
   *
   * @example
   * ```ts
   * import { createClient } from "@supabase/supabase-js";
   * import { createSessionClient } from "./mod.ts";
   *
   * const url = "https://example.supabase.co";
   * const key = "sb_publishable_example";
   * const session = createSessionClient({ url, key });
   * const supabase = createClient(url, key, { auth: session.authOptions() });
   * const { data } = await supabase.auth.getSession();
   * console.log(data.session); // null
   * session.close();
   * ```
   */
  authOptions(options?: { deviceName?: string }): AuthOptions;
  /**
   * Fetches new tokens before they are due, for example after a role changed.
   * Tabs that call it at the same time share one request. Returns null if the
   * user is signed out, or if the server answers that the session has ended.
   *
   * @throws {SessionError} With `transient`, or `key_lost` if the session's key
   * is not on this device. The session is kept until the access token expires.
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
  /** The stored session. */
  getSession(): Promise<Session | null>;
  /** What is known without a request; the same object until it changes. */
  snapshot(): Snapshot;
  /**
   * Ends this session (`local`, the default), all others, or all. `local` and
   * `global` remove the tokens from the storage before the request.
   *
   * @throws {SessionError} If the server cannot be reached. After `local` and
   * `global` the user is signed out on this device anyway. On the server the
   * sessions stay active until they expire, although this device has deleted
   * their tokens.
   */
  signOut(options?: { scope?: Scope }): Promise<void>;
  /** The user's sessions. */
  sessions(): Promise<SessionInfo[]>;
  /** Ends one of the user's sessions; returns how many ended. */
  revoke(sessionId: string): Promise<number>;
  /**
   * Calls the listener on every change, in every tab. Returns a function that
   * stops it.
   */
  onChange(listener: (event: SessionEvent) => void): () => void;
  /**
   * `fetch` with the access token, for URLs of the project. If the server
   * answers that the token has expired, the client refreshes it and sends the
   * request again, once.
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  /**
   * Watches for the end of the session: listens on the app's own Realtime
   * socket, and checks the session periodically. Returns a function that stops
   * it.
   *
   * @throws {SessionError} `invalid_options`
   */
  watch(supabase: SupabaseClient, options?: WatchOptions): () => void;
  /** Stops all timers and listeners. The session stays stored. */
  close(): void;
}
