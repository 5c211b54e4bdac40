/**
 * Issues access tokens with the project's own signing key and the claims of
 * Supabase Auth, so that the Data API, Realtime, Storage and Auth accept them
 * unchanged.
 *
 * @see https://supabase.com/docs/guides/auth/jwt-fields
 * @module
 */
import { importJWK, type JWTPayload, SignJWT } from "jose";
import { AccessTokenVerifier, ISSUED_BY_LATCHKEY } from "./access_token.ts";
import type { Environment } from "./environment.ts";
import type { SigningKey } from "./guard_environment.ts";

/** Issues access tokens, and verifies them. */
export class AccessTokens extends AccessTokenVerifier {
  readonly #key: SigningKey;
  readonly #signingKey: ReturnType<typeof importJWK>;

  constructor(
    environment:
      & Pick<Environment, "signingKey" | "jwks">
      & Partial<Pick<Environment, "url">>,
  ) {
    super(environment);
    this.#key = environment.signingKey;
    // Supabase's keys name both operations; WebCrypto takes one per key.
    const { key_ops: _ops, ...privateKey } = this.#key;
    this.#signingKey = importJWK(privateKey, this.#key.alg);
  }

  /**
   * Signs an access token.
   *
   * @param claims As `latchkey.claims` built them, with `iat` and `exp` by the
   * database's clock.
   */
  async issue(claims: JWTPayload): Promise<string> {
    return await new SignJWT(claims)
      .setProtectedHeader({
        alg: this.#key.alg,
        kid: this.#key.kid,
        typ: "JWT",
        [ISSUED_BY_LATCHKEY]: true,
      })
      .sign(await this.#signingKey);
  }
}
