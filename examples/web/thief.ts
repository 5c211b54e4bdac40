/**
 * Plays a thief who copied the refresh token of this device.
 *
 * @module
 */
import type { Connection } from "./connection.ts";
import { get, make } from "./dom.ts";
import { note } from "./timeline.ts";

/** Connects the button. */
export function startThief(
  { url, key, session }: Connection,
  act: (work: () => Promise<unknown>) => Promise<void>,
): void {
  async function play(): Promise<void> {
    const stolen = (await session.getSession())?.refresh_token;
    clearStory();
    tell("The thief copied this device's refresh token.");
    // After one refresh the copy would still be accepted within the reuse
    // interval, because a response may have been lost or two tabs may have raced.
    await session.refresh();
    await session.refresh();
    tell(
      "The device refreshed twice. The copy is now two tokens old, which no " +
        "lost response and no second tab explains.",
    );
    const ended = untilRevoked();
    // The thief is elsewhere, so this request uses none of the device's clients.
    const response = await fetch(`${url}/functions/v1/refresh`, {
      method: "POST",
      headers: { apikey: key, "Content-Type": "application/json" },
      body: JSON.stringify({ refresh_token: stolen }),
    });
    const { code, error_description } = await response.json();
    tell(
      response.ok
        ? "The thief used the copy and got new tokens. This is a bug."
        : `The thief used the copy. The server returned ${response.status} ` +
          `${code}: “${error_description}”`,
    );
    await ended;
    tell("The session ended for the thief and for this device.");
  }

  function untilRevoked(): Promise<void> {
    return new Promise((resolve) => {
      const stop = session.onChange((event) => {
        if (event.type !== "session_revoked") return;
        stop();
        resolve();
      });
    });
  }

  get("thief").addEventListener("click", () => void act(play));
}

/** Removes what the last theft showed. */
export function clearStory(): void {
  get("story").replaceChildren();
  get("thief-story").hidden = true;
}

function tell(text: string): void {
  get("thief-story").hidden = false;
  get("story").append(make("li", {}, text));
  note(text);
}
