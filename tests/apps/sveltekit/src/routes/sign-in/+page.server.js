import { fail, redirect } from "@sveltejs/kit";
import { isSessionError } from "supabase-latchkey/server";

export function load({ url }) {
  return { reason: url.searchParams.get("reason") };
}

export const actions = {
  async in({ request, locals }) {
    const { email, password } = Object.fromEntries(await request.formData());
    try {
      await locals.session.signIn({ email, password });
    } catch (error) {
      if (isSessionError(error)) return fail(400, { message: error.message });
      throw error;
    }
    redirect(303, "/");
  },
  async out({ locals }) {
    await locals.session.signOut();
    redirect(303, "/sign-in");
  },
};
