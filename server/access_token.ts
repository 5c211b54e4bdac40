/**
 * Reads and verifies the access token in the cookie.
 *
 * @see https://supabase.com/docs/guides/auth/jwt-fields
 * @module
 */
import {
  compactVerify,
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  decodeProtectedHeader,
  errors,
} from "jose";
import { SessionError } from "../client/errors.ts";
import type { ServerSessionData, SessionUser } from "./types.ts";

/** The claims that every access token of a signed-in user has. */
export interface Claims {
  sub: string;
  session_id: string;
  role: string;
  aud: string;
  iat: number;
  exp: number;
  [name: string]: unknown;
}

/** These sign with a private key. */
const ALGORITHMS = ["ES256", "RS256", "EdDSA", "Ed25519"];
const DEADLINE_MILLISECONDS = 3_000;

/** Published keys by the project's URL; jose caches them for ten minutes. */
const published = new Map<string, ReturnType<typeof createRemoteJWKSet>>();

/** The claims, unverified; null if the text is not such a token. */
export function readClaims(token: string): Claims | null {
  try {
    const claims = decodeJwt<Claims>(token);
    const texts = [claims.sub, claims.session_id, claims.role, claims.aud];
    const isComplete = texts.every((text) => typeof text === "string") &&
      Number.isFinite(claims.iat) && Number.isFinite(claims.exp);
    return isComplete && claims.aud === "authenticated" &&
        !["", "anon", "service_role"].includes(claims.role)
      ? claims
      : null;
  } catch {
    return null;
  }
}

/**
 * Whether only the project can verify the token, because it still signs with
 * the legacy secret.
 */
export function isSymmetric(token: string): boolean {
  try {
    return /^HS/.test(decodeProtectedHeader(token).alg ?? "");
  } catch {
    // A browser can send any cookie.
    return false;
  }
}

/**
 * Verifies the signature. Whether the token has expired is decided where it is
 * refreshed.
 *
 * @throws {SessionError} `auth_unavailable`, transient, if the project's keys
 * cannot be fetched.
 */
export async function isAuthentic(
  token: string,
  url: string,
  fetch: typeof globalThis.fetch,
): Promise<boolean> {
  let keys = published.get(url);
  if (!keys) {
    keys = createRemoteJWKSet(
      new URL(`${url}/auth/v1/.well-known/jwks.json`),
      { timeoutDuration: DEADLINE_MILLISECONDS, [customFetch]: fetch },
    );
    published.set(url, keys);
  }
  try {
    await compactVerify(token, keys, { algorithms: ALGORITHMS });
    return true;
  } catch (cause) {
    if (isInvalid(cause)) return false;
    throw new SessionError(
      "auth_unavailable",
      "The project's public keys cannot be fetched. Try again.",
      { status: 503, cause },
    );
  }
}

function isInvalid(error: unknown): boolean {
  return [
    errors.JWSInvalid,
    errors.JWSSignatureVerificationFailed,
    errors.JOSEAlgNotAllowed,
    errors.JOSENotSupported,
    errors.JWKSNoMatchingKey,
  ].some((type) => error instanceof type);
}

/** The user that the claims describe. */
export function userOf(claims: Claims): SessionUser {
  const text = (name: string) =>
    typeof claims[name] === "string" && claims[name]
      ? { [name]: claims[name] }
      : {};
  return {
    id: claims.sub,
    ...text("email"),
    ...text("phone"),
    role: claims.role,
    aud: claims.aud,
    app_metadata: (claims.app_metadata ?? {}) as Record<string, unknown>,
    user_metadata: (claims.user_metadata ?? {}) as Record<string, unknown>,
    is_anonymous: claims.is_anonymous === true,
  };
}

/**
 * A session as the app and its pages get it.
 *
 * @param now The server's time in milliseconds since 1970. `expires_in` counts
 * from it, so that a page can tell how wrong its own clock is.
 */
export function sessionData(
  accessToken: string,
  claims: Claims,
  now: number,
): ServerSessionData {
  return {
    access_token: accessToken,
    token_type: "bearer",
    expires_in: Math.max(0, claims.exp - Math.floor(now / 1000)),
    expires_at: claims.exp,
    session_id: claims.session_id,
    user: userOf(claims),
  };
}
