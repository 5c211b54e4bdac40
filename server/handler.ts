/**
 * The plain form, from `Request` to `Response`, which Hono, Astro, Nuxt,
 * TanStack Start and others use.
 *
 * @module
 */
import { parseCookie, stringifySetCookie } from "cookie";
import { isSessionError } from "../client/errors.ts";
import { keepPrivate } from "./cookie.ts";
import { answerRoute, BASE_PATH, toErrorResponse } from "./routes.ts";
import { checkOptions, createServerSession } from "./session.ts";
import type { CookieToSet, ServerOptions, ServerSession } from "./types.ts";

/** Options of `createSessionHandler`. */
export interface SessionHandlerOptions extends ServerOptions {
  /** The path of the routes for the app's pages. Default: `/auth`. */
  basePath?: string;
}

/** Answers a request with its session. */
export type SessionHandler = (
  request: Request,
  respond: (session: ServerSession) => Response | Promise<Response>,
) => Promise<Response>;

/**
 * Creates the function that answers requests with their session: it refreshes
 * the session if that is due, answers the routes for the app's pages, calls the
 * app for all others, and sets the cookies of the response.
 *
 * @throws {SessionError} `invalid_options`; the message names the option.
 *
 * @example An app of its own
 * ```ts
 * import { createSessionHandler } from "./mod.ts";
 *
 * const pair = await crypto.subtle.generateKey(
 *   { name: "ECDSA", namedCurve: "P-256" },
 *   true,
 *   ["sign"],
 * );
 * const withSession = createSessionHandler({
 *   url: "https://example.supabase.co",
 *   key: "sb_publishable_example",
 *   serverKey: await crypto.subtle.exportKey("jwk", pair.privateKey),
 * });
 * const app = (request: Request) =>
 *   withSession(request, async (session) => {
 *     const user = await session.getUser();
 *     return new Response(user ? `Hello, ${user.email}` : "Please sign in.");
 *   });
 * const response = await app(new Request("https://app.example.com/"));
 * console.log(await response.text()); // Please sign in.
 * ```
 *
 * @example Hono
 * ```ts ignore
 * app.use(async (c, next) => {
 *   c.res = await withSession(c.req.raw, async (session) => {
 *     c.set("session", session);
 *     await next();
 *     return c.res;
 *   });
 * });
 * ```
 */
export function createSessionHandler(
  { basePath = BASE_PATH, ...options }: SessionHandlerOptions,
): SessionHandler {
  checkOptions(options);
  return async (request, respond) => {
    const cookies = new RequestCookies(request);
    const session = createServerSession({ ...options, request, cookies });
    // Before the app answers, because a response that streams cannot set cookies
    // any more.
    await session.getAccessToken().catch(() => {});
    const answer = () => respond(session);
    const response =
      await answerRoute(request, session, basePath, options.origin) ??
        await orUnavailable(answer);
    return cookies.setOn(response);
  };
}

/** Answers 503 if the app could not find out who is signed in. */
async function orUnavailable(
  answer: () => Response | Promise<Response>,
): Promise<Response> {
  try {
    return await answer();
  } catch (error) {
    if (isSessionError(error) && error.transient) return toErrorResponse(error);
    throw error;
  }
}

/** The cookies of a request, and those to set on its response. */
class RequestCookies {
  readonly #cookies: Map<string, string>;
  readonly #set = new Map<string, CookieToSet>();

  constructor(readonly request: Request) {
    const header = request.headers.get("Cookie") ?? "";
    this.#cookies = new Map(
      Object.entries(parseCookie(header)) as [string, string][],
    );
  }

  getAll = () => [...this.#cookies].map(([name, value]) => ({ name, value }));

  setAll = (cookies: CookieToSet[]) => {
    for (const cookie of cookies) {
      this.#set.set(cookie.name, cookie);
      if (cookie.options.maxAge > 0) {
        this.#cookies.set(cookie.name, cookie.value);
      } else this.#cookies.delete(cookie.name);
    }
  };

  setOn(response: Response): Response {
    const changed = keepPrivate(this.request, response, this.#set.size > 0);
    for (const { name, value, options } of this.#set.values()) {
      changed.headers.append(
        "Set-Cookie",
        stringifySetCookie(name, value, options),
      );
    }
    return changed;
  }
}
