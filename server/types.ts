/**
 * The public types of the server side.
 *
 * @module
 */
import type {
  Credentials,
  EndReason,
  Scope,
  Session,
  SessionInfo,
} from "../client/types.ts";

/**
 * A session without its refresh token, which never leaves the cookie. `user` is
 * made from the claims of the access token.
 */
export interface ServerSessionData
  extends Omit<Session, "refresh_token" | "user"> {
  user: SessionUser;
}

/** The user, as the verified claims of the access token describe them. */
export interface SessionUser {
  id: string;
  email?: string;
  phone?: string;
  role: string;
  aud: string;
  app_metadata: Record<string, unknown>;
  user_metadata: Record<string, unknown>;
  is_anonymous: boolean;
}

/** What a page needs to know: who is signed in, or why nobody is. */
export interface ServerSnapshot {
  status: "signed_in" | "signed_out";
  session: ServerSessionData | null;
  /** Why the last session ended, if the server ended it. */
  reason?: EndReason;
}

/** A cookie, as a request sends it. */
export interface Cookie {
  name: string;
  value: string;
}

/** A cookie to set, with the names of options that most frameworks use. */
export interface CookieToSet extends Cookie {
  options: {
    httpOnly: true;
    secure: boolean;
    sameSite: "lax";
    path: "/";
    /** In seconds; 0 deletes the cookie. */
    maxAge: number;
  };
}

/** How a framework reads and writes the cookies of one request. */
export interface CookieMethods {
  /** The cookies of the request, with those that were set during it. */
  getAll(): Cookie[] | Promise<Cookie[]>;
  /**
   * Sets cookies, and headers that keep caches from storing the response.
   * May do nothing where a framework cannot set cookies: the session then
   * refreshes again in the next request, and gets the same tokens.
   */
  setAll(
    cookies: CookieToSet[],
    headers: Record<string, string>,
  ): void | Promise<void>;
}

/** Options that are the same for every request. */
export interface ServerOptions {
  /** The project's URL. */
  url: string;
  /** The publishable key. */
  key: string;
  /**
   * The private key of the app's servers, as a JWK or its JSON; all instances
   * need the same. `npx supabase-latchkey keys --server` makes one. Sessions are
   * bound to it, so that a copied refresh token works only through the server.
   *
   * Default: the environment variable `LATCHKEY_SERVER_KEY`.
   */
  serverKey?: string | JsonWebKey;
  /**
   * The name of the cookie, without `__Host-`. Two apps on the same host, such
   * as two ports of localhost, need different names.
   *
   * Default: `latchkey-session`.
   */
  cookieName?: string;
  /**
   * Whether the cookie has the prefix `__Host-` and the attribute `Secure`. Turn
   * it off only for development over `http`: Chromium and Firefox accept secure
   * cookies from `http://localhost`, but Safari does not.
   *
   * Default: true.
   */
  secure?: boolean;
  /**
   * The app's own origin, such as `https://app.example.com`. It is compared with
   * the `Origin` header of browsers that do not send `Sec-Fetch-Site`. Set it if
   * the app is behind a proxy that changes the URL of requests.
   *
   * Default: the origin of the request's URL, which server actions and route
   * handlers of Next.js do not know.
   */
  origin?: string;
  /**
   * The header in which the proxy in front of the app puts the browser's IP
   * address, such as `x-real-ip`. In a list, the last address counts. Attempts
   * to sign in are then counted by it, and the list of sessions shows it, if the
   * functions' `LATCHKEY_SERVER_THUMBPRINTS` lists the server's key.
   *
   * Default: none, because a browser can send any header that the proxy does not
   * replace.
   */
  addressHeader?: string;
  /** Default: `<url>/functions/v1`. */
  functionsUrl?: string;
  /**
   * The prefix of Latchkey's functions in this project, such as `latchkey-`.
   * Default: none.
   */
  functionPrefix?: string;
  fetch?: typeof globalThis.fetch;
}

/** Options of `createServerSession`. */
export interface ServerSessionOptions extends ServerOptions {
  cookies: CookieMethods;
  /**
   * The request that the app is answering. Its headers show whether the app's
   * own page sent it.
   */
  request: { headers: Headers; url?: string };
}

/** The session of one request. Create one per request, and share it. */
export interface ServerSession {
  /**
   * The user, or null if nobody is signed in. The access token's signature is
   * verified with the project's published keys, which are cached.
   *
   * @param options.live Also asks the database whether the session is still
   * active, so that a session that ended a moment ago counts as ended.
   * @throws {SessionError} With `transient`, if the session cannot be checked
   * now. The session is kept.
   */
  getUser(options?: LiveOptions): Promise<SessionUser | null>;
  /** The session without its refresh token. Verified as `getUser()` does. */
  getSession(options?: LiveOptions): Promise<ServerSessionData | null>;
  /**
   * An access token that is valid for a while, or null if nobody is signed in.
   * It is a bound function: pass it to supabase-js as `accessToken`.
   *
   * @throws {SessionError} With `transient`, if the token has expired and the
   * server cannot be reached. The session is kept.
   */
  getAccessToken(): Promise<string | null>;
  /** The status, the session, and the reason if the server ended the last one. */
  snapshot(options?: LiveOptions): Promise<ServerSnapshot>;
  /**
   * Signs in with a password.
   *
   * @throws {SessionError} `invalid_credentials`, `email_not_confirmed`,
   * `user_banned`, …; `cross_site_request` if another site's page sent the
   * request.
   */
  signIn(credentials: Credentials): Promise<ServerSessionData>;
  /**
   * Turns a session of Supabase Auth into a Latchkey session, by its access
   * token: in the route that OAuth or a magic link redirects to, or after a
   * one-time password.
   *
   * A navigation from another site is allowed, because the redirect is one. With
   * `exchangeCodeForSession`, Supabase Auth's PKCE verifier, which only this
   * browser has, shows that the user started the sign-in here. The `token_hash`
   * of a magic link shows no such thing: take it only from a POST of your own
   * page, or else a link can sign the user in to somebody else's account.
   *
   * @throws {SessionError} As `signIn`.
   */
  adopt(
    accessToken: string,
    options?: { deviceName?: string },
  ): Promise<ServerSessionData>;
  /**
   * Fetches new tokens before they are due, for example after a role changed.
   * Returns null if nobody is signed in or the session has ended.
   *
   * @throws {SessionError} With `transient`; the session is kept.
   */
  refresh(): Promise<ServerSessionData | null>;
  /**
   * Ends this session (`local`, the default), all others, or all.
   *
   * @throws {SessionError} If Supabase cannot be reached; after `local` and
   * `global` the cookie is deleted anyway. `cross_site_request` if another
   * site's page sent the request.
   */
  signOut(options?: { scope?: Scope }): Promise<void>;
  /** The user's sessions. */
  sessions(): Promise<SessionInfo[]>;
  /**
   * Ends one of the user's sessions; returns how many ended.
   *
   * @throws {SessionError} `cross_site_request` if another site's page sent the
   * request.
   */
  revoke(sessionId: string): Promise<number>;
  /**
   * `fetch` with the access token, for URLs of the project. If the server
   * answers that the token has expired, the session refreshes it and sends the
   * request again, once.
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
}

/** Options of `getUser`, `getSession` and `snapshot`. */
export interface LiveOptions {
  /** Whether to ask the database. Default: false. */
  live?: boolean;
}
