/**
 * `supabase-latchkey/functions`: the guard for an app's own functions and
 * servers, on Deno and Node.js.
 *
 * @module
 */
import {
  type Caller,
  type Requirements,
  requireSession as guard,
} from "../supabase/functions/_latchkey/require_session.ts";

export type { Caller, Requirements };

/**
 * Verifies the access token of a request, and with `live` asks the database
 * whether the session is still active.
 *
 * It reads the environment variables that the platform gives every Edge
 * Function: `SUPABASE_URL`, optionally `SUPABASE_JWKS`, and with `live` the
 * secret key (`SUPABASE_SECRET_KEYS`) or `LATCHKEY_DB_URL`.
 *
 * @returns The caller, or a `Response` to return as it is: 401, 403 or 503 with
 * Latchkey's error body.
 * @throws {Error} If a variable is missing; the message names it.
 *
 * @example
 * ```ts ignore
 * import { requireSession } from "supabase-latchkey/functions";
 *
 * export default {
 *   async fetch(request: Request): Promise<Response> {
 *     const caller = await requireSession(request, { live: true });
 *     if (caller instanceof Response) return caller;
 *     return Response.json({ hello: caller.userId });
 *   },
 * };
 * ```
 */
export const requireSession: (
  request: Request,
  requirements?: Requirements,
) => Promise<Caller | Response> = (request, requirements) =>
  guard(request, requirements);
