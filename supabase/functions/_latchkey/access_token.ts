/**
 * Access tokens: minted with the project's own signing key and the claims of
 * Supabase Auth, so that the Data API, Realtime, Storage and Auth accept them
 * unchanged; and read back, with a refusal that says what is wrong.
 *
 * @see https://supabase.com/docs/guides/auth/jwt-fields
 * @module
 */
import {
  errors,
  importJWK,
  type JWTHeaderParameters,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
  SignJWT,
} from "jose";
import type { Environment, SigningKey } from "./environment.ts";
import { Refusal } from "./outcomes.ts";
import { KeysUnavailable, verificationKeys } from "./verification_keys.ts";

/** An access token that was verified: who calls, in which session. */
export interface Caller {
  userId: string;
  sessionId: string;
  claims: JWTPayload;
  /** Whether Latchkey minted the token, and not Supabase Auth. */
  minted: boolean;
}

/**
 * A header parameter that only our own tokens have, and verifiers ignore. The
 * claims are those of Supabase Auth, and both sign with the same key.
 */
const MINTED = "latchkey";

/** Tokens of these are signed with a private key; `none` is not among them. */
const ASYMMETRIC_ALGORITHMS = ["ES256", "RS256", "EdDSA", "Ed25519"];
const AUDIENCE = "authenticated";
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** Verifies access tokens. */
export class AccessTokenVerifier {
  readonly #keys: JWTVerifyGetKey;
  readonly #algorithms: string[];

  constructor(environment: Parameters<typeof verificationKeys>[0]) {
    this.#keys = verificationKeys(environment);
    const { signingKey } = environment;
    // A symmetric algorithm only where the project's own key is symmetric.
    this.#algorithms = signingKey?.kty === "oct"
      ? [signingKey.alg, ...ASYMMETRIC_ALGORITHMS]
      : ASYMMETRIC_ALGORITHMS;
  }

  /**
   * Checks signature, algorithm and claims. It says nothing about whether the
   * session still stands: that is the live check, which asks the database.
   *
   * @returns The caller, or `invalid_token`, `token_expired`,
   * `invalid_jwt_claims` with the claim's name in the description, or
   * `auth_unavailable` where the key may be a new one and cannot be fetched.
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
    if (typeof sub !== "string" || !UUID.test(sub)) return wrongClaim("sub");
    if (typeof sessionId !== "string" || !UUID.test(sessionId)) {
      return wrongClaim("session_id");
    }
    if (
      typeof role !== "string" || ["", "anon", "service_role"].includes(role)
    ) {
      return wrongClaim("role");
    }
    return { userId: sub, sessionId, claims, minted: header[MINTED] === true };
  }
}

/** Mints access tokens, and verifies them. */
export class AccessTokens extends AccessTokenVerifier {
  readonly #issuer: string;
  readonly #key: SigningKey;
  readonly #signingKey: ReturnType<typeof importJWK>;

  constructor(
    environment:
      & Pick<Environment, "issuer" | "signingKey" | "jwks">
      & Partial<Pick<Environment, "url">>,
  ) {
    super(environment);
    this.#issuer = environment.issuer;
    this.#key = environment.signingKey;
    // Supabase's keys name both operations; WebCrypto takes one per key.
    const { key_ops: _ops, ...privateKey } = this.#key;
    this.#signingKey = importJWK(privateKey, this.#key.alg);
  }

  /**
   * Signs an access token.
   *
   * @param claims As the database made them, with `iat` and `exp` by its clock;
   * `iss` is added where it is missing.
   */
  async mint(claims: JWTPayload): Promise<string> {
    return await new SignJWT({ iss: this.#issuer, ...claims })
      .setProtectedHeader({
        alg: this.#key.alg,
        kid: this.#key.kid,
        typ: "JWT",
        [MINTED]: true,
      })
      .sign(await this.#signingKey);
  }
}

function wrongClaim(claim: string, missing = false): Refusal {
  return new Refusal("invalid_jwt_claims", {
    description: `The claim ${claim} of the access token is ${
      missing ? "missing" : "wrong"
    }. Send the access token of a signed-in user, not an API key.`,
  });
}
