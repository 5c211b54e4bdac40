/**
 * `supabase-latchkey/next`: sessions for Next.js 16, in `proxy.ts`, server
 * components, route handlers and server actions.
 *
 * @module
 */
import { cookies, headers } from "next/headers";
import { type NextRequest, NextResponse } from "next/server";
import { UNCACHEABLE } from "./cookie.ts";
import type { SessionHandlerOptions } from "./handler.ts";
import { answerRoute, BASE_PATH } from "./routes.ts";
import { checkOptions, createServerSession } from "./session.ts";
import type { CookieToSet, ServerSession } from "./types.ts";

export type { SessionHandlerOptions };

/** The sessions of a Next.js app. */
export interface NextSessions {
  /**
   * The session of the current request, for server components, route handlers
   * and server actions. Within one request it returns the same object.
   */
  getServerSession(): Promise<ServerSession>;
  /**
   * Handles a request in `proxy.ts`: refreshes the session if that is due, so
   * that the page that is rendered and the browser get the new cookie, and
   * answers the routes for the app's pages.
   *
   * @param respond Makes the response from the request, whose cookies are the
   * new ones. Pass the request on: `NextResponse.next({ request })`. Default:
   * that.
   */
  handleProxy(
    request: NextRequest,
    respond?: (
      request: NextRequest,
      session: ServerSession,
    ) => Response | Promise<Response>,
  ): Promise<Response>;
}

/**
 * Creates the sessions of a Next.js app.
 *
 * @throws {SessionError} `invalid_options`; the message names the option.
 *
 * @example lib/latchkey.ts
 * ```ts ignore
 * import { createNextSessions } from "supabase-latchkey/next";
 *
 * export const { getServerSession, handleProxy } = createNextSessions({
 *   url: process.env.NEXT_PUBLIC_SUPABASE_URL!,
 *   key: process.env.NEXT_PUBLIC_SUPABASE_PUBLISHABLE_KEY!,
 * });
 * ```
 *
 * @example proxy.ts
 * ```ts ignore
 * import type { NextRequest } from "next/server";
 * import { handleProxy } from "./lib/latchkey";
 *
 * export const proxy = (request: NextRequest) => handleProxy(request);
 * export const config = {
 *   matcher: ["/((?!_next/static|_next/image|favicon.ico).*)"],
 * };
 * ```
 *
 * @example A server component
 * ```ts ignore
 * const session = await getServerSession();
 * const { session: current, reason } = await session.snapshot({ live: true });
 * if (!current) redirect(`/sign-in?reason=${reason ?? ""}`);
 * ```
 */
export function createNextSessions(
  { basePath = BASE_PATH, ...options }: SessionHandlerOptions,
): NextSessions {
  // `next build` loads the app's modules too, and needs no secret.
  if (!isBuild()) checkOptions(options);
  /** By Next's cookie jar, which is the same for one request. */
  const sessions = new WeakMap<object, ServerSession>();
  return {
    async getServerSession() {
      const jar = await cookies();
      const known = sessions.get(jar);
      if (known) return known;
      const session = createServerSession({
        ...options,
        request: { headers: new Headers(await headers()) },
        cookies: {
          getAll: () => jar.getAll(),
          setAll(changes) {
            try {
              for (const { name, value, options } of changes) {
                jar.set(name, value, options);
              }
            } catch {
              // A server component cannot set cookies. The proxy of the next
              // request does.
            }
          },
        },
      });
      sessions.set(jar, session);
      return session;
    },

    async handleProxy(
      request,
      respond = (request) => NextResponse.next({ request }),
    ) {
      const changes = new Map<string, CookieToSet>();
      const session = createServerSession({
        ...options,
        request,
        cookies: {
          getAll: () => request.cookies.getAll(),
          setAll(cookies) {
            for (const cookie of cookies) {
              changes.set(cookie.name, cookie);
              // The page that is rendered reads the request.
              if (cookie.options.maxAge > 0) {
                request.cookies.set(cookie.name, cookie.value);
              } else request.cookies.delete(cookie.name);
            }
          },
        },
      });
      await session.getAccessToken().catch(() => {});
      const answer =
        await answerRoute(request, session, basePath, options.origin) ??
          await respond(request, session);
      if (changes.size === 0) return answer;
      const response = answer instanceof NextResponse
        ? answer
        : new NextResponse(answer.body, answer);
      for (const { name, value, options } of changes.values()) {
        response.cookies.set(name, value, options);
      }
      for (const [name, value] of Object.entries(UNCACHEABLE)) {
        response.headers.set(name, value);
      }
      return response;
    },
  };
}

function isBuild(): boolean {
  return (globalThis as {
    process?: { env: Record<string, string | undefined> };
  })
    .process?.env.NEXT_PHASE === "phase-production-build";
}
