import { base64url } from "jose";
import { CommandError } from "./errors.ts";

/** HMAC keys of refresh tokens by key id, as `parseKeyRing` reads them. */
export type KeyRing = Map<number, Uint8Array<ArrayBuffer>>;

/** The text of `LATCHKEY_REFRESH_TOKEN_KEYS`. */
export function formatKeyRing(ring: KeyRing): string {
  return Array.from(ring, ([id, key]) => `${id}:${base64url.encode(key)}`)
    .join(",");
}

/**
 * A ring with a new key in front. The others remain, so that the tokens that
 * they signed stay valid until their next refresh.
 *
 * @throws {CommandError} All 256 ids are taken.
 */
export function rotateKeyRing(ring: KeyRing): KeyRing {
  if (ring.size === 256) {
    throw new CommandError(
      "LATCHKEY_REFRESH_TOKEN_KEYS has 256 keys, the most it can hold. Remove " +
        "old keys first. Nothing was changed.",
    );
  }
  const [current = 0] = ring.keys();
  let id = (current + 1) % 256;
  while (ring.has(id)) id = (id + 1) % 256;
  const key = crypto.getRandomValues(new Uint8Array(32));
  return new Map([[id, key], ...ring]);
}
