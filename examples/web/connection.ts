/**
 * What an app would have: one session client, one supabase-js client, and the
 * line that lets the first hear of the session's end on the socket of the
 * second.
 *
 * @module
 */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { createSessionClient, type SessionClient } from "latchkey";
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
 * Connects a device that has a session of its own: its storage key tells it
 * from the other devices in this browser. Whoever listens at once hears what
 * was found in the storage.
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
 * The publishable key, which the stack tells its page.
 *
 * @throws {Error} in words, where the stack does not answer
 */
export async function readKey(): Promise<string> {
  try {
    const response = await fetch("config.json");
    if (!response.ok) throw response;
    return (await response.json()).publishable_key;
  } catch {
    throw new Error("The stack does not answer: start it, then reload.");
  }
}
