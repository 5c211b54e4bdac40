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
  /** When the server ended the session, in milliseconds since 1970. */
  endedAt(sessionId: string): number | undefined;
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
  const ends = new Map<string, number>();
  const supabase = createClient(url, key, {
    accessToken: session.getAccessToken,
    global: { fetch: timelineFetch },
    realtime: {
      // An app needs none of this. The page wants to know when the server
      // ended the session, to show how long the news took.
      logger(_kind: string, _message: string, data?: Broadcast) {
        if (data?.event !== "session-revoked" || !data.payload) return;
        const { session_id, event_timestamp } = data.payload;
        ends.set(session_id, event_timestamp * 1000);
      },
    },
  });
  session.watch(supabase);
  return { url, key, session, supabase, endedAt: (id) => ends.get(id) };
}

/** The part of a broadcast that is looked at. */
interface Broadcast {
  event?: string;
  payload?: { session_id: string; event_timestamp: number };
}

/**
 * The publishable key, which the stack tells its page.
 *
 * @throws {Error} in words, where the stack does not answer
 */
export async function readKey(): Promise<string> {
  try {
    const response = await fetch("config.json");
    return (await response.json()).publishable_key;
  } catch {
    throw new Error("The stack does not answer: start it, then reload.");
  }
}
