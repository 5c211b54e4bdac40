/**
 * The refresh token: its format, how it is issued and how it is read.
 *
 * `lkr_` and the base64url of
 *
 * | bytes | what |
 * |---|---|
 * | 1 | version, 1 |
 * | 1 | id of the HMAC key |
 * | 16 | session id |
 * | 4 | generation, big endian: how many tokens the session had before |
 * | 16 | seed: random, drawn at login, the same for the session's life |
 * | 32 | HMAC-SHA256 over all of the above |
 *
 * Because of the HMAC, a forged or damaged token is refused without a database
 * call. The database holds sha256(seed) and the generation, so neither a copy
 * of the database nor the HMAC key alone is enough to issue a token. A token
 * contains nothing else, so its successor can be computed again: two tabs, or a
 * retry after a lost answer, get the same one.
 *
 * The seed of an adopted session is derived from a key of the ring and a nonce
 * in the database, so that two tabs that adopt it get the same tokens. Here
 * too, neither the database nor the keys alone are enough.
 *
 * @see RFC 9700 section 4.14.2: rotation, and integrity protection of a session
 * id inside a token.
 * @module
 */

import { createHash, timingSafeEqual } from "node:crypto";
import {
  bytea,
  bytesToUuid,
  fromBase64Url,
  hmac,
  toBase64Url,
  uuidToBytes,
} from "./bytes.ts";

const PREFIX = "lkr_";
const VERSION = 1;
const KEY_ID_AT = 1;
const SESSION_AT = 2;
const GENERATION_AT = 18;
const SEED_AT = 22;
const HMAC_AT = 38;
const LENGTH = 70;
const SEED_LENGTH = HMAC_AT - SEED_AT;
const ADOPTION_NONCE_LENGTH = 17;

/** The last generation that has a successor in the database's integer. */
export const MAX_GENERATION = 2 ** 31 - 2;

/** The content of an authentic refresh token. */
export interface RefreshToken {
  /** `auth.sessions.id`. */
  sessionId: string;
  /** How many tokens this session had before this one. */
  generation: number;
  /** 16 bytes, drawn at login or derived at adoption. */
  seed: Uint8Array<ArrayBuffer>;
}

/** Issues and reads refresh tokens with a ring of HMAC keys. */
export class RefreshTokens {
  readonly #keys: Map<number, Uint8Array<ArrayBuffer>>;
  readonly #currentKey: number;

  /**
   * @param keys HMAC keys of at least 32 bytes by key id (0 to 255).
   * @param currentKey The id of the key that signs. The others only verify.
   */
  constructor(keys: Map<number, Uint8Array<ArrayBuffer>>, currentKey: number) {
    this.#currentKey = currentKey;
    this.#keys = keys;
  }

  /** Encodes and signs a token with the current key. */
  issue(token: RefreshToken): string {
    const bytes = new Uint8Array(LENGTH);
    bytes[0] = VERSION;
    bytes[KEY_ID_AT] = this.#currentKey;
    bytes.set(uuidToBytes(token.sessionId), SESSION_AT);
    new DataView(bytes.buffer).setUint32(GENERATION_AT, token.generation);
    bytes.set(token.seed, SEED_AT);
    const key = this.#keys.get(this.#currentKey)!;
    bytes.set(hmac(key, bytes.subarray(0, HMAC_AT)), HMAC_AT);
    return PREFIX + toBase64Url(bytes);
  }

  /**
   * Decodes a token and checks its HMAC in constant time.
   *
   * @returns The token, or `undefined` if it is malformed, forged, or signed
   * with a key that is not on the ring.
   */
  read(text: string): RefreshToken | undefined {
    if (!text.startsWith(PREFIX)) return undefined;
    const bytes = fromBase64Url(text.slice(PREFIX.length));
    if (bytes?.length !== LENGTH || bytes[0] !== VERSION) return undefined;
    const key = this.#keys.get(bytes[KEY_ID_AT]!);
    if (!key) return undefined;
    const expected = hmac(key, bytes.subarray(0, HMAC_AT));
    if (!timingSafeEqual(expected, bytes.subarray(HMAC_AT))) return undefined;
    return {
      sessionId: bytesToUuid(bytes.subarray(SESSION_AT, GENERATION_AT)),
      generation: new DataView(bytes.buffer).getUint32(GENERATION_AT),
      seed: bytes.slice(SEED_AT, HMAC_AT),
    };
  }

  /** The nonce of an adoption: the id of the current key, and 16 random bytes. */
  newAdoptionNonce(): Uint8Array<ArrayBuffer> {
    const nonce = crypto.getRandomValues(new Uint8Array(ADOPTION_NONCE_LENGTH));
    nonce[0] = this.#currentKey;
    return nonce;
  }

  /**
   * Derives the seed of an adopted session.
   *
   * @param nonce As `newAdoptionNonce` made it.
   * @returns The seed, or `undefined` if the nonce's key is not on the ring.
   */
  adoptedSeed(
    sessionId: string,
    nonce: Uint8Array<ArrayBuffer>,
  ): Uint8Array<ArrayBuffer> | undefined {
    const key = this.#keys.get(nonce[0]!);
    if (!key) return undefined;
    const derived = hmac(
      key,
      new Uint8Array([
        // Differs from the data of any token, because the same key signs
        // tokens.
        ...new TextEncoder().encode("latchkey adopt"),
        ...uuidToBytes(sessionId),
        ...nonce.subarray(1),
      ]),
    );
    return derived.slice(0, SEED_LENGTH);
  }
}

/** A random seed for a new session. */
export function newSeed(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(SEED_LENGTH));
}

/**
 * The hash of a seed that the database keeps, as PostgreSQL writes `bytea`. It
 * is computed here, so that the seed never appears in a statement or its log.
 */
export function hashSeed(seed: Uint8Array): string {
  return bytea(createHash("sha256").update(seed).digest());
}
