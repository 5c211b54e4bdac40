/** Something that answers HTTP requests below one path of the gateway. */
export interface Service {
  /** Answers one request; `peer` is the caller's address. */
  fetch(request: Request, peer: string): Response | Promise<Response>;
  /** Releases its resources. */
  close(): Promise<void>;
}

/** A JSON answer. */
export function json(
  body: unknown,
  init: { status?: number; headers?: Record<string, string> } = {},
): Response {
  return Response.json(body, init);
}

/** The token of `Authorization: Bearer …`, or null without one. */
export function bearerOf(request: Request): string | null {
  const header = request.headers.get("authorization") ?? "";
  return header.match(/^Bearer\s+(\S+)$/i)?.[1] ?? null;
}

/** The same request with another Bearer token; null removes the header. */
export function withBearer(request: Request, token: string | null): Request {
  const headers = new Headers(request.headers);
  if (token === null) headers.delete("authorization");
  else headers.set("authorization", `Bearer ${token}`);
  // Copied field by field. A copy of the whole request would include its
  // signal, which Deno aborts after every answer, even a successful one.
  const { url, method, body } = request;
  return new Request(url, { method, headers, body });
}

/** The answer to a browser's preflight request. */
export function preflight(request: Request): Response {
  return withCors(
    new Response(null, {
      status: 204,
      headers: {
        "access-control-allow-methods":
          "GET, POST, PUT, PATCH, DELETE, OPTIONS",
        "access-control-allow-headers":
          request.headers.get("access-control-request-headers") ?? "*",
        "access-control-max-age": "3600",
      },
    }),
  );
}

/** The same answer, readable for pages of any origin. */
export function withCors(response: Response): Response {
  const headers = new Headers(response.headers);
  if (!headers.has("access-control-allow-origin")) {
    headers.set("access-control-allow-origin", "*");
  }
  return new Response(response.body, {
    status: response.status,
    statusText: response.statusText,
    headers,
  });
}
