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
    clearStory();
    const devices = await session.sessions();
    const stolen = (await session.getSession())?.refresh_token;
    tell("The thief copied this device's refresh token.");
    const isBound = devices.some(({ current, bound }) => current && bound);
    await (isBound ? useBoundCopy(stolen) : useOldCopy(stolen));
  }

  /** Only the device has the key of its session. */
  async function useBoundCopy(stolen?: string): Promise<void> {
    const { isOk, words } = await use(stolen);
    tell(words);
    await session.refresh();
    if (isOk) return;
    tell(
      "Nothing ended. This device refreshed with its key, and goes on. The " +
        "copy is worth nothing anywhere else.",
    );
  }

  /** Without a key, the server recognizes a copy by its age. */
  async function useOldCopy(stolen?: string): Promise<void> {
    // After one refresh the copy would still be accepted within the reuse
    // interval, because a response may have been lost or two tabs may have raced.
    await session.refresh();
    await session.refresh();
    tell(
      "The device refreshed twice. The copy is now two tokens old, which no " +
        "lost response and no second tab explains.",
    );
    const ended = untilRevoked();
    tell((await use(stolen)).words);
    await ended;
    tell("The session ended for the thief and for this device.");
  }

  /** The thief is elsewhere, so this request uses none of the device's clients. */
  async function use(
    stolen?: string,
  ): Promise<{ isOk: boolean; words: string }> {
    const response = await fetch(`${url}/functions/v1/refresh`, {
      method: "POST",
      headers: { apikey: key, "Content-Type": "application/json" },
      body: JSON.stringify({ refresh_token: stolen }),
    });
    const { code, error_description } = await response.json();
    const words = response.ok
      ? "The thief used the copy and got new tokens. This is a bug."
      : `The thief used the copy. The server returned ${response.status} ` +
        `${code}: “${error_description}”`;
    return { isOk: response.ok, words };
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
