/**
 * The disavow token: with it, the owner of an account says "it wasn't me" about
 * a sign-in, and ends its session without signing in. Only webhook receivers get
 * it, in the event `session.created`.
 *
 * `lkw_` and the base64url of
 *
 * | bytes | what |
 * |---|---|
 * | 1 | version, 1 |
 * | 1 | id of the HMAC key |
 * | 16 | session id |
 * | 4 | expiry, seconds since 1970, big endian |
 * | 32 | HMAC-SHA256 over "latchkey disavow" and all of the above |
 *
 * The HMAC keys are those of the refresh tokens. The text before the data keeps
 * the two kinds of token apart. A forged token is refused without a database
 * call; the session's row records that a token was used.
 *
 * @module
 */
import { timingSafeEqual } from "node:crypto";
import {
  bytesToUuid,
  fromBase64Url,
  hmac,
  toBase64Url,
  uuidToBytes,
} from "./bytes.ts";

const PREFIX = "lkw_";
const VERSION = 1;
const KEY_ID_AT = 1;
const SESSION_AT = 2;
const EXPIRY_AT = 18;
const HMAC_AT = 22;
const LENGTH = 54;
const PURPOSE = new TextEncoder().encode("latchkey disavow");

/** How long after the sign-in a token can be used. */
const LIFETIME_SECONDS = 7 * 24 * 60 * 60;

/** Issues and reads disavow tokens with the HMAC keys of the refresh tokens. */
export class DisavowTokens {
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
   * Issues the token of a session. Repeated calls return the same token, so
   * that a notice that is sent again has the same content.
   *
   * @param createdAt When the user signed in, in seconds since 1970. The token
   * expires seven days later.
   */
  issue(sessionId: string, createdAt: number): string {
    const bytes = new Uint8Array(LENGTH);
    bytes[0] = VERSION;
    bytes[KEY_ID_AT] = this.#currentKey;
    bytes.set(uuidToBytes(sessionId), SESSION_AT);
    new DataView(bytes.buffer).setUint32(
      EXPIRY_AT,
      Math.floor(createdAt) + LIFETIME_SECONDS,
    );
    bytes.set(this.#hmac(bytes)!, HMAC_AT);
    return PREFIX + toBase64Url(bytes);
  }

  /**
   * Reads a token and checks its HMAC in constant time.
   *
   * @param now The current time in seconds since 1970.
   * @returns The session's id, or `undefined` if the token is malformed, forged,
   * expired, or signed with a key that is not on the ring.
   */
  read(text: string, now: number = Date.now() / 1000): string | undefined {
    if (!text.startsWith(PREFIX)) return undefined;
    const bytes = fromBase64Url(text.slice(PREFIX.length));
    if (bytes?.length !== LENGTH || bytes[0] !== VERSION) return undefined;
    const expected = this.#hmac(bytes);
    if (!expected || !timingSafeEqual(expected, bytes.subarray(HMAC_AT))) {
      return undefined;
    }
    const expiry = new DataView(bytes.buffer).getUint32(EXPIRY_AT);
    if (now >= expiry) return undefined;
    return bytesToUuid(bytes.subarray(SESSION_AT, EXPIRY_AT));
  }

  #hmac(bytes: Uint8Array): Uint8Array | undefined {
    const key = this.#keys.get(bytes[KEY_ID_AT]!);
    return key &&
      hmac(key, new Uint8Array([...PURPOSE, ...bytes.subarray(0, HMAC_AT)]));
  }
}

/** Whether a text is meant to be a disavow token. */
export function isDisavowToken(text: string): boolean {
  return text.startsWith(PREFIX);
}
