import {
  base64url,
  CompactSign,
  compactVerify,
  createLocalJWKSet,
  importJWK,
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from "jose";
import { publicJwk } from "./keys.ts";

/**
 * Access tokens as a hosted project has them: ES256. The embedded Auth reads
 * HS256 only, so it gets the same claims, signed with a secret that never leaves
 * this process.
 */
export interface Tokens {
  /** The content of `/auth/v1/.well-known/jwks.json`. */
  jwks: { keys: JWK[] };
  /** The secret that the embedded services sign and verify with. */
  internalSecret: string;
  /**
   * Verifies a token of this project, its times included.
   *
   * @throws {errors.JOSEError} The token is not valid.
   */
  verify(token: string): Promise<JWTPayload>;
  /**
   * The claims of a token, whose times are not checked; null when the project
   * has not signed it.
   */
  readClaims(token: string): Promise<JWTPayload | null>;
  /** Signs claims as the project does. */
  sign(claims: JWTPayload): Promise<string>;
  /**
   * A token with the same claims for the embedded services; null when the
   * project has not signed it. Times are not checked, so that each service
   * reports "expired" in its own way.
   */
  toInternal(
    token: string,
  ): Promise<{ token: string; claims: JWTPayload } | null>;
  /**
   * The claims of a token that an embedded service has issued.
   *
   * @throws {errors.JOSEError} The service did not issue it.
   */
  fromInternal(token: string): Promise<JWTPayload>;
}

/** Prepares a project's signing key for use. */
export async function createTokens(signingKey: JWK): Promise<Tokens> {
  const { alg, kid } = signingKey;
  if (alg !== "ES256" || !kid || !signingKey.d) {
    throw new Error(
      "LATCHKEY_SIGNING_KEY must be a private ES256 JWK with alg and kid: " +
        "create one with `supabase gen signing-key --algorithm ES256`.",
    );
  }
  const jwks = { keys: [publicJwk(signingKey)] };
  const publicKeys = createLocalJWKSet(jwks);
  // The CLI writes both uses into a private key; WebCrypto takes only "sign".
  const privateKey = await importJWK({ ...signingKey, key_ops: ["sign"] }, alg);
  const internalKey = crypto.getRandomValues(new Uint8Array(32));
  const internalSecret = base64url.encode(internalKey);
  const secret = new TextEncoder().encode(internalSecret);
  const readClaims = async (token: string): Promise<JWTPayload | null> => {
    try {
      const { payload } = await compactVerify(token, publicKeys, {
        algorithms: [alg],
      });
      return JSON.parse(new TextDecoder().decode(payload));
    } catch {
      return null;
    }
  };
  return {
    jwks,
    internalSecret,
    async verify(token) {
      return (await jwtVerify(token, publicKeys, { algorithms: [alg] }))
        .payload;
    },
    sign(claims) {
      return new SignJWT(claims)
        .setProtectedHeader({ alg, kid, typ: "JWT" })
        .sign(privateKey);
    },
    readClaims,
    async toInternal(token) {
      const claims = await readClaims(token);
      if (claims === null) return null;
      const internal = await new CompactSign(
        new TextEncoder().encode(JSON.stringify(claims)),
      )
        .setProtectedHeader({ alg: "HS256", typ: "JWT" })
        .sign(secret);
      return { token: internal, claims };
    },
    async fromInternal(token) {
      return (await jwtVerify(token, secret, { algorithms: ["HS256"] }))
        .payload;
    },
  };
}
