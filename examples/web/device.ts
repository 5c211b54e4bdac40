/**
 * One device. Signed out, it shows a form. Signed in, it shows the parts of a
 * session. When another device ends the session, it says so at once.
 *
 * ```
 * connection.ts   the session client and supabase-js, as an app sets them up
 * sign_in.ts      the form
 * token_clock.ts  the access token's remaining time
 * data.ts         protected data
 * sessions.ts     the list of devices
 * thief.ts        a stolen refresh token
 * timeline.ts     what happened
 * presence.ts     what the devices of the demo tell one another
 * words.ts        the server's codes as sentences
 * ```
 *
 * @module
 */
import type { EndReason, SessionEvent } from "supabase-latchkey";
import { connect, readKey } from "./connection.ts";
import { startData } from "./data.ts";
import { get, make } from "./dom.ts";
import { announceDevice, type DeviceState } from "./presence.ts";
import { startSessions } from "./sessions.ts";
import { startSignIn } from "./sign_in.ts";
import { clearStory, startThief } from "./thief.ts";
import { note } from "./timeline.ts";
import { startTokenClock } from "./token_clock.ts";
import { reasonWords, sentence } from "./words.ts";

const device = new URLSearchParams(location.search).get("device") ?? "1";
const name = `Device ${device}`;
get("name").textContent = name;
document.title = `${name} · Latchkey`;
const announce = announceDevice(device);

try {
  await start();
} catch (error) {
  get("who").textContent = sentence(error);
}

async function start(): Promise<void> {
  const connection = connect(device, await readKey());
  const { session } = connection;
  startSignIn(connection, name);
  const clock = startTokenClock();
  const data = startData(connection, act);
  const sessions = startSessions(session, device, act);
  startThief(connection, act);
  get("refresh").addEventListener("click", () => void act(session.refresh));
  session.onChange(show);

  function show(event: SessionEvent): void {
    switch (event.type) {
      case "signed_in":
      case "user_changed":
        note(`Signed in as ${event.session.user.email}.`);
        clearStory();
        data.clear();
        get("ended").replaceChildren();
        get("problem").textContent = "";
        showState("signed_in", event.session.user.email);
        clock.start(event.session);
        void sessions.load();
        break;
      case "token_refreshed":
        note("New tokens: access token and refresh token were replaced.");
        clock.renew(event.session);
        break;
      case "session_revoked":
        showState("ended");
        showEnd(event.reason, event.at);
        clock.stop();
        break;
      case "signed_out": {
        // There is a reason when the session ended before this page loaded.
        const { reason } = session.snapshot();
        showState(reason ? "ended" : "signed_out");
        if (reason) showEnd(reason);
        else note("Signed out.");
        clock.stop();
      }
    }
  }

  /**
   * Runs an action and shows its error as a sentence.
   *
   * @param isRequested False when no button was pressed. An earlier error then
   * stays, because removing it would move the page under the visitor's finger.
   */
  async function act(
    work: () => Promise<unknown>,
    { isRequested = true } = {},
  ): Promise<void> {
    if (isRequested) get("problem").textContent = "";
    try {
      await work();
    } catch (error) {
      note(sentence(error));
      get("problem").textContent = sentence(error);
    }
  }
}

/** Shows the form or the session, and tells the desk. */
function showState(state: DeviceState, email?: string): void {
  const isSignedIn = state === "signed_in";
  const focused = document.activeElement;
  document.body.dataset.status = isSignedIn ? "signed_in" : "signed_out";
  get("who").textContent = isSignedIn ? `Signed in as ${email}` : "Signed out";
  announce({ state, email });
  // The focused button may have just disappeared.
  if (focused?.matches("button, input")) get("name").focus();
}

/** @param at when the server ended it, in seconds since 1970 */
function showEnd(reason: EndReason, at?: number): void {
  const words = `This session has ended. ${reasonWords[reason] ?? reason}`;
  get("ended").replaceChildren(
    make("strong", {}, words),
    ...at === undefined ? [] : [
      make(
        "p",
        {},
        "This device knew ",
        make("b", {}, `${Math.max(0, Math.round(Date.now() - at * 1000))} ms`),
        " after the server had ended it.",
      ),
    ],
    make("p", {}, "You can sign in again below."),
  );
  note(words);
}
