import { base64url } from "jose";

/** HMAC keys of refresh tokens by key id, as `parseKeyRing` reads them. */
export type KeyRing = Map<number, Uint8Array<ArrayBuffer>>;

/** A ring that is full. */
export class KeyRingError extends Error {
  override name = "KeyRingError";
}

/** The text of `LATCHKEY_REFRESH_TOKEN_KEYS`. */
export function formatKeyRing(ring: KeyRing): string {
  return Array.from(ring, ([id, key]) => `${id}:${base64url.encode(key)}`)
    .join(",");
}

/**
 * A ring with a fresh key in front. The others stay, so that tokens they have
 * signed go on until their next refresh.
 *
 * @throws {KeyRingError} There is no id left.
 */
export function rotateKeyRing(ring: KeyRing): KeyRing {
  if (ring.size === 256) {
    throw new KeyRingError(
      "LATCHKEY_REFRESH_TOKEN_KEYS has 256 keys: remove old ones first.",
    );
  }
  const [current = 0] = ring.keys();
  let id = (current + 1) % 256;
  while (ring.has(id)) id = (id + 1) % 256;
  const key = crypto.getRandomValues(new Uint8Array(32));
  return new Map([[id, key], ...ring]);
}
