/**
 * What happened on this device, newest first.
 *
 * @module
 */
import { get, make } from "./dom.ts";

const MAXIMUM_ENTRIES = 100;

/** Entries shown before the visitor asks for all; style.css hides the rest. */
const LATEST_ENTRIES = 6;

const list = get("timeline");
const button = get("all-entries");

button.addEventListener("click", () => {
  const isExpanded = list.classList.toggle("all");
  button.ariaExpanded = String(isExpanded);
  showButton();
});

/** Writes a sentence into the timeline. */
export function note(text: string, kind: "event" | "request" = "event"): void {
  const now = new Date();
  const time = make(
    "time",
    { dateTime: now.toISOString() },
    now.toLocaleTimeString([], { hour12: false }),
  );
  list.prepend(make("li", { className: kind }, time, make("span", {}, text)));
  list.children[MAXIMUM_ENTRIES]?.remove();
  showButton();
}

function showButton(): void {
  const { length } = list.children;
  button.hidden = length <= LATEST_ENTRIES;
  button.textContent = button.ariaExpanded === "true"
    ? `Show the latest ${LATEST_ENTRIES}`
    : `Show all ${length}`;
}

/** `fetch` that notes the path and the status, but never a token. */
export const timelineFetch: typeof fetch = async (input, init) => {
  const { url, method } = input instanceof Request
    ? input
    : { url: input, method: init?.method ?? "GET" };
  const request = `${method} ${new URL(url, location.href).pathname}`;
  const start = performance.now();
  try {
    const response = await fetch(input, init);
    const milliseconds = Math.round(performance.now() - start);
    // Non-breaking spaces keep the result on one line on a phone.
    const result = `${response.status} in ${milliseconds} ms`
      .replaceAll(" ", "\u00a0");
    note(`${request}: ${result}`, "request");
    return response;
  } catch (error) {
    note(`${request}: no response`, "request");
    throw error;
  }
};
