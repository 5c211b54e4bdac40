"use server";

import { revalidatePath } from "next/cache";
import { createClient } from "@/lib/server";

export async function addNote(form: FormData) {
  const supabase = await createClient();
  const text = String(form.get("text"));
  const { error } = await supabase.from("notes").insert({ text });
  if (error) throw error;
  revalidatePath("/notes");
}
