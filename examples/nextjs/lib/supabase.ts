import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { key, url } from "@/lib/environment";
import { getServerSession } from "@/lib/session";

/** supabase-js as the user of this request, so that row level security applies. */
export async function serverSupabase(): Promise<SupabaseClient> {
  const { getAccessToken } = await getServerSession();
  return createClient(url, key, { accessToken: getAccessToken });
}

/** Supabase Auth, which keeps nothing here: its sessions are adopted. */
export function supabaseAuth(): SupabaseClient["auth"] {
  return createClient(url, key, {
    auth: {
      persistSession: false,
      autoRefreshToken: false,
      detectSessionInUrl: false,
    },
  }).auth;
}
