/**
 * Guards an app's own function: checks who calls, whether their sign-in is
 * strong and recent enough, and whether the session is still active.
 *
 * @module
 */
import { AccessTokenVerifier, type Caller } from "./access_token.ts";
import { checkCaller, type Guard, type Requirements } from "./caller.ts";
import { type Database, openDatabase } from "./database.ts";
import { readGuardEnvironment } from "./guard_environment.ts";
import { Refusal } from "./outcomes.ts";
import { setCommonHeaders, toResponse } from "./response.ts";

export type { Caller, Guard, Requirements };

/**
 * Verifies the access token of a request and checks the other requirements.
 *
 * At the first call it reads the variables that the platform gives every
 * function: `SUPABASE_URL`, `SUPABASE_JWKS` if there is one, and with `live`
 * the secret key (or `LATCHKEY_DB_URL`).
 *
 * @param guard For tests; by default made from the environment.
 * @returns The caller; or the answer to send, whose body has one of these
 * codes: `missing_token`, `invalid_token`, `token_expired`,
 * `invalid_jwt_claims`, `insufficient_aal` (403), `reauthentication_required`,
 * `auth_unavailable`, and with `live` also `token_revoked` (with the reason),
 * `database_unavailable` or `server_misconfigured`. If a check cannot be made,
 * the caller is refused.
 * @throws {ConfigurationError} A variable is missing; the message names it.
 * @throws {RangeError} `aal` is not one of the levels.
 *
 * @example A function of an app
 * ```ts
 * import { requireSession } from "./require_session.ts";
 *
 * const fetch = async (request: Request): Promise<Response> => {
 *   const caller = await requireSession(request, { live: true });
 *   if (caller instanceof Response) return caller;
 *   return Response.json({ hello: caller.userId });
 * };
 * export default { fetch };
 * ```
 *
 * @example A second factor, and a sign-in within the last five minutes
 * ```ts
 * import { requireSession } from "./require_session.ts";
 *
 * Deno.env.set("SUPABASE_URL", "https://example.supabase.co"); // As the platform does.
 * const request = new Request("https://example.com/account", { method: "DELETE" });
 * const requirements = { live: true, aal: "aal2", maxAge: 300 } as const;
 * const caller = await requireSession(request, requirements);
 * if (!(caller instanceof Response)) throw new Error("Accepted without a token");
 * ```
 * @see RFC 9470 for the challenges of `aal` and `maxAge`.
 */
export async function requireSession(
  request: Request,
  requirements: Requirements = {},
  guard: Guard = appGuard ??= makeGuard(),
): Promise<Caller | Response> {
  const caller = await checkCaller(request, requirements, guard);
  if (!(caller instanceof Refusal)) return caller;
  const { code, details: { cause } } = caller;
  if (cause) console.error(JSON.stringify({ outcome: code, cause }));
  const response = toResponse(caller);
  // The app sends this response unchanged, and pages of another origin must be
  // able to read it.
  setCommonHeaders(response);
  return response;
}

let appGuard: Guard | undefined;

/**
 * Creates a guard from the environment.
 *
 * @param get Looks up a variable; `Deno.env.get` by default.
 * @throws {ConfigurationError} A variable is missing or malformed. Those
 * of the database are read when it is first needed.
 */
export function makeGuard(get?: (name: string) => string | undefined): Guard {
  const environment = readGuardEnvironment(get);
  let database: Database | undefined;
  return {
    accessTokens: new AccessTokenVerifier(environment),
    get database() {
      return database ??= openDatabase(environment);
    },
  };
}
