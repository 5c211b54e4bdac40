/**
 * What an app sets up: one session client, one supabase-js client, and
 * `watch()`, which lets the first learn of the session's end on the Realtime
 * connection of the second.
 *
 * @module
 */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { createSessionClient, type SessionClient } from "supabase-latchkey";
import { timelineFetch } from "./timeline.ts";

/** A device's connection to the stack. */
export interface Connection {
  url: string;
  /** The publishable key. */
  key: string;
  session: SessionClient;
  supabase: SupabaseClient;
}

/**
 * Connects a device. Each device has its own storage key, so the devices in one
 * browser keep separate sessions.
 *
 * Call `session.onChange` right after it to receive the event for the session
 * found in storage.
 *
 * @param key the publishable key
 */
export function connect(device: string, key: string): Connection {
  const url = location.origin;
  const session = createSessionClient({
    url,
    key,
    storageKey: `latchkey.device.${device}`,
    fetch: timelineFetch,
  });
  const supabase = createClient(url, key, {
    accessToken: session.getAccessToken,
    global: { fetch: timelineFetch },
  });
  session.watch(supabase);
  return { url, key, session, supabase };
}

/**
 * Reads the publishable key from the stack that serves this page.
 *
 * @throws {Error} a sentence for the visitor, when the stack does not respond
 */
export async function readKey(): Promise<string> {
  try {
    const response = await fetch("config.json");
    if (!response.ok) throw response;
    return (await response.json()).publishable_key;
  } catch {
    throw new Error("The stack does not respond. Start it, then reload.");
  }
}
