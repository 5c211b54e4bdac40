/**
 * What happened on this device, newest first.
 *
 * @module
 */
import { get, make } from "./dom.ts";

const MOST_ENTRIES = 100;

/** Writes a sentence into the timeline. */
export function note(text: string, kind: "event" | "request" = "event"): void {
  const now = new Date();
  const time = make(
    "time",
    { dateTime: now.toISOString() },
    now.toLocaleTimeString([], { hour12: false }),
  );
  const list = get("timeline");
  list.prepend(make("li", { className: kind }, time, " ", text));
  list.children[MOST_ENTRIES]?.remove();
}

/** `fetch` that leaves a line: the path and the answer, never a token. */
export const timelineFetch: typeof fetch = async (input, init) => {
  const { url, method } = input instanceof Request
    ? input
    : { url: input, method: init?.method ?? "GET" };
  const request = `${method} ${new URL(url, location.href).pathname}`;
  const start = performance.now();
  try {
    const response = await fetch(input, init);
    const milliseconds = Math.round(performance.now() - start);
    note(`${request}: ${response.status} in ${milliseconds} ms`, "request");
    return response;
  } catch (error) {
    note(`${request}: no answer`, "request");
    throw error;
  }
};
