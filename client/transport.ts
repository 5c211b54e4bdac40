/**
 * Calls of the endpoints: JSON in, JSON or a SessionError out.
 *
 * @module
 */
import { endReason, isSessionError, SessionError } from "./errors.ts";
import { isAnswer } from "./storage.ts";
import type { Environment, Mode, Session } from "./types.ts";

/**
 * An attempt that takes longer is given up. Short, because a refresh whose
 * answer was lost must be repeated within the reuse interval, or it would look
 * like theft (see refresh.ts).
 */
const REFRESH_MILLISECONDS = 4_000;

/** Reads an answer, or throws what it says went wrong. */
export async function readAnswer(response: Response): Promise<unknown> {
  const { status } = response;
  // deno-lint-ignore no-explicit-any
  let body: any;
  const text = await response.text().catch((cause) => {
    throw networkError(cause);
  });
  try {
    body = text ? JSON.parse(text) : null;
  } catch {
    // Not as the cause: it quotes what was read, which may be a token.
    if (response.ok) throw badAnswer();
  }
  if (response.ok) return body;
  const code = typeof body?.code === "string" ? body.code : "unknown_error";
  const retryAfter = Number(response.headers.get("Retry-After") ?? NaN);
  throw new SessionError(
    code,
    body?.error_description ?? body?.message ??
      `The server answered ${status}: try again.`,
    {
      status,
      reason: endReason(code, body?.reason),
      retryAfter: retryAfter >= 0 ? retryAfter : undefined,
    },
  );
}

/** Turns a failed fetch into a SessionError. */
export function networkError(cause?: unknown): SessionError {
  return new SessionError(
    "network_error",
    "The server cannot be reached: check the connection, then try again.",
    { cause },
  );
}

/** A captive portal's page, say, or a wrong URL's. */
export function badAnswer(): SessionError {
  return new SessionError(
    "bad_answer",
    "The answer is not the server's: check the URL, then try again.",
  );
}

/** Like `fetch`, but failing with a SessionError. */
export async function fetchOrThrow(
  fetch: typeof globalThis.fetch,
  url: string,
  init?: RequestInit,
): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    throw isSessionError(cause) ? cause : networkError(cause);
  }
}

type Post = [
  endpoint: string,
  body: Record<string, unknown> | URLSearchParams,
  init: RequestInit & { token?: string },
];

/** The endpoints that need no access token of the client's own. */
export class Transport {
  constructor(
    readonly functionsUrl: string,
    readonly key: string,
    readonly mode: Mode,
    readonly fetch: typeof globalThis.fetch,
    readonly environment: Environment,
  ) {}

  /** Signs in with a body, or adopts a session with a token. */
  login(body: Record<string, unknown>, token?: string): Promise<Session> {
    return this.#session("login", body, { token });
  }

  /** Exchanges a refresh token for its successor. */
  async refresh({ session_id, refresh_token }: Session): Promise<Session> {
    const { setTimeout, clearTimeout } = this.environment;
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), REFRESH_MILLISECONDS);
    try {
      const answer = await this.#session(
        "refresh",
        // The cookie may be another session's by now.
        this.#isCookie ? { session_id } : { refresh_token },
        { signal: abort.signal },
      );
      if (answer.session_id !== session_id) throw badAnswer();
      return answer;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the session of an access token, or all of its user. */
  async revokeAs(token: string, scope: "local" | "global"): Promise<void> {
    await this.#post("revoke", { scope }, { token, keepalive: true });
  }

  /** Ends a session by its refresh token (RFC 7009): good when all else is over. */
  async revoke(session: Session): Promise<void> {
    const { session_id, refresh_token, access_token } = session;
    try {
      await this.#post(
        "revoke",
        this.#isCookie
          ? { session_id }
          : new URLSearchParams({ token: refresh_token }),
        { keepalive: true },
      );
    } catch (error) {
      // The cookie is another session's by now, or gone.
      if (!isSessionError(error) || error.code !== "missing_token") throw error;
      await this.revokeAs(access_token, "local");
    }
  }

  get #isCookie(): boolean {
    return this.mode === "cookie";
  }

  async #session(...post: Post): Promise<Session> {
    const body = await this.#post(...post);
    const answer = this.#isCookie
      ? { ...body as Session, refresh_token: "" }
      : body;
    if (!isAnswer(answer)) throw badAnswer();
    return answer;
  }

  async #post(...[endpoint, body, { token, ...init }]: Post): Promise<unknown> {
    const url = `${this.functionsUrl}/${endpoint}`;
    const isForm = body instanceof URLSearchParams;
    const response = await fetchOrThrow(this.fetch, url, {
      ...init,
      method: "POST",
      headers: {
        apikey: this.key,
        // fetch itself says what a form is.
        ...!isForm && { "Content-Type": "application/json" },
        ...token && { Authorization: `Bearer ${token}` },
        ...this.#isCookie && { "Latchkey-Mode": "cookie" },
      },
      ...this.#isCookie && { credentials: "include" },
      body: isForm ? body : JSON.stringify(body),
    });
    return await readAnswer(response);
  }
}
