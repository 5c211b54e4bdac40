/**
 * Calls the endpoints: JSON in, JSON or a SessionError out.
 *
 * @module
 */
import { endReason, isSessionError, SessionError } from "./errors.ts";
import { signProof } from "./proof.ts";
import { keyUnavailable } from "./proof_key.ts";
import { isAnswer } from "./storage.ts";
import type { Environment, Mode, ProofKey, Session } from "./types.ts";

/**
 * The time limit of one attempt. Short, because an attempt without an answer
 * must be repeated within the reuse interval (see refresh.ts).
 */
const REFRESH_MILLISECONDS = 4_000;

/** Reads a response; an error response becomes a SessionError. */
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
    // Not with the cause, which quotes the text: it may contain a token.
    if (response.ok) throw badAnswer();
  }
  if (response.ok) return body;
  const code = typeof body?.code === "string" ? body.code : "unknown_error";
  const retryAfter = Number(response.headers.get("Retry-After") ?? NaN);
  throw new SessionError(
    code,
    body?.error_description ?? body?.message ??
      `The server responded with status ${status}. Try again.`,
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
    "The server cannot be reached. Check the connection and try again.",
    { cause },
  );
}

/**
 * The error for a response that is not from Latchkey, such as a captive
 * portal's page.
 */
export function badAnswer(): SessionError {
  return new SessionError(
    "bad_answer",
    "The response is not from Latchkey. Check the URL and try again.",
  );
}

/** `fetch` that rejects with a SessionError. */
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

/** What a proof needs besides the URL. */
export interface ProofSource {
  key: ProofKey;
  /** Milliseconds that the server's clock is ahead. Default: 0. */
  clock_offset?: number;
  /** Further claims, such as those of a web server about the browser. */
  claims?: Record<string, unknown>;
}

type Post = [
  endpoint: string,
  body: Record<string, unknown> | URLSearchParams,
  init: RequestInit & { token?: string; proof?: ProofSource; nonce?: string },
];

/** The endpoints that do not need the current access token. */
export class Transport {
  constructor(
    /** The URL of the endpoints, without an endpoint's name. */
    readonly endpoints: string,
    readonly key: string,
    readonly mode: Mode,
    readonly fetch: typeof globalThis.fetch,
    readonly environment: Environment,
  ) {}

  /**
   * Signs in with a password, or adopts a session by its access token.
   *
   * @param proof Binds the session to its key.
   */
  login(
    body: Record<string, unknown>,
    token?: string,
    proof?: ProofSource,
  ): Promise<Session> {
    return this.#session("login", body, { token, proof });
  }

  /**
   * Exchanges the refresh token for its successor.
   *
   * @param proof Needed for a bound session.
   */
  async refresh(
    { session_id, refresh_token }: Pick<
      Session,
      "session_id" | "refresh_token"
    >,
    proof?: ProofSource,
  ): Promise<Session> {
    const { setTimeout, clearTimeout } = this.environment;
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), REFRESH_MILLISECONDS);
    try {
      const answer = await this.#session(
        "refresh",
        // The cookie may belong to another session by now.
        this.#isCookie ? { session_id } : { refresh_token },
        { signal: abort.signal, proof },
      );
      // A server may not know the id, if the access token in its cookie is
      // damaged.
      if (session_id && answer.session_id !== session_id) throw badAnswer();
      return answer;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the session of an access token, or all sessions of its user. */
  async revokeAs(token: string, scope: "local" | "global"): Promise<void> {
    await this.#post("revoke", { scope }, { token, keepalive: true });
  }

  /**
   * Ends a session by its refresh token (RFC 7009), even if its access token
   * has expired.
   */
  async revoke(
    { session_id, refresh_token, access_token }: Pick<
      Session,
      "session_id" | "refresh_token" | "access_token"
    >,
  ): Promise<void> {
    try {
      await this.#post(
        "revoke",
        this.#isCookie
          ? { session_id }
          : new URLSearchParams({ token: refresh_token }),
        { keepalive: true },
      );
    } catch (error) {
      // The cookie is gone, or belongs to another session by now.
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

  async #post(
    ...[endpoint, body, { token, proof, nonce, ...init }]: Post
  ): Promise<unknown> {
    const url = this.endpoints + endpoint;
    const isForm = body instanceof URLSearchParams;
    const response = await fetchOrThrow(this.fetch, url, {
      ...init,
      method: "POST",
      headers: {
        apikey: this.key,
        // fetch sets the content type of a form itself.
        ...!isForm && { "Content-Type": "application/json" },
        ...token && { Authorization: `Bearer ${token}` },
        ...this.#isCookie && { "Latchkey-Mode": "cookie" },
        ...proof && { DPoP: await this.#prove(proof, url, nonce) },
      },
      ...this.#isCookie && { credentials: "include" },
      body: isForm ? body : JSON.stringify(body),
    });
    const next = response.headers.get("DPoP-Nonce");
    try {
      return await readAnswer(response);
    } catch (error) {
      // The device's clock is wrong, or the server has to know that the proof is
      // new. Once, because the second proof has the nonce.
      if (
        !proof || nonce || !next || !isSessionError(error) ||
        error.code !== "use_dpop_nonce"
      ) throw error;
      const again = { ...init, token, proof, nonce: next };
      return await this.#post(endpoint, body, again);
    }
  }

  async #prove(
    { key, clock_offset = 0, claims }: ProofSource,
    htu: string,
    nonce?: string,
  ): Promise<string> {
    const iat = Math.floor((this.environment.now() + clock_offset) / 1000);
    try {
      return await signProof(key, { ...claims, htu, iat, nonce });
    } catch (cause) {
      throw keyUnavailable(cause);
    }
  }
}
