/**
 * The user's sessions, and the buttons that end them.
 *
 * @module
 */
import type { SessionClient, SessionInfo } from "latchkey";
import { get, make } from "./dom.ts";
import { note } from "./timeline.ts";
import { browser, deviceName, place } from "./words.ts";

/** Makes the list and its buttons work. */
export function startSessions(
  session: SessionClient,
  act: (
    work: () => Promise<unknown>,
    options?: { isAsked: boolean },
  ) => Promise<void>,
): { load(): Promise<void> } {
  const list = get("sessions");
  let changing = false;

  /** Asks for the list and shows it. */
  async function load(): Promise<void> {
    if (session.snapshot().status !== "signed_in") return;
    await act(async () => {
      const sessions = await session.sessions();
      list.replaceChildren(...sessions.map(item));
    }, { isAsked: false });
  }

  function item(info: SessionInfo): HTMLElement {
    const name = deviceName(info);
    const title = make("strong", {}, name);
    if (info.current) {
      title.append(" ", make("span", { className: "badge" }, "This device"));
    }
    const words = make(
      "div",
      {},
      title,
      make("p", {}, `${browser(info.user_agent)}, ${place(info.ip)}`),
      make(
        "p",
        {},
        "Signed in ",
        time(info.created_at),
        ", last used ",
        time(info.last_used_at),
      ),
    );
    if (info.current) return make("li", {}, words);
    const button = make("button", { type: "button" }, `End ${name}`);
    button.addEventListener("click", () =>
      void change(async () => {
        await session.revoke(info.session_id);
        note(`You ended ${name}.`);
      }));
    return make("li", {}, words, button);
  }

  /** Ends sessions, then shows those that are left. */
  async function change(work: () => Promise<unknown>): Promise<void> {
    changing = true;
    await act(work);
    changing = false;
    await load();
    if (document.activeElement === document.body) {
      get("sessions-heading").focus();
    }
  }

  const signOut = (scope: "local" | "others" | "global") => () =>
    void change(() => session.signOut({ scope }));
  get("end-others").addEventListener("click", signOut("others"));
  get("end-all").addEventListener("click", signOut("global"));
  get("sign-out").addEventListener("click", signOut("local"));

  // The other devices of this browser keep their sessions in the same storage.
  // In the midst of an end, this device may be the next that is over.
  addEventListener("storage", ({ key }) => {
    if (key?.startsWith("latchkey.device.") && !changing) void load();
  });
  addEventListener("focus", () => void load());
  return { load };
}

function time(iso: string): HTMLTimeElement {
  const date = new Date(iso);
  const isToday = date.toDateString() === new Date().toDateString();
  return make(
    "time",
    { dateTime: iso },
    date.toLocaleString([], {
      ...!isToday && { dateStyle: "medium" },
      timeStyle: "short",
    }),
  );
}
