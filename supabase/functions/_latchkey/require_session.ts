/**
 * Guards a function, Latchkey's or an app's own: who calls, did they sign in
 * well and recently enough, and does the session still stand?
 *
 * @module
 */
import { AccessTokenVerifier, type Caller } from "./access_token.ts";
import { type Database, openDatabase } from "./database.ts";
import { answer } from "./endpoint.ts";
import { readGuardEnvironment } from "./environment.ts";
import { note } from "./log.ts";
import { Refusal } from "./outcomes.ts";
import { bearerToken } from "./request.ts";

export type { Caller };

/** What a session must be, besides signed in. */
export interface Requirements {
  /** Ask the database whether it still stands, in place of trusting `exp`. */
  live?: boolean;
  /** The authenticator assurance level: `aal2` asks for a second factor. */
  aal?: "aal1" | "aal2" | "aal3";
  /** Seconds since the user last proved who they are, at most. */
  maxAge?: number;
}

/** What the guard works with. */
export interface Guard {
  accessTokens: Pick<AccessTokenVerifier, "verify">;
  database: Database;
}

/**
 * Verifies the access token of a request and asks for what else is required:
 * first what the token itself says, last what costs a call to the database.
 *
 * A function of an app calls it with the first two arguments. It then reads
 * from the environment, at the first call, what the platform gives every
 * function: `SUPABASE_URL`, `SUPABASE_JWKS` if there is one, and with `live`
 * the secret key (or `LATCHKEY_DB_URL`).
 *
 * @returns The caller; or a refusal, which is a `Response` to send as it is:
 * `missing_token`, `invalid_token`, `token_expired`, `invalid_jwt_claims`,
 * `insufficient_aal` (403), `reauthentication_required`, and with `live` also
 * `token_revoked` (with the reason) or `database_unavailable`: a check that
 * cannot be made does not pass.
 * @throws {ConfigurationError} A variable is missing; the message names it.
 * @throws {RangeError} `aal` is none of the levels.
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
 * if (!(caller instanceof Response)) throw new Error("Let in without a token");
 * ```
 * @see RFC 9470 for the challenges of `aal` and `maxAge`.
 */
export async function requireSession(
  request: Request,
  requirements: Requirements = {},
  guard: Guard = appGuard ??= makeGuard(),
): Promise<Caller | Refusal> {
  const caller = await check(request, requirements, guard);
  // An app's function sends it as it is; pages of another origin must read it.
  if (caller instanceof Refusal) answer(caller);
  if (caller instanceof Refusal && guard === appGuard && caller.details.cause) {
    const { code, details: { cause } } = caller;
    console.error(JSON.stringify({ outcome: code, cause }));
  }
  return caller;
}

async function check(
  request: Request,
  { live = false, aal, maxAge }: Requirements,
  guard: Guard,
): Promise<Caller | Refusal> {
  const token = bearerToken(request);
  if (token instanceof Refusal) return token;
  if (token === undefined) return new Refusal("missing_token");
  const caller = await guard.accessTokens.verify(token);
  if (caller instanceof Refusal) return caller;
  note(request, { session_id: caller.sessionId, user_id: caller.userId });
  const tooWeak = requireAal(caller, aal) ?? requireRecent(caller, maxAge);
  if (tooWeak || !live) return tooWeak ?? caller;
  const state = await guard.database.call("session_state", {
    session_id: caller.sessionId,
    user_id: caller.userId,
  });
  if (state instanceof Refusal) return state;
  return state.outcome === "active" ? caller : sessionOver(state);
}

let appGuard: Guard | undefined;

/**
 * Makes a guard out of the environment, of which it reads the least it needs.
 *
 * @param get Looks up a variable; `Deno.env.get` by default.
 * @throws {ConfigurationError} A variable is missing or malformed; the way to
 * the database is looked for only when it is needed.
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

/** A level that is missing or unknown in the token is none. */
function requireAal(
  { claims }: Caller,
  needed: Requirements["aal"],
): Refusal | undefined {
  if (needed === undefined) return;
  const levels: unknown[] = ["aal1", "aal2", "aal3"];
  const least = levels.indexOf(needed);
  // Types do not reach JavaScript, and a typing error must not open the door.
  if (least < 0) throw new RangeError("aal is aal1, aal2 or aal3");
  if (levels.indexOf(claims.aal) >= least) return;
  return new Refusal("insufficient_aal", {
    description:
      `This needs ${needed}: verify another factor, refresh, then retry.`,
    challenge: { acr_values: needed },
  });
}

/**
 * The refusal of a caller whose newest proof of identity, the `amr` claim's
 * newest `timestamp`, is longer ago than `maxAge` seconds, or is not known.
 */
export function requireRecent(
  { claims }: Caller,
  maxAge: number | undefined,
): Refusal | undefined {
  if (maxAge === undefined) return;
  const methods: unknown[] = Array.isArray(claims.amr) ? claims.amr : [];
  const times = methods.map((method) =>
    (method as { timestamp?: unknown } | null)?.timestamp
  ).filter((time) => typeof time === "number");
  if (Date.now() / 1000 - Math.max(0, ...times) <= maxAge) return;
  return new Refusal("reauthentication_required", {
    challenge: { max_age: String(maxAge) },
  });
}

/** The refusal of an app that a user has let in, where it takes the user. */
export function oauthClient(): Refusal {
  return new Refusal("forbidden", {
    description:
      "This access token was made for an OAuth client, which may do less than the user: send the user's own.",
  });
}

/** The refusal for a session that does not stand. */
export function sessionOver(
  { outcome, reason }: { outcome: string | null; reason: string | null },
  { grant = false } = {},
): Refusal {
  switch (outcome) {
    case "revoked":
      return new Refusal("token_revoked", {
        reason: reason ?? undefined,
        grant,
      });
    case "expired":
      // The same end for whoever only holds an access token: sign in again.
      return grant
        ? new Refusal("session_expired", { reason: reason ?? undefined })
        : new Refusal("token_revoked", { reason: "expired" });
    default:
      throw new Error("Unknown state of a session");
  }
}
