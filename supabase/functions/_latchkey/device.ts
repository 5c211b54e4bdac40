/**
 * The device id: a random text that a client keeps in its storage and sends at
 * sign-in, so that a sign-in on a new device is noticed.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { bytea } from "./bytes.ts";

/** The longest device id, in characters. */
export const MAX_DEVICE_ID_LENGTH = 128;

/**
 * The hash of a device id that the database keeps, as PostgreSQL writes `bytea`.
 * It includes the user's id, so that the rows of two users do not show that they
 * share a device.
 *
 * @returns The hash, or null if the client sent no id.
 */
export function hashDevice(
  userId: string,
  deviceId: string | undefined,
): string | null {
  if (!deviceId) return null;
  const hash = createHash("sha256").update(`${userId} ${deviceId}`).digest();
  return bytea(hash);
}
