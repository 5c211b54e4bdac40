/**
 * The nonce that a DPoP proof must contain if its own time says too little: the
 * client's clock is wrong, or the proof must be younger than the session's last
 * rotation. The server stores no nonce, because each contains what it is for.
 *
 * base64url of
 *
 * | bytes | what |
 * |---|---|
 * | 1 | id of the HMAC key |
 * | 4 | time of issue, seconds since 1970, big endian |
 * | 4 | the session's generation at that time, big endian; 0 for any request |
 * | 32 | HMAC-SHA256 over "latchkey proof nonce", all of the above and, with a generation, the session id |
 *
 * The HMAC keys are those of the refresh tokens. The text before the data keeps
 * the two apart.
 *
 * @see RFC 9449 section 8
 * @module
 */
import { timingSafeEqual } from "node:crypto";
import { fromBase64Url, hmac, toBase64Url, uuidToBytes } from "./bytes.ts";

const ISSUED_AT = 1;
const GENERATION_AT = 5;
const HMAC_AT = 9;
const LENGTH = 41;
const PURPOSE = new TextEncoder().encode("latchkey proof nonce");

/** How long a client may use a nonce. */
const LIFETIME_SECONDS = 60;

/** Issues and reads nonces with the HMAC keys of the refresh tokens. */
export class ProofNonces {
  readonly #keys: Map<number, Uint8Array<ArrayBuffer>>;
  readonly #currentKey: number;

  /**
   * @param keys HMAC keys of at least 32 bytes by key id (0 to 255).
   * @param currentKey The id of the key that signs. The others only verify.
   */
  constructor(keys: Map<number, Uint8Array<ArrayBuffer>>, currentKey: number) {
    this.#keys = keys;
    this.#currentKey = currentKey;
  }

  /**
   * Issues a nonce.
   *
   * @param session If given, the nonce is valid only for this session, and
   * proves that the client made its proof after this generation began.
   * @param now The current time in seconds since 1970.
   */
  issue(
    session?: { sessionId: string; generation: number },
    now: number = Date.now() / 1000,
  ): string {
    const bytes = new Uint8Array(LENGTH);
    const view = new DataView(bytes.buffer);
    bytes[0] = this.#currentKey;
    view.setUint32(ISSUED_AT, Math.floor(now));
    view.setUint32(GENERATION_AT, session?.generation ?? 0);
    bytes.set(this.#hmac(bytes, session?.sessionId)!, HMAC_AT);
    return toBase64Url(bytes);
  }

  /**
   * Reads a nonce and checks its HMAC in constant time.
   *
   * @param sessionId The session of the request; `undefined` if it has none.
   * @param now The current time in seconds since 1970.
   * @returns The generation in the nonce, or null if it has none. `undefined` if
   * the nonce is malformed, forged, too old or of another session.
   */
  read(
    text: string,
    sessionId: string | undefined,
    now: number = Date.now() / 1000,
  ): { generation: number | null } | undefined {
    const bytes = fromBase64Url(text);
    if (bytes?.length !== LENGTH) return undefined;
    const view = new DataView(bytes.buffer);
    const generation = view.getUint32(GENERATION_AT) || null;
    if (generation !== null && sessionId === undefined) return undefined;
    const expected = this.#hmac(bytes, generation ? sessionId : undefined);
    if (!expected || !timingSafeEqual(expected, bytes.subarray(HMAC_AT))) {
      return undefined;
    }
    // Another instance may have issued it, whose clock is ahead.
    const age = now - view.getUint32(ISSUED_AT);
    return Math.abs(age) <= LIFETIME_SECONDS ? { generation } : undefined;
  }

  #hmac(bytes: Uint8Array, sessionId?: string): Uint8Array | undefined {
    const key = this.#keys.get(bytes[0]!);
    return key && hmac(
      key,
      new Uint8Array([
        ...PURPOSE,
        ...bytes.subarray(0, HMAC_AT),
        ...(sessionId ? uuidToBytes(sessionId) : []),
      ]),
    );
  }
}
