import { createClient } from "@supabase/supabase-js";
import { createSessionClient } from "supabase-latchkey/server/browser";
import { functionPrefix, key, url } from "@/lib/environment";

/** The session in the page: access tokens only, from the routes in /auth. */
export const pageSession = createSessionClient({ url, key, functionPrefix });

/** supabase-js in the page, for Realtime, Storage and queries from components. */
export const pageSupabase = createClient(url, key, {
  accessToken: pageSession.getAccessToken,
});
