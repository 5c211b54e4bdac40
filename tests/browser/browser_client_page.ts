/**
 * The app in the pages of the browser tests: the client and supabase-js set up
 * as the guide says, where the tests can reach them.
 *
 * @module
 */
import { createClient } from "@supabase/supabase-js";
import { createSessionClient, type SessionEvent } from "../../client/mod.ts";

const parameters = new URLSearchParams(location.search);
const url = parameters.get("url")!;
const key = parameters.get("key")!;
const storageKey = "test-session";

const client = createSessionClient({
  url,
  key,
  storageKey,
  mode: parameters.has("cookie") ? "cookie" : "body",
  locks: parameters.has("without-locks") ? null : undefined,
});
const supabase = createClient(
  url,
  key,
  parameters.has("auth")
    ? { auth: client.authOptions() }
    : { accessToken: client.getAccessToken },
);
const events: SessionEvent[] = [];
client.onChange((event) => void events.push(event));
if (!parameters.has("without-realtime")) client.watch(supabase);

/** The object that the tests call. */
export const app = {
  client,
  supabase,
  events,
  /** Makes the stored access token look expired in all tabs. */
  expire() {
    const record = JSON.parse(localStorage.getItem(storageKey)!);
    record.expires_at -= 24 * 60 * 60;
    localStorage.setItem(storageKey, JSON.stringify(record));
  },
};
Object.assign(globalThis, { app });
