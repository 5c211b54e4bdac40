/**
 * Calls of the endpoints: JSON in, JSON or a SessionError out.
 *
 * @module
 */
import { endReason, isSessionError, SessionError } from "./errors.ts";
import type { Environment } from "./types.ts";

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
  } catch (cause) {
    if (response.ok) {
      throw badAnswer(cause);
    }
  }
  if (response.ok) return body;
  const code = typeof body?.code === "string" ? body.code : "unknown_error";
  const retryAfter = Number(response.headers.get("Retry-After") ?? NaN);
  throw new SessionError(
    code,
    body?.error_description ?? body?.message ??
      `The server answered ${status}: try again later.`,
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
export function badAnswer(cause?: unknown): SessionError {
  return new SessionError(
    "bad_answer",
    "The server's answer is not the expected one: check the URL, then try again.",
    { cause },
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

/** The endpoints that need no access token of the client's own. */
export class Transport {
  constructor(
    readonly functionsUrl: string,
    readonly key: string,
    readonly fetch: typeof globalThis.fetch,
    readonly environment: Environment,
  ) {}

  /** Signs in with a body, or adopts a session with a token. */
  login(body: Record<string, unknown>, token?: string): Promise<unknown> {
    return this.#post("login", JSON.stringify(body), { token });
  }

  /** Exchanges a refresh token for its successor. */
  async refresh(refresh_token: string): Promise<unknown> {
    const { setTimeout, clearTimeout } = this.environment;
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), REFRESH_MILLISECONDS);
    try {
      return await this.#post("refresh", JSON.stringify({ refresh_token }), {
        signal: abort.signal,
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends all sessions of the user of an access token. */
  async revokeAll(token: string): Promise<void> {
    await this.#post("revoke", JSON.stringify({ scope: "global" }), {
      token,
      keepalive: true,
    });
  }

  /** Ends the session of a refresh token (RFC 7009): good when all else is over. */
  async revokeToken(token: string): Promise<void> {
    await this.#post("revoke", new URLSearchParams({ token }), {
      keepalive: true,
    });
  }

  async #post(
    endpoint: string,
    body: string | URLSearchParams,
    { token, ...init }: RequestInit & { token?: string },
  ): Promise<unknown> {
    const url = `${this.functionsUrl}/${endpoint}`;
    const response = await fetchOrThrow(this.fetch, url, {
      ...init,
      method: "POST",
      headers: {
        apikey: this.key,
        // fetch itself says what a form is.
        ...typeof body === "string" && { "Content-Type": "application/json" },
        ...token && { Authorization: `Bearer ${token}` },
      },
      body,
    });
    return await readAnswer(response);
  }
}
