"use server";

import { redirect } from "next/navigation";
import { isSessionError } from "supabase-latchkey/server";
import type { SignInState } from "@/components/sign-in-form";
import { ownPath } from "@/lib/own-path";
import { getServerSession } from "@/lib/session";
import { supabaseAuth } from "@/lib/supabase";

export async function signIn(
  _: SignInState,
  form: FormData,
): Promise<SignInState> {
  const email = String(form.get("email"));
  const password = String(form.get("password"));
  try {
    const session = await getServerSession();
    await session.signIn({ email, password });
  } catch (error) {
    if (isSessionError(error)) return { email, error: error.message };
    throw error;
  }
  redirect(ownPath(form.get("next")));
}

export async function signUp(
  _: SignInState,
  form: FormData,
): Promise<SignInState> {
  const email = String(form.get("email"));
  const password = String(form.get("password"));
  const { data, error } = await supabaseAuth().signUp({ email, password });
  if (error) return { email, error: error.message };
  // Without a session, the user first follows the link in an e-mail.
  if (!data.session) redirect("/sign-in/link?sent");
  const session = await getServerSession();
  await session.adopt(data.session.access_token);
  redirect("/notes");
}

/** Sends an e-mail with a link to /auth/confirm. */
export async function sendLink(form: FormData): Promise<void> {
  const email = String(form.get("email"));
  const { error } = await supabaseAuth().signInWithOtp({
    email,
    options: { shouldCreateUser: false },
  });
  // An unknown address gets the same answer, so that nobody can test addresses.
  if (error?.status === 429) redirect("/sign-in/link?error=wait");
  redirect("/sign-in/link?sent");
}
