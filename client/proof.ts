/**
 * Proofs that this device holds the key of a session: DPoP, RFC 9449.
 *
 * The JWT is built here and not by a JWT library. A library signs with a
 * WebCrypto key only, and a `ProofKey` may be in a platform's keystore; and it
 * would add more bytes than the rest of the client may still grow.
 *
 * @module
 */
import type { ProofKey } from "./types.ts";

/** The claims of a proof, besides those that `signProof` adds. */
export interface ProofClaims {
  /** The URL of the request, without query and fragment. */
  htu: string;
  /** The time of the request in seconds since 1970. */
  iat: number;
  /** The last nonce of the server, if it asked for one. */
  nonce?: string;
  /** Claims for the server, such as those of a vouching web server. */
  [claim: string]: unknown;
}

/**
 * Signs the proof for one POST request, the value of the header `DPoP`.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-4.2 RFC 9449, 4.2}
 *
 * @example
 * ```ts
 * import { memoryProofKey } from "./proof_key.ts";
 * import { signProof } from "./proof.ts";
 *
 * const proof = await signProof(await memoryProofKey().create(), {
 *   htu: "https://example.supabase.co/functions/v1/refresh",
 *   iat: Math.floor(Date.now() / 1000),
 * });
 * console.log(proof.split(".").length); // 3
 * ```
 */
export async function signProof(
  key: ProofKey,
  claims: ProofClaims,
): Promise<string> {
  const input = [
    { typ: "dpop+jwt", alg: "ES256", jwk: key.publicJwk },
    { jti: uniqueId(), htm: "POST", ...claims },
  ].map((part) => base64url(encode(JSON.stringify(part)))).join(".");
  return `${input}.${base64url(await key.sign(encode(input)))}`;
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

function uniqueId(): string {
  // The id only has to be unique, and React Native has no `crypto`.
  return globalThis.crypto?.randomUUID?.() ??
    `${Math.random()}${Math.random()}`;
}
