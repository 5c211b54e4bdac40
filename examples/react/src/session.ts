import { createClient } from "@supabase/supabase-js";
import { createSessionClient } from "supabase-latchkey";

const {
  VITE_SUPABASE_URL: url,
  VITE_SUPABASE_PUBLISHABLE_KEY: key,
  VITE_LATCHKEY_PREFIX: functionPrefix = "",
} = import.meta.env as Record<string, string | undefined>;
if (!url || !key) {
  throw new Error("Copy .env.example to .env.local and fill it in.");
}

/** What the list of devices calls this one. */
export const deviceName = /Mobi/.test(navigator.userAgent)
  ? "Phone"
  : "Computer";

/** Keeps the session, and ends when the server ends it. */
export const session = createSessionClient({ url, key, functionPrefix });

/** supabase-js on that session. */
export const supabase = createClient(url, key, {
  auth: session.authOptions({ deviceName }),
});

session.watch(supabase);
