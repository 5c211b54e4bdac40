import { redirect } from "@sveltejs/kit";

export async function load({ locals }) {
  // Without a live check: what the cookie says.
  const user = await locals.session.getUser();
  if (!user) redirect(303, "/sign-in");
  return { email: user.email };
}
