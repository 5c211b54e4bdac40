/**
 * Calls of the endpoints: JSON in, JSON or a SessionError out.
 *
 * @module
 */
import { endReason, SessionError } from "./errors.ts";
import type { Environment } from "./types.ts";

/**
 * An attempt that takes longer is given up. Short, because a refresh whose
 * answer was lost must be repeated within the reuse interval, or it would look
 * like theft.
 */
const REFRESH_MILLISECONDS = 4_000;

/** Reads an answer, or throws what it says went wrong. */
export async function readAnswer(response: Response): Promise<unknown> {
  const { status } = response;
  // deno-lint-ignore no-explicit-any
  let body: any;
  try {
    const text = await response.text();
    body = text ? JSON.parse(text) : null;
  } catch (cause) {
    if (response.ok) {
      throw new SessionError(
        "bad_answer",
        "The server's answer is not JSON: check the URL, then try again.",
        { cause },
      );
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
export function networkError(cause: unknown): SessionError {
  return new SessionError(
    "network_error",
    "The server cannot be reached: check the connection, then try again.",
    { cause },
  );
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
    return this.#post("login", JSON.stringify(body), {
      "Content-Type": "application/json",
      ...token && { Authorization: `Bearer ${token}` },
    });
  }

  /** Exchanges a refresh token for its successor. */
  async refresh(refresh_token: string): Promise<unknown> {
    const abort = new AbortController();
    const timer = this.environment.setTimeout(
      () => abort.abort(),
      REFRESH_MILLISECONDS,
    );
    try {
      return await this.#post("refresh", JSON.stringify({ refresh_token }), {
        "Content-Type": "application/json",
      }, { signal: abort.signal });
    } finally {
      this.environment.clearTimeout(timer);
    }
  }

  /** Ends the session of a refresh token (RFC 7009): good when all else is over. */
  async revokeToken(token: string): Promise<void> {
    await this.#post("revoke", String(new URLSearchParams({ token })), {
      "Content-Type": "application/x-www-form-urlencoded",
    }, { keepalive: true });
  }

  async #post(
    endpoint: string,
    body: string,
    headers: Record<string, string>,
    init: RequestInit = {},
  ): Promise<unknown> {
    let response: Response;
    try {
      response = await this.fetch(`${this.functionsUrl}/${endpoint}`, {
        ...init,
        method: "POST",
        headers: { apikey: this.key, ...headers },
        body,
      });
    } catch (cause) {
      throw networkError(cause);
    }
    return await readAnswer(response);
  }
}
