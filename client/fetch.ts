/**
 * `fetch` with the access token, and one retry if the token has expired.
 *
 * @module
 */
import { endReason } from "./errors.ts";
import type { EndReason } from "./types.ts";

/** The part of a session that requests need. */
interface Tokens {
  access_token: string;
  session_id: string;
}

/** What `authorizedFetch` needs from the client. */
export interface FetchOptions<Session extends Tokens> {
  key: string;
  /** Origins that may receive the access token. */
  origins: Set<string>;
  fetch: typeof globalThis.fetch;
  refresher: {
    /**
     * The session with a valid access token.
     *
     * @param staleSession Tokens that the server reported as expired.
     */
    session(staleSession?: Session): Promise<Session | null>;
  };
  end(sessionId: string, reason: EndReason): Promise<void>;
}

/** Makes the client's `fetch`. */
export function authorizedFetch<Session extends Tokens>(
  { key, origins, fetch, refresher, end }: FetchOptions<Session>,
): typeof globalThis.fetch {
  return async (input, init) => {
    const from = input instanceof Request ? input.headers : undefined;
    const headers = new Headers(init?.headers ?? from);
    const url = input instanceof Request ? input.url : String(input);
    // A link to another origin must not receive the token.
    if (!isTrusted(url, origins) || headers.has("Authorization")) {
      return await fetch(input, init);
    }
    if (!headers.has("apikey")) headers.set("apikey", key);
    const session = await refresher.session();
    if (!session) return await fetch(input, { ...init, headers });

    const [first, retry] = attempts(input, init);
    const send = (token: string, [input, init]: Attempt) => {
      headers.set("Authorization", `Bearer ${token}`);
      return fetch(input, { ...init, headers });
    };
    let sent = session;
    let response = await send(sent.access_token, first);
    let refusal = await readRefusal(response);
    if (refusal === "expired") {
      const fresh = await refresher.session(sent);
      // Do not repeat one user's request as another user.
      if (fresh?.session_id !== sent.session_id) return response;
      void response.body?.cancel();
      sent = fresh;
      response = await send(sent.access_token, retry);
      refusal = await readRefusal(response);
    }
    if (refusal && refusal !== "expired") {
      await end(sent.session_id, refusal.reason);
    }
    return response;
  };
}

type Attempt = [RequestInfo | URL, RequestInit | undefined];

/** Two copies of the request. A body that can be read only once is copied. */
function attempts(
  input: RequestInfo | URL,
  init?: RequestInit,
): [first: Attempt, retry: Attempt] {
  // React Native has no `ReadableStream` to compare with.
  const isStream = !!(init?.body as Partial<ReadableStream> | null | undefined)
    ?.getReader;
  if (!(input instanceof Request || isStream)) {
    return [[input, init], [input, init]];
  }
  const request = new Request(
    input,
    // Required for streams, ignored for other bodies.
    { ...init, duplex: "half" } as RequestInit,
  );
  return [[request.clone(), undefined], [request, undefined]];
}

/**
 * The meaning of a 401 for the session: the token expired, or the session
 * ended.
 */
async function readRefusal(
  response: Response,
): Promise<"expired" | { reason: EndReason } | undefined> {
  if (response.status !== 401) return;
  // deno-lint-ignore no-explicit-any
  const body: any = await response.clone().json().catch(() => null);
  if (body?.code === "token_revoked") {
    // The Data API has no field `reason`; it is in `details`.
    return { reason: endReason(body.code, body.reason ?? body.details)! };
  }
  // PostgREST uses PGRST303 for any wrong claim, older versions PGRST301.
  const words = body?.code
    ? `${body.code} ${body.message}`
    : response.headers.get("WWW-Authenticate") ?? "";
  if (/token_expired|(PGRST30[13]|invalid_token).*expired/i.test(words)) {
    return "expired";
  }
}

function isTrusted(url: string, origins: Set<string>): boolean {
  try {
    // Resolve the URL as fetch does: a <base> may point to another origin.
    return origins.has(new URL(new Request(url).url).origin);
  } catch {
    return false;
  }
}
