import { env } from "$env/dynamic/private";
import { createSessionHandle } from "supabase-latchkey/sveltekit";

export const handle = createSessionHandle({
  url: env.SUPABASE_URL,
  key: env.SUPABASE_KEY,
  serverKey: env.LATCHKEY_SERVER_KEY,
});
