/**
 * The session of one request, in the app's cookie.
 *
 * There is no lock between requests or server instances: the successor of a
 * refresh token can be computed again, so all requests that refresh at the same
 * time get the same one. The sessions are bound to the server's key. Therefore a
 * token that is one generation behind is accepted at any age, and a response
 * that the browser never received signs nobody out.
 *
 * @module
 */
import { untilExpiry, untilRefresh } from "../client/clock.ts";
import { deviceId } from "../client/device.ts";
import { defaultEnvironment } from "../client/environment.ts";
import { isRevoked, isSessionError, SessionError } from "../client/errors.ts";
import { authorizedFetch } from "../client/fetch.ts";
import {
  fetchOrThrow,
  type ProofSource,
  readAnswer,
  Transport,
} from "../client/transport.ts";
import type {
  Credentials,
  EndReason,
  Scope,
  Session,
  SessionInfo,
} from "../client/types.ts";
import {
  type Claims,
  isAuthentic,
  isSymmetric,
  readClaims,
  sessionData,
  userOf,
} from "./access_token.ts";
import {
  type CookieContent,
  type CookieTokens,
  SessionCookie,
  UNCACHEABLE,
} from "./cookie.ts";
import { browserClaims } from "./browser_claims.ts";
import { requireOwnOrigin } from "./origin.ts";
import { proofKey, readServerKey } from "./server_key.ts";
import type {
  LiveOptions,
  ServerOptions,
  ServerSession,
  ServerSessionData,
  ServerSessionOptions,
  ServerSnapshot,
  SessionUser,
} from "./types.ts";

/** Attempts while there is no valid access token to answer the request with. */
const MOST_ATTEMPTS = 3;
const RETRY_MILLISECONDS = 150;

/** Why a sign-in in the same browser may have ended the session before. */
const ENDED_BY_SIGN_IN: ReadonlySet<EndReason> = new Set([
  "signed_out",
  "session_limit",
]);

/** The tokens of an active session. */
interface Tokens {
  session_id: string;
  refresh_token: string;
  access_token: string;
  claims: Claims;
  /** Set if the signature could not be checked. */
  problem?: SessionError;
}

/**
 * Creates the session of one request.
 *
 * @throws {SessionError} `invalid_options`; the message names the option.
 *
 * @example
 * ```ts
 * import { createServerSession } from "./mod.ts";
 *
 * const request = new Request("https://app.example.com/notes");
 * const session = createServerSession({
 *   url: "https://example.supabase.co",
 *   key: "sb_publishable_example",
 *   serverKey: await newServerKey(),
 *   request,
 *   cookies: { getAll: () => [], setAll: () => {} },
 * });
 * console.log(await session.getUser()); // null
 *
 * async function newServerKey() {
 *   const pair = await crypto.subtle.generateKey(
 *     { name: "ECDSA", namedCurve: "P-256" },
 *     true,
 *     ["sign"],
 *   );
 *   return await crypto.subtle.exportKey("jwk", pair.privateKey);
 * }
 * ```
 */
export function createServerSession(
  options: ServerSessionOptions,
): ServerSession {
  checkOptions(options);
  return new RequestSession(options);
}

/**
 * Checks the options that are the same for every request, so that a mistake
 * shows when the app starts.
 *
 * @throws {SessionError} `invalid_options`
 */
export function checkOptions(options: ServerOptions): void {
  const { url, key, origin } = options;
  const problem = !/^https?:\/\/[^/\s]+/.test(url ?? "")
    ? "Set url to the project's URL, such as https://example.supabase.co."
    : !key
    ? "Set key to the project's publishable key."
    : origin !== undefined && !/^https?:\/\/[^/\s]+$/.test(origin)
    ? "Set origin to the app's origin, such as https://app.example.com."
    : "";
  if (problem) throw new SessionError("invalid_options", problem);
  readServerKey(options.serverKey);
}

class RequestSession implements ServerSession {
  readonly #options: ServerSessionOptions;
  readonly #url: string;
  readonly #endpoints: string;
  readonly #fetch: typeof globalThis.fetch;
  readonly #cookie: SessionCookie;
  readonly #transport: Transport;
  readonly #now = defaultEnvironment.now;
  /** The tokens of this request; read and refreshed at most once. */
  #tokens: Promise<Tokens | null> | undefined;
  #liveCheck: Promise<void> | undefined;
  #reason: EndReason | undefined;
  readonly fetch: ServerSession["fetch"];

