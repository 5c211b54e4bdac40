/**
 * A client's key, and the DPoP proofs that it signs.
 *
 * @module
 */
import {
  base64url,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  SignJWT,
} from "jose";

/** The id of a new proof, as PostgreSQL writes `bytea`. */
export function newProofId(): string {
  return `\\x${crypto.randomUUID().replaceAll("-", "")}`;
}

/** A key pair for ES256. */
export class ProofKey {
  private constructor(
    readonly functionsUrl: string,
    readonly privateKey: CryptoKey,
    readonly publicJwk: JWK,
    /** As base64url. */
    readonly thumbprint: string,
  ) {}

  /**
   * Generates a pair.
   *
   * @param functionsUrl The URL below which its proofs name the endpoints.
   */
  static async create(functionsUrl: string): Promise<ProofKey> {
    const { privateKey, publicKey } = await generateKeyPair("ES256", {
      extractable: true,
    });
    const publicJwk = await exportJWK(publicKey);
    return new ProofKey(
      functionsUrl,
      privateKey,
      publicJwk,
      await calculateJwkThumbprint(publicJwk),
    );
  }

  /** Imports a pair that another process generated. */
  static async from(
    { privateJwk, publicJwk }: { privateJwk: JWK; publicJwk: JWK },
    functionsUrl: string,
  ): Promise<ProofKey> {
    return new ProofKey(
      functionsUrl,
      await importJWK(privateJwk, "ES256") as CryptoKey,
      publicJwk,
      await calculateJwkThumbprint(publicJwk),
    );
  }

  /** The thumbprint as PostgreSQL writes `bytea`. */
  get jkt(): string {
    return "\\x" + this.#hex(base64url.decode(this.thumbprint));
  }

  /** The claims of a valid proof for an endpoint. */
  claims(endpoint = "refresh"): Record<string, unknown> {
    return {
      jti: crypto.randomUUID(),
      htm: "POST",
      htu: `${this.functionsUrl}/${endpoint}`,
      iat: Math.floor(Date.now() / 1000),
    };
  }

  /** A valid proof for an endpoint, or one with some claims changed. */
  async prove(
    endpoint = "refresh",
    changes: Record<string, unknown> = {},
    header: Record<string, unknown> = {},
  ): Promise<string> {
    return await new SignJWT({ ...this.claims(endpoint), ...changes })
      .setProtectedHeader({
        typ: "dpop+jwt",
        alg: "ES256",
        jwk: this.publicJwk,
        ...header,
      })
      .sign(this.privateKey);
  }

  /** The header with a valid proof for an endpoint. */
  async header(
    endpoint = "refresh",
    changes: Record<string, unknown> = {},
  ): Promise<{ DPoP: string }> {
    return { DPoP: await this.prove(endpoint, changes) };
  }

  #hex(bytes: Uint8Array): string {
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
      .join("");
  }
}
