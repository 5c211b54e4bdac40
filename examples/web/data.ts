/**
 * Protected data, read in both ways an app has: from its own function with
 * `session.fetch`, and from the Data API with supabase-js.
 *
 * @module
 */
import type { Connection } from "./connection.ts";
import { get, make } from "./dom.ts";
import { sentence } from "./words.ts";

/** Connects the button. */
export function startData(
  { url, session, supabase }: Connection,
  act: (work: () => Promise<unknown>) => Promise<void>,
): { clear(): void } {
  const output = get("data");
  const hint = [...output.children];

  async function profile(): Promise<string> {
    const response = await session.fetch(`${url}/functions/v1/profile`);
    const body = await response.json();
    if (!response.ok) throw new Error(body.error_description);
    return `The profile function knows you as ${body.email}.`;
  }

  async function events(): Promise<string> {
    const { data, error } = await supabase.schema("latchkey")
      .from("session_events").select("event");
    if (error) throw error;
    return `The Data API lists ${data.length} events of your sessions.`;
  }

  async function load(): Promise<void> {
    const lines = await Promise.all(
      [profile, events].map((read) => read().catch(sentence)),
    );
    output.replaceChildren(...lines.map((line) => make("p", {}, line)));
  }

  get("load").addEventListener("click", () => void act(load));
  return { clear: () => output.replaceChildren(...hint) };
}
