import { NotebookPenIcon, Trash2Icon } from "lucide-react";
import type { Metadata } from "next";
import { addNote, deleteNote } from "@/app/notes/actions";
import { PageShell } from "@/components/page-shell";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { requireUser } from "@/lib/session";
import { serverSupabase } from "@/lib/supabase";

export const metadata: Metadata = { title: "Notes" };

export default async function Notes() {
  await requireUser("/notes");
  const { data: notes, error } = await (await serverSupabase())
    .from("notes")
    .select("id, text, created_at")
    .order("id", { ascending: false });
  if (error) throw error;
  return (
    <PageShell>
      <main className="mx-auto w-full max-w-4xl px-4 py-10 sm:px-6">
        <h1 className="text-2xl font-semibold tracking-tight">Notes</h1>
        <form action={addNote} className="mt-6 flex gap-2">
          <Input
            name="text"
            aria-label="New note"
            placeholder="Write a note"
            autoComplete="off"
            maxLength={500}
            required
            // A new note gives the field a new key, and so empties it.
            key={notes[0]?.id}
          />
          <Button type="submit">Add</Button>
        </form>
        {notes.length === 0
          ? (
            <div className="mt-6 flex flex-col items-center rounded-xl border border-dashed px-6 py-16 text-center">
              <NotebookPenIcon
                aria-hidden="true"
                className="size-8 text-muted-foreground"
              />
              <p className="mt-3 font-medium">No notes yet</p>
              <p className="text-sm text-muted-foreground">
                Only you can read what you write here.
              </p>
            </div>
          )
          : (
            <ul className="mt-6 divide-y rounded-xl border bg-card shadow-sm">
              {notes.map(({ id, text }) => (
                <li key={id} className="flex items-center gap-3 py-2 pr-2 pl-5">
                  <p className="min-w-0 flex-1 py-1.5 break-words">{text}</p>
                  <form action={deleteNote}>
                    <input type="hidden" name="id" value={id} />
                    <Button
                      type="submit"
                      variant="ghost"
                      size="icon"
                      aria-label={`Delete ${text}`}
                      className="text-muted-foreground hover:text-destructive"
                    >
                      <Trash2Icon aria-hidden="true" />
                    </Button>
                  </form>
                </li>
              ))}
            </ul>
          )}
      </main>
    </PageShell>
  );
}
