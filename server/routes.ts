/**
 * The routes of the app through which its pages use the session:
 *
 * - `GET /auth/session` → a snapshot: the status, and a session with an access
 *   token but no refresh token; with `?live`, after asking the database;
 * - `POST /auth/login` `{email | phone, password, device_name?, captcha_token?}`,
 *   or with a bearer access token of Supabase Auth → a snapshot;
 * - `POST /auth/refresh` → a snapshot with new tokens;
 * - `POST /auth/revoke` `{scope}` or `{session_id}` → `{revoked}`.
 *
 * They serve the app's own origin only.
 *
 * @module
 */
import { isSessionError, SessionError } from "../client/errors.ts";
import type { Credentials, Scope } from "../client/types.ts";
import { UNCACHEABLE } from "./cookie.ts";
import { requireOwnOrigin } from "./origin.ts";
import type { ServerSession } from "./types.ts";

const LARGEST_BODY_BYTES = 16 * 1024;

interface Route {
  method: string;
  /** Returns the body of the answer. */
  answer(request: Request, session: ServerSession): Promise<unknown>;
}

const ROUTES: Record<string, Route> = {
  session: {
    method: "GET",
    answer: ({ url }, session) =>
      session.snapshot({ live: new URL(url).searchParams.has("live") }),
  },
  login: {
    method: "POST",
    async answer(request, session) {
      const body = await readJson(request);
      const deviceName = body.device_name as string | undefined;
      const accessToken = bearerToken(request);
      if (accessToken) {
        if (body.email || body.phone || body.password) {
          throw invalidRequest(
            "Send a password or an access token to sign in with, not both.",
          );
        }
        await session.adopt(accessToken, { deviceName });
      } else {
        // The endpoint checks the fields.
        await session.signIn({
          email: body.email,
          phone: body.phone,
          password: body.password,
          deviceName,
          captchaToken: body.captcha_token,
        } as Credentials);
      }
      return await session.snapshot();
    },
  },
  refresh: {
    method: "POST",
    async answer(_, session) {
      await session.refresh();
      return await session.snapshot();
    },
  },
  revoke: {
    method: "POST",
    async answer(request, session) {
      const { scope, session_id } = await readJson(request);
      if (typeof session_id === "string" && scope === undefined) {
        return { revoked: await session.revoke(session_id) };
      }
      if (
        session_id !== undefined ||
        !["local", "others", "global"].includes(scope as string)
      ) {
        throw invalidRequest(
          "Send either a scope (local, others or global) or a session_id.",
        );
      }
      await session.signOut({ scope: scope as Scope });
      return {};
    },
  },
};

/** The default of the option `basePath`. */
export const BASE_PATH = "/auth";

/**
 * Answers a request for one of the routes.
 *
 * @param basePath The path that the routes are under, such as `/auth`.
 * @param origin As the option of `createServerSession`.
 * @returns Null if the request is for none of them.
 */
export async function answerRoute(
  request: Request,
  session: ServerSession,
  basePath: string,
  origin?: string,
): Promise<Response | null> {
  const route = findRoute(request.url, basePath);
  if (!route) return null;
  const { method, answer } = route;
  try {
    if (request.method !== method) {
      throw new SessionError(
        "method_not_allowed",
        `Send ${method} to this route.`,
        { status: 405 },
      );
    }
    // Over http, browsers send neither header with a GET. A page of another
    // origin cannot add this one, and cannot read the answer.
    const isOwnPage = !request.headers.has("Sec-Fetch-Site") &&
      request.headers.get("Latchkey-Mode") === "server";
    if (method !== "GET" || !isOwnPage) requireOwnOrigin(request, origin);
    return toResponse(await answer(request, session));
  } catch (error) {
    if (!isSessionError(error)) throw error;
    return toErrorResponse(error, { Allow: method });
  }
}

/** The route of a URL, if it is one of these. */
export function findRoute(url: string, basePath: string): Route | undefined {
  const { pathname } = new URL(url);
  const name = pathname.slice(basePath.length + 1);
  return pathname === `${basePath}/${name}` && Object.hasOwn(ROUTES, name)
    ? ROUTES[name]
    : undefined;
}

/** An error as a response, in the format of Latchkey's endpoints. */
export function toErrorResponse(
  error: SessionError,
  { Allow }: { Allow?: string } = {},
): Response {
  const { code, message, transient, reason, details } = error;
  const status = code === "invalid_options"
    ? 500
    // 429 and 5xx keep their meaning; no answer at all is an outage.
    : details.status && details.status >= 400 && code !== "use_dpop_nonce"
    ? details.status
    : 503;
  return toResponse({
    error: code,
    code,
    error_description: message,
    ...reason && { reason },
  }, {
    status,
    headers: {
      ...transient && { "Retry-After": `${details.retryAfter ?? 1}` },
      ...status === 405 && Allow && { Allow },
    },
  });
}

function toResponse(body: unknown, init: ResponseInit = {}): Response {
  return Response.json(body, {
    ...init,
    headers: {
      ...UNCACHEABLE,
      "Cross-Origin-Resource-Policy": "same-origin",
      "X-Content-Type-Options": "nosniff",
      ...init.headers,
    },
  });
}

/**
 * The access token of the header; undefined without one. Other schemes are for
 * others, such as the password of a staging server.
 */
function bearerToken({ headers }: Request): string | undefined {
  const header = headers.get("Authorization") ?? "";
  if (!/^Bearer\b/i.test(header)) return undefined;
  const [, token] = /^Bearer +([^\s,]+)$/i.exec(header) ?? [];
  if (!token) {
    throw invalidRequest(
      "Send the header as Authorization: Bearer <access_token>, once.",
    );
  }
  return token;
}

async function readJson(request: Request): Promise<Record<string, unknown>> {
  const type = request.headers.get("Content-Type") ?? "";
  // A form of another site cannot send this type.
  if (!/^application\/json\b/i.test(type)) {
    throw invalidRequest("Send JSON with Content-Type: application/json.");
  }
  const text = await readText(request);
  try {
    const body = JSON.parse(text);
    if (body && typeof body === "object") return body;
  } catch {
    // The text may contain a password, so the cause is not kept.
  }
  throw invalidRequest("The request body is not a JSON object.");
}

/** Stops reading a body that is too large: a sender need not name its length. */
async function readText({ body }: Request): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > LARGEST_BODY_BYTES) {
      throw new SessionError(
        "invalid_request",
        `The request body is larger than ${LARGEST_BODY_BYTES} bytes.`,
        { status: 413 },
      );
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function invalidRequest(message: string): SessionError {
  return new SessionError("invalid_request", message, { status: 400 });
}
