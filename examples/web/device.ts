/**
 * One device: signed out, it shows a form; signed in, what a session is; and
 * when the session is ended elsewhere, it says so at once.
 *
 * ```
 * connection.ts   the session client and supabase-js, as an app has them
 * sign_in.ts      the form
 * token_clock.ts  the access token's time
 * data.ts         protected data
 * sessions.ts     the list of devices
 * thief.ts        a stolen refresh token
 * timeline.ts     what happened
 * words.ts        what the server says, in plain words
 * ```
 *
 * @module
 */
import type { EndReason, SessionEvent } from "latchkey";
import { connect, readKey } from "./connection.ts";
import { startData } from "./data.ts";
import { get, make } from "./dom.ts";
import { startSessions } from "./sessions.ts";
import { startSignIn } from "./sign_in.ts";
import { clearStory, startThief } from "./thief.ts";
import { note } from "./timeline.ts";
import { startTokenClock } from "./token_clock.ts";
import { reasonWords, sentence } from "./words.ts";

const number = new URLSearchParams(location.search).get("device") ?? "1";
const name = `Device ${number}`;
get("name").textContent = name;
document.title = `${name} · Latchkey`;

try {
  await start();
} catch (error) {
  get("who").textContent = sentence(error);
}

async function start(): Promise<void> {
  const connection = connect(number, await readKey());
  const { session } = connection;
  startSignIn(connection, name);
  const clock = startTokenClock();
  const data = startData(connection, act);
  const sessions = startSessions(session, act);
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
        turn("signed_in", `Signed in as ${event.session.user.email}`);
        clock.start(event.session);
        void sessions.load();
        break;
      case "token_refreshed":
        note("New tokens: access token and refresh token were replaced.");
        clock.renew(event.session);
        break;
      case "session_revoked":
        turn("signed_out", "Signed out");
        showEnd(event.reason, event.at);
        clock.stop();
        break;
      case "signed_out": {
        // Found so at the start: the server may have ended it before a reload.
        const { reason } = session.snapshot();
        turn("signed_out", "Signed out");
        if (reason) showEnd(reason);
        else note("Signed out.");
        clock.stop();
      }
    }
  }

  /**
   * Does what a button asks for; what goes wrong becomes a sentence.
   *
   * @param isAsked False where no button was pressed: then what was said stays.
   * To take it away would move the page under the visitor's finger.
   */
  async function act(
    work: () => Promise<unknown>,
    { isAsked = true } = {},
  ): Promise<void> {
    if (isAsked) get("problem").textContent = "";
    try {
      await work();
    } catch (error) {
      note(sentence(error));
      get("problem").textContent = sentence(error);
    }
  }
}

/** Shows the other half of the page. */
function turn(status: "signed_in" | "signed_out", who: string): void {
  const focused = document.activeElement;
  document.body.dataset.status = status;
  get("who").textContent = who;
  // Focus must not vanish with the button that had it.
  if (focused?.matches("button, input")) get("name").focus();
}

/** @param at When the server ended it, in seconds since 1970. */
function showEnd(reason: EndReason, at?: number): void {
  const words = `This session was ended: ${reasonWords[reason] ?? reason}`;
  get("ended").replaceChildren(
    make("strong", {}, words),
    ...at === undefined ? [] : [
      make(
        "p",
        {},
        "This panel knew ",
        make("b", {}, `${Math.max(0, Math.round(Date.now() - at * 1000))} ms`),
        " after the server did.",
      ),
    ],
    make("p", {}, "You can sign in again below."),
  );
  note(words);
}
