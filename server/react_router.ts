/**
 * `supabase-latchkey/react-router`: sessions for React Router 7.9 or later, as
 * middleware of the root route.
 *
 * @module
 */
import { createContext } from "react-router";
import { createSessionHandler, type SessionHandlerOptions } from "./handler.ts";
import type { ServerSession } from "./types.ts";

export type { ServerSession, SessionHandlerOptions };

/** What a route's `context.get` takes to return the session. */
export interface SessionContext {
  defaultValue?: ServerSession;
}

/** The part of a middleware's arguments that is used here. */
export interface MiddlewareInput {
  request: Request;
  context: { set(context: SessionContext, session: ServerSession): void };
}

/** A middleware of React Router. */
export type SessionMiddleware = (
  input: MiddlewareInput,
  next: () => Promise<Response>,
) => Promise<Response>;

/**
 * The session of the request: `context.get(sessionContext)` in loaders, actions
 * and middleware.
 *
 * @example
 * ```ts ignore
 * export async function loader({ context }: Route.LoaderArgs) {
 *   const session = context.get(sessionContext);
 *   const { session: current, reason } = await session.snapshot({ live: true });
 *   if (!current) throw redirect(`/sign-in?reason=${reason ?? ""}`);
 *   return { user: current.user };
 * }
 * ```
 */
export const sessionContext: SessionContext = createContext<ServerSession>();

/**
 * For a route `auth/*`, which React Router needs in order to call the middleware
 * for the app's routes. The middleware answers them; what it leaves is a 404.
 *
 * @example app/routes.ts and app/routes/auth.ts
 * ```ts ignore
 * route("auth/*", "routes/auth.ts");
 *
 * export { action, loader } from "supabase-latchkey/react-router";
 * ```
 */
export function loader(): Response {
  return new Response("Not found", { status: 404 });
}

/** As `loader`, for requests other than GET. */
export const action: () => Response = loader;

/**
 * Creates the middleware. It sets `sessionContext`, refreshes the session if
 * that is due, and answers the routes for the app's pages.
 *
 * @throws {SessionError} `invalid_options`; the message names the option.
 *
 * @example app/root.tsx
 * ```ts ignore
 * import { createSessionMiddleware } from "supabase-latchkey/react-router";
 *
 * const session = createSessionMiddleware({
 *   url: process.env.SUPABASE_URL!,
 *   key: process.env.SUPABASE_KEY!,
 * });
 * export const middleware: Route.MiddlewareFunction[] = [session];
 * ```
 */
export function createSessionMiddleware(
  options: SessionHandlerOptions,
): SessionMiddleware {
  const withSession = createSessionHandler(options);
  return async ({ request, context }, next) =>
    await withSession(request, (session) => {
      context.set(sessionContext, session);
      return next();
    });
}
