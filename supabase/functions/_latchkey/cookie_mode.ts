/**
 * Cookie mode: the refresh token is in a cookie that no script can read, and
 * never in a body. A request chooses it with `Latchkey-Mode: cookie`. The
 * project lists the origins that may use it.
 *
 * Two checks prevent cross-site request forgery. Without that header, which no
 * form can send, the cookie is ignored. And the page's origin, which the
 * browser sends, must be on the list.
 *
 * @see RFC 6265bis section 4.1.3.2 for `__Host-`, OWASP's cheat sheet on CSRF
 * for the header and the origin.
 * @module
 */
import type { Context } from "./context.ts";
import { bearerToken } from "./credentials.ts";
import type { Environment } from "./environment.ts";
import { malformed, Refusal } from "./outcomes.ts";
import type { RefreshToken } from "./refresh_token.ts";

/** Chooses how the refresh token travels: `cookie`, or `body` (the default). */
export const MODE_HEADER = "Latchkey-Mode";

/**
 * With this prefix, browsers accept it only for this host, with `Secure` and
 * `Path=/`.
 */
const COOKIE = "__Host-latchkey";

/**
 * The longest time that browsers keep a cookie. The database decides when a
 * session ends.
 */
const MAX_AGE_SECONDS = 400 * 24 * 60 * 60;

/**
 * Whether a request is in cookie mode.
 *
 * @returns A refusal where cookie mode is not allowed: `invalid_request` where
 * the project has not configured it, `forbidden` for a page of another origin.
 */
export function isCookieMode(
  request: Request,
  { cookies }: Pick<Environment, "cookies">,
): boolean | Refusal {
  const mode = request.headers.get(MODE_HEADER) ?? "body";
  if (mode === "body") return false;
  if (mode !== "cookie") return malformed(`${MODE_HEADER} is cookie or body.`);
  if (!cookies) {
    return malformed(
      "Cookie mode is off. Set LATCHKEY_COOKIE_ORIGINS to the origins that may use it.",
    );
  }
  const fetchMode = request.headers.get("Sec-Fetch-Mode") ?? "cors";
  const isAllowed = cookies.origins.includes(
    request.headers.get("Origin") ?? "",
  ) && ["cors", "same-origin"].includes(fetchMode);
  return isAllowed || new Refusal("forbidden", {
    description:
      "This origin may not use cookie mode. Add it to LATCHKEY_COOKIE_ORIGINS.",
  });
}

/**
 * Reads the refresh token in the cookie.
 *
 * A browser may send two cookies of this name (one of them partitioned). If
 * both belong to one session, the newer token counts.
 *
 * @param sessionId If given, only a token of this session counts.
 * @returns The token; `undefined` if there is no authentic one; or a refusal if
 * the request also has an invalid Authorization header, because a bad
 * credential must not fall back to the cookie.
 */
export async function cookieToken(
  request: Request,
  { accessTokens, refreshTokens }: Pick<
    Context,
    "accessTokens" | "refreshTokens"
  >,
  sessionId?: string,
): Promise<RefreshToken | Refusal | undefined> {
  const refusal = await refuseBadAuthorization(request, accessTokens);
  if (refusal) return refusal;
  const values = (request.headers.get("Cookie") ?? "").split(/; */)
    .filter((pair) => pair.startsWith(`${COOKIE}=`))
    .map((pair) => pair.slice(COOKIE.length + 1));
  let found: RefreshToken | undefined;
  // Browsers send no more than this. The limit is needed because each cookie
  // costs an HMAC.
  for (const value of values.slice(0, 4)) {
    const token = refreshTokens.read(value);
    if (!token || (sessionId && token.sessionId !== sessionId)) continue;
    if (
      !found ||
      token.sessionId === found.sessionId &&
        token.generation > found.generation
    ) found = token;
  }
  return found;
}

/** An expired access token is allowed here, because the request replaces it. */
async function refuseBadAuthorization(
  request: Request,
  accessTokens: Context["accessTokens"],
): Promise<Refusal | undefined> {
  const header = request.headers.get("Authorization");
  if (!header) return;
  const token = bearerToken(request);
  if (token instanceof Refusal) return token;
  if (token === undefined) {
    // supabase-js sends the API key as bearer while no user is signed in.
    return /^bearer /i.test(header) ? undefined : malformed(
      "In cookie mode, send no Authorization header or Authorization: Bearer <access_token>.",
    );
  }
  const caller = await accessTokens.verify(token);
  if (caller instanceof Refusal && caller.code !== "token_expired") {
    return caller;
  }
}

/** The `Set-Cookie` header that stores a refresh token. */
export function setCookie(
  token: string,
  environment: Pick<Environment, "cookies">,
): string {
  return serialize(token, MAX_AGE_SECONDS, environment);
}

/** The `Set-Cookie` header that deletes the refresh token. */
export function clearCookie(environment: Pick<Environment, "cookies">): string {
  return serialize("", 0, environment);
}

function serialize(
  value: string,
  maxAge: number,
  { cookies }: Pick<Environment, "cookies">,
): string {
  const sameSite = cookies!.sameSite;
  return `${COOKIE}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; Secure; SameSite=${
    // On other sites, browsers only store a cookie per top-level site.
    sameSite === "None" ? "None; Partitioned" : sameSite}`;
}
