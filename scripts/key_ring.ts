import { base64url } from "jose";

/** A ring that is malformed, or full. The message never quotes a key. */
export class KeyRingError extends Error {
  override name = "KeyRingError";
}

/** One HMAC key of refresh tokens. */
export interface RingKey {
  /** 0 to 255: the key id inside the token. */
  id: number;
  key: Uint8Array<ArrayBuffer>;
}

/**
 * Reads `LATCHKEY_REFRESH_TOKEN_KEYS`, `"2:<base64url>,1:<base64url>"`: the
 * first key signs, all of them verify.
 *
 * @throws {KeyRingError} naming the entry that is wrong
 */
export function parseKeyRing(text: string): RingKey[] {
  const ring = text.split(",").map((entry, i) => {
    const [, id, encoded] = /^\s*(\d{1,3}):([A-Za-z0-9_-]{43,})\s*$/
      .exec(entry) ?? [];
    if (!id || !encoded || Number(id) > 255) {
      throw new KeyRingError(
        `Entry ${i + 1} of LATCHKEY_REFRESH_TOKEN_KEYS is not ` +
          "<id from 0 to 255>:<base64url of at least 32 bytes>.",
      );
    }
    return { id: Number(id), key: new Uint8Array(base64url.decode(encoded)) };
  });
  const twice = ring.find(({ id }, i) =>
    ring.findIndex((key) => key.id === id) !== i
  );
  if (twice) {
    throw new KeyRingError(
      `LATCHKEY_REFRESH_TOKEN_KEYS has the key id ${twice.id} twice.`,
    );
  }
  return ring;
}

/** The text that {@link parseKeyRing} reads. */
export function formatKeyRing(ring: RingKey[]): string {
  return ring.map(({ id, key }) => `${id}:${base64url.encode(key)}`).join(",");
}

/**
 * A ring with a fresh key in front. The others stay, so that tokens they have
 * signed go on until their next refresh.
 *
 * @throws {KeyRingError} There is no id left.
 */
export function rotateKeyRing(ring: RingKey[]): RingKey[] {
  const ids = new Set(ring.map(({ id }) => id));
  let id = ((ring[0]?.id ?? 0) + 1) % 256;
  while (ids.has(id)) {
    if (ids.size === 256) {
      throw new KeyRingError(
        "LATCHKEY_REFRESH_TOKEN_KEYS has 256 keys: remove old ones first.",
      );
    }
    id = (id + 1) % 256;
  }
  return [{ id, key: crypto.getRandomValues(new Uint8Array(32)) }, ...ring];
}