  constructor(options: ServerSessionOptions) {
    this.#options = options;
    this.#url = options.url.replace(/\/+$/, "");
    const functionsUrl = (options.functionsUrl ?? `${this.#url}/functions/v1`)
      .replace(/\/+$/, "");
    this.#endpoints = `${functionsUrl}/${options.functionPrefix ?? ""}`;
    this.#cookie = new SessionCookie(
      options.cookieName ?? "latchkey-session",
      options.secure ?? true,
    );
    this.#fetch = options.fetch ??
      ((input, init) => globalThis.fetch(input, init));
    this.#transport = new Transport(
      this.#endpoints,
      options.key,
      "body",
      this.#fetchAsBrowser,
      defaultEnvironment,
    );
    this.fetch = authorizedFetch<Tokens>({
      key: options.key,
      origins: new Set(
        [this.#url, functionsUrl].map((url) => new URL(url).origin),
      ),
      fetch: this.#fetchAsBrowser,
      refresher: { session: (stale) => this.#current(stale) },
      end: (_, reason) => this.#end(reason),
    });
  }

  async getUser(options?: LiveOptions): Promise<SessionUser | null> {
    const tokens = await this.#authenticated(options);
    return tokens && userOf(tokens.claims);
  }

  async getSession(options?: LiveOptions): Promise<ServerSessionData | null> {
    const tokens = await this.#authenticated(options);
    return tokens && this.#data(tokens);
  }

  getAccessToken = async (): Promise<string | null> =>
    (await this.#current())?.access_token ?? null;

  async snapshot(options?: LiveOptions): Promise<ServerSnapshot> {
    const session = await this.getSession(options);
    return session
      ? { status: "signed_in", session }
      : { status: "signed_out", session, reason: this.#reason };
  }

  // Field by field, because the server refuses unknown fields.
  async signIn(
    { email, phone, password, deviceName, captchaToken }: Credentials,
  ): Promise<ServerSessionData> {
    this.#requireOwnOrigin();
    return await this.#start({
      email,
      phone,
      password,
      device_name: deviceName,
      captcha_token: captchaToken,
    });
  }

  async adopt(
    accessToken: string,
    { deviceName }: { deviceName?: string } = {},
  ): Promise<ServerSessionData> {
    this.#requireOwnOrigin({ allowNavigation: true });
    return await this.#start({ device_name: deviceName }, accessToken);
  }

  async refresh(): Promise<ServerSessionData | null> {
    const tokens = await this.#current();
    const fresh = tokens && await this.#current(tokens);
    return fresh && this.#data(fresh);
  }

  async signOut({ scope = "local" }: { scope?: Scope } = {}): Promise<void> {
    this.#requireOwnOrigin();
    if (scope === "others") return void await this.#revoke({ scope });
    const content = tokensIn(await this.#read());
    if (!content) return await this.#forget();
    try {
      if (scope === "global") {
        await this.#revoke({ scope });
      } else await this.#revokeBy(content);
    } catch (error) {
      // The session had already ended.
      if (isRevoked(error)) return;
      if (isSessionError(error)) {
        error.message =
          `Signed out here, but the server does not know. ${error.message}`;
      }
      throw error;
    } finally {
      await this.#forget();
    }
  }

  async sessions(): Promise<SessionInfo[]> {
    return (await this.#call("sessions") as { sessions: SessionInfo[] })
      .sessions;
  }

  async revoke(sessionId: string): Promise<number> {
    this.#requireOwnOrigin();
    const own = await this.#current();
    const revoked = await this.#revoke({ session_id: sessionId });
    if (own?.session_id === sessionId) await this.#forget();
    return revoked;
  }

  /** Starts a session and keeps it in the cookie, instead of another one. */
  async #start(
    body: Record<string, unknown>,
    accessToken?: string,
  ): Promise<ServerSessionData> {
    const old = tokensIn(await this.#read());
    const answer = await this.#transport.login(
      { ...body, device_id: await this.#deviceId() },
      accessToken,
      await this.#proof(),
    );
    const tokens = await this.#keep(answer);
    if (
      old && readClaims(old.accessToken)?.session_id !== answer.session_id
    ) {
      // It has no cookie any more. If this fails, it expires.
      await this.#revokeBy(old).catch(() => {});
    }
    return this.#data(tokens);
  }

  /**
   * The id by which Latchkey recognizes this browser at a sign-in. Undefined
   * where cookies cannot be set.
   */
  async #deviceId(): Promise<string | undefined> {
    const { cookies } = this.#options;
    return await deviceId({
      async getItem(name) {
        const all = await cookies.getAll();
        return all.find((cookie) => cookie.name === name)?.value ?? null;
      },
      setItem: (_, value) =>
        cookies.setAll([this.#cookie.device(value)], { ...UNCACHEABLE }),
      removeItem() {},
    }, this.#cookie.deviceName);
  }

  /** The tokens, after the checks that `getUser()` promises. */
  async #authenticated(
    { live = false }: LiveOptions = {},
  ): Promise<Tokens | null> {
    const tokens = await this.#current();
    if (!tokens) return null;
    if (live || isSymmetric(tokens.access_token)) {
      await (this.#liveCheck ??= this.#checkLive());
    } else if (tokens.problem) throw tokens.problem;
    return await this.#current();
  }

  /**
   * The tokens with a valid access token; null if nobody is signed in.
   *
   * @param stale Tokens to replace even if they are not due.
   */
  async #current(stale?: Tokens): Promise<Tokens | null> {
    const tokens = await (this.#tokens ??= this.#load());
    if (!tokens || !stale || tokens !== stale) return tokens;
    return await (this.#tokens = this.#exchange(tokens, { isUsable: false }));
  }

  async #load(): Promise<Tokens | null> {
    const content = await this.#read();
    if (!content || "ended" in content) {
      this.#reason = content?.ended;
      return null;
    }
    const { refreshToken, accessToken } = content;
    const claims = readClaims(accessToken);
    const tokens: Tokens = {
      session_id: claims?.session_id ?? "",
      refresh_token: refreshToken,
      access_token: accessToken,
      claims: claims!,
    };
    const age = claims &&
      {
        expires_at: claims.exp,
        expires_in: claims.exp - claims.iat,
        clock_offset: 0,
      };
    const now = this.#now();
    let isUsable = !!age && untilExpiry(age, now) > 0;
    if (isUsable && !isSymmetric(accessToken)) {
      try {
        isUsable = await isAuthentic(accessToken, this.#url, this.#fetch);
      } catch (error) {
        if (!isSessionError(error)) throw error;
        tokens.problem = error;
      }
    }
    return isUsable && untilRefresh(age!, now) > 0
      ? tokens
      : await this.#exchange(tokens, { isUsable });
  }

  /**
   * Exchanges the refresh token for its successor.
   *
   * @param options.isUsable Whether the access token is still valid. Then one
   * attempt is enough, because a failure costs nothing.
   */
  async #exchange(
    tokens: Tokens,
    { isUsable }: { isUsable: boolean },
  ): Promise<Tokens | null> {
    for (let attempt = 1;; attempt++) {
      try {
        const proof = await this.#proof();
        return await this.#keep(await this.#transport.refresh(tokens, proof));
      } catch (error) {
        if (isRevoked(error)) {
          await this.#end(error.reason);
          return null;
        }
        if (isUsable && isSessionError(error)) return tokens;
        if (isSessionError(error) && error.code === "invalid_dpop_proof") {
          // The session is bound to another key. The cookie is kept, so that a
          // server that was started with a wrong key signs nobody out for good.
          this.#reason = "key_lost";
          return null;
        }
        if (attempt === MOST_ATTEMPTS || !mayRetry(error)) throw error;
      }
      // With jitter, so that parallel requests do not retry at the same time.
      await new Promise((resolve) =>
        setTimeout(resolve, RETRY_MILLISECONDS * attempt * Math.random())
      );
    }
  }

  /**
   * What proves this server's key, and tells who is asking: the browser, not
   * this server.
   */
  async #proof(): Promise<ProofSource> {
    const { serverKey, request, addressHeader } = this.#options;
    return {
      key: await proofKey(readServerKey(serverKey)),
      claims: browserClaims(request.headers, addressHeader),
    };
  }

  /** Keeps the server's answer, here and in the cookie. */
  async #keep(
    { session_id, refresh_token, access_token }: Session,
  ): Promise<Tokens> {
    const claims = readClaims(access_token);
    if (!claims) {
      throw new SessionError(
        "bad_answer",
        "The access token lacks claims. Check the custom access token hook.",
      );
    }
    const tokens = { session_id, refresh_token, access_token, claims };
    this.#tokens = Promise.resolve(tokens);
    this.#reason = undefined;
    await this.#write({
      refreshToken: refresh_token,
      accessToken: access_token,
    });
    return tokens;
  }

  /** Notes that the server ended the session. */
  async #end(reason: EndReason): Promise<void> {
    this.#tokens = Promise.resolve(null);
    // Of a sign-out there is nothing to explain.
    this.#reason = reason === "signed_out" ? undefined : reason;
    // A sign-in may have ended it, whose answer is on the way. A script that heard
    // of the end asks at the same moment, and must not replace the new cookie.
    const { headers } = this.#options.request;
    const mode = headers.get("Sec-Fetch-Mode") ?? "navigate";
    if (ENDED_BY_SIGN_IN.has(reason) && mode !== "navigate") return;
    await this.#write(this.#reason ? { ended: this.#reason } : null);
  }

  async #forget(): Promise<void> {
    this.#tokens = Promise.resolve(null);
    this.#reason = undefined;
    await this.#write(null);
  }

  /** Asks the database. If the session has ended, a refresh tells the reason. */
  async #checkLive(): Promise<void> {
    const response = await fetchOrThrow(
      this.fetch,
      `${this.#url}/rest/v1/rpc/session_active`,
      {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "Content-Profile": "latchkey",
        },
        body: "{}",
      },
    );
    const tokens = await this.#current();
    // The response told that the session has ended.
    if (!tokens) return;
    if (await readAnswer(response) === false) await this.#current(tokens);
  }

  /** Ends a session by its refresh token. */
  #revokeBy({ refreshToken, accessToken }: CookieTokens): Promise<void> {
    return this.#transport.revoke({
      session_id: "",
      refresh_token: refreshToken,
      access_token: accessToken,
    });
  }

  async #revoke(body: Record<string, unknown>): Promise<number> {
    return (await this.#call("revoke", body) as { revoked: number }).revoked;
  }

  /** Calls an endpoint as the signed-in user. */
  async #call(
    endpoint: string,
    body?: Record<string, unknown>,
  ): Promise<unknown> {
    const response = await fetchOrThrow(
      this.fetch,
      this.#endpoints + endpoint,
      body && {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      },
    );
    return await readAnswer(response);
  }

  /** The list of sessions names the browser, not this server. */
  #fetchAsBrowser: typeof globalThis.fetch = (input, init) => {
    const from = input instanceof Request ? input.headers : undefined;
    const headers = new Headers(init?.headers ?? from);
    const userAgent = this.#options.request.headers.get("User-Agent");
    if (userAgent) headers.set("User-Agent", userAgent);
    return this.#fetch(input, { ...init, headers });
  };

  #requireOwnOrigin(options?: { allowNavigation: boolean }): void {
    const { request, origin } = this.#options;
    requireOwnOrigin(request, origin, options);
  }

  async #read(): Promise<CookieContent | null> {
    return this.#cookie.read(await this.#options.cookies.getAll());
  }

  async #write(content: CookieContent | null): Promise<void> {
    const { cookies } = this.#options;
    const changes = this.#cookie.write(content, await cookies.getAll());
    if (changes.length > 0) await cookies.setAll(changes, { ...UNCACHEABLE });
  }

  #data({ access_token, claims }: Tokens): ServerSessionData {
    return sessionData(access_token, claims, this.#now());
  }
}

function tokensIn(content: CookieContent | null): CookieTokens | null {
  return content && "refreshToken" in content ? content : null;
}

/** Whether the same request may be sent again right now. */
function mayRetry(error: unknown): boolean {
  return isSessionError(error) && error.transient &&
    // The browser's next request has newer tokens.
    error.code !== "use_dpop_nonce" &&
    error.details.status !== 429 && !error.details.retryAfter;
}
