/**
 * Plays a thief who copied the refresh token of this device.
 *
 * @module
 */
import type { Connection } from "./connection.ts";
import { get, make } from "./dom.ts";
import { note } from "./timeline.ts";

/** Makes the button work. */
export function startThief(
  { url, key, session }: Connection,
  act: (work: () => Promise<unknown>) => Promise<void>,
): void {
  async function play(): Promise<void> {
    const stolen = (await session.getSession())?.refresh_token;
    clearStory();
    tell("The thief copied this device's refresh token.");
    // One refresh would not do: within the reuse interval the last token may
    // come back, because an answer was lost or two tabs raced.
    await session.refresh();
    await session.refresh();
    tell(
      "The device went on and refreshed twice. The copy is two tokens old: no " +
        "lost answer and no second tab explains it any more.",
    );
    const caught = theEnd();
    // From somewhere else, so by none of this device's clients.
    const response = await fetch(`${url}/functions/v1/refresh`, {
      method: "POST",
      headers: { apikey: key, "Content-Type": "application/json" },
      body: JSON.stringify({ refresh_token: stolen }),
    });
    const { code, error_description } = await response.json();
    tell(
      response.ok
        ? "The thief used the copy and got in. That should not happen."
        : `The thief used the copy. The server answered ${response.status} ` +
          `${code}: “${error_description}”`,
    );
    await caught;
    tell("The session was ended, for the thief and for this device.");
  }

  function theEnd(): Promise<void> {
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

/** Forgets what was told. */
export function clearStory(): void {
  get("story").replaceChildren();
  get("thief-story").hidden = true;
}

function tell(text: string): void {
  get("thief-story").hidden = false;
  get("story").append(make("li", {}, text));
  note(text);
}
