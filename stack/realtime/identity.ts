/** A client's identity: the claims of an access token, or the role of an API key. */

import { errors, type JWTPayload } from "jose";

/** The claims that policies see; `exp` is missing only for an API key. */
export interface Claims extends JWTPayload {
  role: string;
}

/** An accepted credential; `token` is null if it is only the API key. */
export interface Identity {
  token: string | null;
  claims: Claims;
}

/** A refused credential, with Realtime's error text. */
export interface Refusal {
  code: string;
  message: string;
}

/** The project's API keys. */
export interface ApiKeys {
  publishableKey: string;
  secretKey: string;
}

/** Verifies an access token; throws one of jose's errors if it is invalid. */
export type Verify = (token: string) => Promise<JWTPayload>;

/** The identity of an API key, or null if the project has no such key. */
export function identifyApiKey(
  keys: ApiKeys,
  key: string | null,
): Identity | null {
  const role = key === keys.publishableKey
    ? "anon"
    : key === keys.secretKey
    ? "service_role"
    : null;
  return role && { token: null, claims: { iss: "supabase", role } };
}

/** The identity of an access token, or why it is refused. */
export async function identifyToken(
  verify: Verify,
  token: string,
): Promise<Identity | Refusal> {
  try {
    const claims = await verify(token);
    return isComplete(claims) ? { token, claims } : missingClaims;
  } catch (error) {
    if (error instanceof errors.JOSEError) return refusal(error);
    throw error;
  }
}

/** Realtime's error text for a token that expired at `exp` (Unix seconds). */
export function expiredMessage(exp: number): string {
  const age = Math.max(0, Math.floor(Date.now() / 1000) - exp);
  return `Token has expired ${age} seconds ago`;
}

const missingClaims: Refusal = {
  code: "InvalidJWTToken",
  message: "Fields `role` and `exp` are required in JWT",
};

function isComplete(claims: JWTPayload): claims is Claims {
  return typeof claims.role === "string" && typeof claims.exp === "number";
}

function refusal(error: errors.JOSEError): Refusal {
  if (error instanceof errors.JWTExpired) {
    const message = expiredMessage(error.payload.exp ?? 0);
    return { code: "InvalidJWTToken", message };
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.reason === "missing") return missingClaims;
    const message = `Claim \`${error.claim}\` is not valid`;
    return { code: "InvalidJWTToken", message };
  }
  if (
    error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid
  ) {
    return {
      code: "MalformedJWT",
      message: "The token provided is not a valid JWT",
    };
  }
  return {
    code: "JwtSignatureError",
    message: "Failed to validate JWT signature",
  };
}
