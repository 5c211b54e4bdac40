/**
 * Verifies access tokens, Latchkey's and Supabase Auth's.
 *
 * @see https://supabase.com/docs/guides/auth/jwt-fields
 * @module
 */
import {
  errors,
  type JWTHeaderParameters,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
} from "jose";
import { Refusal } from "./outcomes.ts";
import { parseUuid } from "./uuid.ts";
import { KeysUnavailable, verificationKeys } from "./verification_keys.ts";

/** The content of a verified access token: who calls, in which session. */
export interface Caller {
  userId: string;
  sessionId: string;
  claims: JWTPayload;
  /** Whether Latchkey issued the token. Otherwise Supabase Auth did. */
  issuedByLatchkey: boolean;
}

/**
 * A header parameter that only Latchkey's tokens have and that verifiers
 * ignore. It is needed because Supabase Auth's tokens have the same claims and
 * the same key.
 */
export const ISSUED_BY_LATCHKEY = "latchkey";

/** These sign with a private key. `none` is not among them. */
const ASYMMETRIC_ALGORITHMS = ["ES256", "RS256", "EdDSA", "Ed25519"];
const AUDIENCE = "authenticated";

/** Verifies access tokens. */
export class AccessTokenVerifier {
  readonly #keys: JWTVerifyGetKey;
  readonly #algorithms: string[];

  constructor(environment: Parameters<typeof verificationKeys>[0]) {
    this.#keys = verificationKeys(environment);
    const { signingKey } = environment;
    // Accept a symmetric algorithm only if the project's own key is symmetric.
    this.#algorithms = signingKey?.kty === "oct"
      ? [signingKey.alg, ...ASYMMETRIC_ALGORITHMS]
      : ASYMMETRIC_ALGORITHMS;
  }

  /**
   * Checks signature, algorithm and claims. Only the database knows whether the
   * session is still active.
   *
   * @returns The caller, or a refusal: `invalid_token`, `token_expired`,
   * `invalid_jwt_claims` with the claim's name in the description, or
   * `auth_unavailable` if the key may be new and cannot be fetched.
   */
  async verify(token: string): Promise<Caller | Refusal> {
    let claims: JWTPayload;
    let header: JWTHeaderParameters;
    try {
      ({ payload: claims, protectedHeader: header } = await jwtVerify(
        token,
        this.#keys,
        {
          algorithms: this.#algorithms,
          audience: AUDIENCE,
          requiredClaims: ["exp", "sub", "role", "session_id"],
        },
      ));
    } catch (error) {
      if (error instanceof errors.JWTExpired) {
        return new Refusal("token_expired");
      }
      if (error instanceof errors.JWTClaimValidationFailed) {
        return wrongClaim(error.claim, error.reason === "missing");
      }
      if (error instanceof KeysUnavailable) {
        return new Refusal("auth_unavailable");
      }
      if (error instanceof errors.JOSEError) {
        return new Refusal("invalid_token");
      }
      throw error;
    }
    const { sub, session_id: sessionId, role } = claims;
    if (!isUuid(sub)) return wrongClaim("sub");
    if (!isUuid(sessionId)) return wrongClaim("session_id");
    if (
      typeof role !== "string" || ["", "anon", "service_role"].includes(role)
    ) {
      return wrongClaim("role");
    }
    return {
      userId: sub,
      sessionId,
      claims,
      issuedByLatchkey: header[ISSUED_BY_LATCHKEY] === true,
    };
  }
}

/** Supabase Auth writes ids in lower case only. */
function isUuid(value: unknown): value is string {
  return typeof value === "string" && parseUuid(value) === value;
}

function wrongClaim(claim: string, missing = false): Refusal {
  return new Refusal("invalid_jwt_claims", {
    description: `The claim ${claim} of the access token is ${
      missing ? "missing" : "wrong"
    }. Send the access token of a signed-in user, not an API key.`,
  });
}
