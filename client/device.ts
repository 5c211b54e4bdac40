/**
 * The id by which the server recognizes this device at a sign-in.
 *
 * @module
 */
import type { SessionStorage } from "./types.ts";

/** Ids that the server accepts, and that no app writes by accident. */
const ID = /^[\x21-\x7e]{1,128}$/;

/**
 * Reads the device's id, and creates it where there is none: 128 random bits. In
 * private mode, or after the user has cleared the storage, the device is a new
 * one to the server. Nothing else depends on the id.
 *
 * @param storage Where it is kept. It outlives the session.
 * @returns The id, or undefined if the storage or the runtime cannot keep one.
 *
 * @example
 * ```ts
 * import { deviceId } from "./device.ts";
 *
 * const items = new Map<string, string>();
 * const storage = {
 *   getItem: (key: string) => items.get(key) ?? null,
 *   setItem: (key: string, value: string) => items.set(key, value),
 *   removeItem: (key: string) => items.delete(key),
 * };
 * const id = await deviceId(storage, "latchkey.example.supabase.co.device");
 * console.log(id === [...items.values()][0]); // true
 * ```
 */
export async function deviceId(
  storage: SessionStorage,
  key: string,
): Promise<string | undefined> {
  try {
    const stored = await storage.getItem(key);
    if (stored !== null && ID.test(stored)) return stored;
    // randomUUID() exists only in pages that are served over https.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    await storage.setItem(
      key,
      Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""),
    );
    // Another tab may have written one at the same moment. A storage that drops
    // what it is given has none, and a device that is new each time is no help.
    return await storage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}
