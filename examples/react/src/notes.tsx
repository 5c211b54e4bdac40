import { useCallback, useEffect, useState } from "react";
import { supabase } from "./session";

interface Note {
  id: number;
  text: string;
}

/** The user's notes, which the database shows to an active session only. */
export function Notes() {
  const [notes, setNotes] = useState<Note[]>([]);
  const [problem, setProblem] = useState("");

  const load = useCallback(async () => {
    const { data, error } = await supabase.from("notes").select("id, text")
      .order("id", { ascending: false }).overrideTypes<Note[]>();
    setProblem(error?.message ?? "");
    if (data) setNotes(data);
  }, []);
  useEffect(() => void load(), [load]);

  async function change(work: PromiseLike<{ error: Error | null }>) {
    const { error } = await work;
    if (error) setProblem(error.message);
    else await load();
  }

  return (
    <section className="card" aria-labelledby="notes">
      <h2 id="notes">Notes</h2>
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          const text = String(new FormData(form).get("text")).trim();
          if (text === "") return;
          form.reset();
          void change(supabase.from("notes").insert({ text }));
        }}
      >
        <input name="text" aria-label="New note" maxLength={500} />
        <button type="submit" className="primary">Add</button>
      </form>
      <p className="error" role="alert">{problem}</p>
      {notes.length === 0 && <p className="quiet">No notes yet.</p>}
      <ul>
        {notes.map(({ id, text }) => (
          <li key={id}>
            <span>{text}</span>
            <button
              type="button"
              aria-label={`Delete ${text}`}
              onClick={() =>
                void change(supabase.from("notes").delete().eq("id", id))}
            >
              Delete
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
