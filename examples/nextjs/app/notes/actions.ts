"use server";

import { revalidatePath } from "next/cache";
import { requireUser } from "@/lib/session";
import { serverSupabase } from "@/lib/supabase";

export async function addNote(form: FormData): Promise<void> {
  await requireUser("/notes");
  const text = String(form.get("text")).trim();
  if (text === "") return;
  const { error } = await (await serverSupabase()).from("notes").insert({
    text,
  });
  if (error) throw error;
  revalidatePath("/notes");
}

export async function deleteNote(form: FormData): Promise<void> {
  await requireUser("/notes");
  const id = Number(form.get("id"));
  const { error } = await (await serverSupabase()).from("notes").delete().eq(
    "id",
    id,
  );
  if (error) throw error;
  revalidatePath("/notes");
}
