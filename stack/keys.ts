import { base64url, exportJWK, generateKeyPair, type JWK } from "jose";

/**
 * The keys of one project, as a hosted project shows them in its API settings.
 */
export interface Keys {
  /** Private ES256 JWK that signs access tokens. */
  signingKey: JWK;
  /** Ring of refresh token keys, `<id>:<base64url>[,…]`, the current one first. */
  refreshTokenKeys: string;
  /** Key for apps, `sb_publishable_…`. */
  publishableKey: string;
  /** Key for servers and administrators, `sb_secret_…`. */
  secretKey: string;
}

/** Generates a new set of keys. */
export async function generateKeys(): Promise<Keys> {
  return {
    signingKey: await generateSigningKey(),
    refreshTokenKeys: `1:${randomText(32)}`,
    publishableKey: await generateApiKey("sb_publishable"),
    secretKey: await generateApiKey("sb_secret"),
  };
}

/** The public part of a signing key, as a JWKS endpoint serves it. */
export function publicJwk(key: JWK): JWK {
  const { d: _d, key_ops: _keyOps, ...rest } = key;
  return { ...rest, key_ops: ["verify"] };
}

/** `bytes` random bytes as base64url text. */
export function randomText(bytes: number): string {
  return base64url.encode(crypto.getRandomValues(new Uint8Array(bytes)));
}

async function generateSigningKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return {
    ...await exportJWK(privateKey),
    kid: crypto.randomUUID(),
    alg: "ES256",
    use: "sig",
    key_ops: ["sign", "verify"],
  };
}

/** The last eight characters are a checksum, which finds mistyped keys. */
async function generateApiKey(prefix: string): Promise<string> {
  const body = `${prefix}_${randomText(16)}`;
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(body),
  );
  return `${body}_${base64url.encode(new Uint8Array(digest, 0, 6))}`;
}
