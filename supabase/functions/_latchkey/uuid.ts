const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/**
 * Parses a UUID in upper or lower case.
 *
 * @returns The id in lower case, as in tokens and in the database, so that two
 * ids can be compared; `undefined` if the text is not a UUID.
 * @see RFC 9562 section 4.
 *
 * @example
 * ```ts
 * import { parseUuid } from "./uuid.ts";
 *
 * parseUuid("0198F2C4-5B6D-7E8F-9A0B-1C2D3E4F5A6B"); // In lower case.
 * parseUuid("not an id"); // undefined
 * ```
 */
export function parseUuid(text: string): string | undefined {
  const uuid = text.toLowerCase();
  return UUID.test(uuid) ? uuid : undefined;
}
