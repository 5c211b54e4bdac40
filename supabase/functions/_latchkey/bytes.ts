/**
 * Bytes as text, and their HMAC.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";

/** Bytes as PostgreSQL writes `bytea`. */
export function bytea(bytes: Uint8Array): string {
  return "\\x" + toHex(bytes);
}

/** Reads `bytea` as PostgreSQL writes it. */
export function fromBytea(text: string): Uint8Array<ArrayBuffer> {
  return fromHex(text.slice(2));
}

/** The 16 bytes of a UUID. */
export function uuidToBytes(uuid: string): Uint8Array {
  return fromHex(uuid.replaceAll("-", ""));
}

/** A UUID from its 16 bytes. */
export function bytesToUuid(bytes: Uint8Array): string {
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Bytes as base64url without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

/**
 * Reads base64url. It accepts exactly one text for the same bytes: no padding,
 * no stray low bits. Buffer is more lenient, and differs between runtimes.
 *
 * @returns The bytes, or `undefined` for any other text.
 */
export function fromBase64Url(
  text: string,
): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  return toBase64Url(bytes) === text ? bytes : undefined;
}

/**
 * HMAC-SHA256. It does not use WebCrypto, because its promises take longer than
 * hashing these few bytes.
 */
export function hmac(
  key: Uint8Array,
  message: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHmac("sha256", key).update(message).digest());
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(hex, "hex"));
}
