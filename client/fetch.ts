/**
 * `fetch` with the access token, and one retry where it has expired.
 *
 * @module
 */
import { endReason } from "./errors.ts";
import type { Refresher } from "./refresh.ts";
import type { EndReason } from "./types.ts";

/** A body that cannot be sent twice as it is, is kept up to this size. */
const LONGEST_REPLAY_BYTES = 1024 * 1024;

/** What a `fetch` needs to know. */
export interface FetchOptions {
  key: string;
  /** Where the access token may go. */
  origins: Set<string>;
  fetch: typeof globalThis.fetch;
  refresher: Refresher;
  end(sessionId: string, reason: EndReason): Promise<void>;
}

/** Makes the client's `fetch`. */
export function authorizedFetch(
  { key, origins, fetch, refresher, end }: FetchOptions,
): typeof globalThis.fetch {
  return async (input, init) => {
    const from = input instanceof Request ? input.headers : undefined;
    const headers = new Headers(init?.headers ?? from);
    const url = input instanceof Request ? input.url : String(input);
    // A token must not go to whoever a link points to.
    if (!isTrusted(url, origins) || headers.has("Authorization")) {
      return await fetch(input, init);
    }
    if (!headers.has("apikey")) headers.set("apikey", key);
    const session = await refresher.session();
    if (!session) return await fetch(input, { ...init, headers });

    const { first, again } = attempts(input, init);
    const send = (token: string, [input, init]: Attempt) => {
      headers.set("Authorization", `Bearer ${token}`);
      return fetch(input, { ...init, headers });
    };
    let sent = session;
    let response = await send(sent.access_token, first);
    let refusal = await readRefusal(response);
    if (refusal === "expired") {
      const repeat = await again();
      const fresh = await refresher.session(sent.access_token);
      // What one user began is not finished as another.
      if (!repeat || fresh?.session_id !== sent.session_id) return response;
      void response.body?.cancel();
      sent = fresh;
      response = await send(sent.access_token, repeat);
      refusal = await readRefusal(response);
    }
    if (refusal && refusal !== "expired") {
      await end(sent.session_id, refusal.reason);
    }
    return response;
  };
}

type Attempt = [RequestInfo | URL, RequestInit | undefined];

/** The request, and a way to have it a second time if its body allows. */
function attempts(
  input: RequestInfo | URL,
  init?: RequestInit,
): {
  first: Attempt;
  again: () => Promise<Attempt | null>;
} {
  const isStream = init?.body instanceof ReadableStream;
  const isRequest = input instanceof Request && !init?.body &&
    !["GET", "HEAD"].includes(input.method);
  if (!isStream && !isRequest) {
    const attempt: Attempt = [input, init];
    return { first: attempt, again: () => Promise.resolve(attempt) };
  }
  const request = new Request(
    input,
    (isStream ? { ...init, duplex: "half" } : init) as RequestInit,
  );
  const copy = request.clone();
  const bytes = readUpTo(copy, LONGEST_REPLAY_BYTES);
  return {
    first: [request, undefined],
    again: async () => {
      const body = await bytes;
      if (!body) return null;
      const { method, signal, credentials, redirect } = request;
      return [request.url, {
        method,
        signal,
        credentials,
        redirect,
        body: body.length ? body : undefined,
      }];
    },
  };
}

/** A body's bytes, or null where there are more than that. */
async function readUpTo(
  request: Request,
  limit: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    if (!request.body) {
      // Either none, or a browser that does not show it as a stream.
      const bytes = new Uint8Array(await request.arrayBuffer());
      return bytes.length <= limit ? bytes : null;
    }
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let size = 0;
    const reader = request.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      if (size > limit) {
        void reader.cancel().catch(() => {});
        return null;
      }
      chunks.push(value as Uint8Array<ArrayBuffer>);
    }
    return new Uint8Array(await new Blob(chunks).arrayBuffer());
  } catch {
    return null;
  }
}

/** What a 401 says of the session: refresh, or over, or nothing. */
async function readRefusal(
  response: Response,
): Promise<"expired" | { reason: EndReason } | undefined> {
  if (response.status !== 401) return;
  // deno-lint-ignore no-explicit-any
  const body: any = await response.clone().json().catch(() => null);
  if (body?.code === "token_revoked") {
    return { reason: endReason(body.code, body.reason)! };
  }
  const challenge = response.headers.get("WWW-Authenticate") ?? "";
  // PostgREST says PGRST303 for any claim that is wrong, older ones PGRST301.
  if (
    body?.code === "token_expired" ||
    /^PGRST30[13]$/.test(body?.code) && /expired/i.test(body.message) ||
    !body?.code && /invalid_token.*expired/i.test(challenge)
  ) return "expired";
}

function isTrusted(url: string, origins: Set<string>): boolean {
  const base = (globalThis as { location?: { href: string } }).location?.href;
  try {
    return origins.has(new URL(url, base).origin);
  } catch {
    return false;
  }
}
