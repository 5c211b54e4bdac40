"use server";

import { redirect } from "next/navigation";
import { createClient } from "@/lib/server";

export async function signIn(form: FormData) {
  const supabase = await createClient();
  const email = String(form.get("email"));
  const password = String(form.get("password"));
  const { error } = await supabase.auth.signInWithPassword({ email, password });
  if (error) redirect(`/login?error=${encodeURIComponent(error.message)}`);
  redirect("/notes");
}

export async function signUp(form: FormData) {
  const supabase = await createClient();
  const email = String(form.get("email"));
  const password = String(form.get("password"));
  const { error } = await supabase.auth.signUp({ email, password });
  if (error) redirect(`/login?error=${encodeURIComponent(error.message)}`);
  redirect("/notes");
}

export async function signOut() {
  const supabase = await createClient();
  await supabase.auth.signOut();
  redirect("/login");
}
