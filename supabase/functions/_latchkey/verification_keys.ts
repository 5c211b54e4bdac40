/**
 * The keys that verify access tokens: the project's own signing key, the keys
 * in `SUPABASE_JWKS`, and otherwise the keys that Supabase Auth publishes, so
 * that a key rotation needs no new deployment.
 *
 * @module
 */
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  type JWTVerifyGetKey,
} from "jose";
import type { GuardEnvironment } from "./guard_environment.ts";

/** The published keys cannot be fetched, so the token cannot be checked. */
export class KeysUnavailable extends Error {
  override name = "KeysUnavailable";
}

const DEADLINE_MILLISECONDS = 3_000;

/**
 * Looks up the key of a token.
 *
 * For an unknown key id, it fetches the published keys, but at most every 30
 * seconds, however many forged tokens arrive. It keeps them for ten minutes.
 *
 * @param environment Without a `url`, only the given keys count.
 * @returns A function that throws `JWKSNoMatchingKey` for a key that is not the
 * project's, and `KeysUnavailable` if it cannot find that out.
 */
export function verificationKeys(
  { url, signingKey, jwks }:
    & Pick<GuardEnvironment, "signingKey" | "jwks">
    & Partial<Pick<GuardEnvironment, "url">>,
): JWTVerifyGetKey {
  const own = signingKey &&
    { ...signingKey, publicKey: importJWK(publicPart(signingKey)) };
  const givenKeys = createLocalJWKSet({
    keys: jwks.filter((key) => key.kty !== "oct").map(publicPart),
  } as JSONWebKeySet);
  const publishedKeys = url === undefined ? undefined : createRemoteJWKSet(
    new URL(`${url}/auth/v1/.well-known/jwks.json`),
    { timeoutDuration: DEADLINE_MILLISECONDS },
  );
  return async (header, token) => {
    // A token that Auth signed with the legacy secret may have no kid.
    if (
      own && header.alg === own.alg &&
      (header.kid === own.kid || own.kty === "oct")
    ) {
      return await own.publicKey;
    }
    try {
      return await givenKeys(header, token);
    } catch (error) {
      if (!publishedKeys || !isUnknown(error)) throw error;
    }
    try {
      return await publishedKeys(header, token);
    } catch (cause) {
      if (isUnknown(cause)) throw cause;
      throw new KeysUnavailable("No key set", { cause });
    }
  };
}

function isUnknown(error: unknown): boolean {
  return error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys;
}

function publicPart(key: JWK): JWK {
  if (key.kty === "oct") return key;
  const {
    d: _d,
    p: _p,
    q: _q,
    dp: _dp,
    dq: _dq,
    qi: _qi,
    key_ops: _ops,
    ...rest
  } = key;
  return rest;
}
