import { redirect } from "next/navigation";
import { signOut } from "@/app/login/actions";
import { createClient } from "@/lib/server";
import { addNote } from "./actions";
import { SignedOutElsewhere } from "./signed_out_elsewhere";

export default async function Notes() {
  const supabase = await createClient();
  const { data } = await supabase.auth.getClaims();
  if (!data) redirect("/login");
  const { data: notes } = await supabase.from("notes").select("id, text")
    .order("id", { ascending: false });
  return (
    <main>
      <SignedOutElsewhere />
      <h1>Notes of {data.claims.email}</h1>
      <form action={addNote}>
        <input name="text" aria-label="New note" required />
        <button type="submit">Add</button>
      </form>
      <ul>{notes?.map(({ id, text }) => <li key={id}>{text}</li>)}</ul>
      <form action={signOut}>
        <button type="submit">Sign out</button>
      </form>
    </main>
  );
}
