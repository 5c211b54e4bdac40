import { redirect } from "@sveltejs/kit";
import { env } from "$env/dynamic/private";

export async function load({ locals }) {
  const { session, reason } = await locals.session.snapshot({ live: true });
  if (!session) redirect(303, `/sign-in?reason=${reason ?? ""}`);
  return {
    email: session.user.email,
    url: env.PAGE_SUPABASE_URL,
    key: env.SUPABASE_KEY,
  };
}
