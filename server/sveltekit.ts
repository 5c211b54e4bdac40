/**
 * `supabase-latchkey/sveltekit`: sessions for SvelteKit, in `hooks.server.ts`.
 *
 * @module
 */
import { keepPrivate } from "./cookie.ts";
import { createSessionHandler, type SessionHandlerOptions } from "./handler.ts";
import { BASE_PATH, findRoute } from "./routes.ts";
import { createServerSession } from "./session.ts";
import type { Cookie, CookieToSet, ServerSession } from "./types.ts";

export type { ServerSession, SessionHandlerOptions };

/** The part of SvelteKit's `RequestEvent` that is used here. */
export interface SvelteKitEvent {
  cookies: {
    getAll(): Cookie[];
    set(name: string, value: string, options: CookieToSet["options"]): void;
  };
  locals: object;
  request: Request;
  url: URL;
}

/** A `Handle` of SvelteKit. */
export type SessionHandle = <Event extends SvelteKitEvent>(input: {
  event: Event;
  resolve(event: Event): Response | Promise<Response>;
}) => Promise<Response>;

/**
 * Creates the `handle` hook. It sets `event.locals.session`, refreshes the
 * session if that is due, and answers the routes for the app's pages. Combine it
 * with others by SvelteKit's `sequence`, and put it first.
 *
 * @throws {SessionError} `invalid_options`; the message names the option.
 *
 * @example hooks.server.ts
 * ```ts ignore
 * import { env } from "$env/dynamic/private";
 * import { PUBLIC_SUPABASE_KEY, PUBLIC_SUPABASE_URL } from "$env/static/public";
 * import { createSessionHandle } from "supabase-latchkey/sveltekit";
 *
 * export const handle = createSessionHandle({
 *   url: PUBLIC_SUPABASE_URL,
 *   key: PUBLIC_SUPABASE_KEY,
 *   serverKey: env.LATCHKEY_SERVER_KEY,
 * });
 * ```
 *
 * @example app.d.ts
 * ```ts ignore
 * import type { ServerSession } from "supabase-latchkey/server";
 *
 * declare global {
 *   namespace App {
 *     interface Locals {
 *       session: ServerSession;
 *     }
 *   }
 * }
 * ```
 */
export function createSessionHandle(
  { basePath = BASE_PATH, ...options }: SessionHandlerOptions,
): SessionHandle {
  const answerRoute = createSessionHandler({ ...options, basePath });
  return async ({ event, resolve }) => {
    const url = event.url.href;
    if (findRoute(url, basePath)) {
      // SvelteKit adds the cookies of `event.cookies` only to its own responses.
      return await answerRoute(event.request, () => resolve(event));
    }
    let setsCookie = false;
    const session = createServerSession({
      ...options,
      request: { headers: event.request.headers, url },
      cookies: {
        getAll: () => event.cookies.getAll(),
        setAll(cookies) {
          setsCookie = true;
          for (const { name, value, options } of cookies) {
            event.cookies.set(name, value, options);
          }
        },
      },
    });
    Object.assign(event.locals, { session });
    // Before the page is rendered, because a response that streams cannot set
    // cookies any more.
    await session.getAccessToken().catch(() => {});
    return keepPrivate(event.request, await resolve(event), setsCookie);
  };
}
