/**
 * The user's sessions, and the buttons that end them.
 *
 * @module
 */
import type { SessionClient, SessionInfo } from "supabase-latchkey";
import { get, make } from "./dom.ts";
import { watchDevices } from "./presence.ts";
import { note } from "./timeline.ts";
import { deviceName, lastSeen } from "./words.ts";

/**
 * Connects the list and its buttons.
 *
 * @param device the number of this device
 */
export function startSessions(
  session: SessionClient,
  device: string,
  act: (
    work: () => Promise<unknown>,
    options?: { isRequested: boolean },
  ) => Promise<void>,
): { load(): Promise<void> } {
  const list = get("sessions");
  const endOthers = get<HTMLButtonElement>("end-others");
  let changing = false;

  /** Loads the list and shows it. */
  async function load(): Promise<void> {
    if (session.snapshot().status !== "signed_in") return;
    await act(async () => {
      const sessions = await session.sessions();
      list.replaceChildren(...sessions.map(item));
      const isBound = sessions.some(({ current, bound }) => current && bound);
      document.body.dataset.bound = String(isBound);
      const hasOthers = sessions.some(({ current }) => !current);
      if (!hasOthers && document.activeElement === endOthers) focusHeading();
      endOthers.disabled = !hasOthers;
      get("sessions-hint").textContent = hasOthers
        ? "Each row is a session. When you end one, its device signs out at " +
          "once, without a reload."
        : "No other device is signed in to this account. Open another device " +
          "and use the same account there.";
    }, { isRequested: false });
  }

  function item(info: SessionInfo): HTMLElement {
    const name = deviceName(info);
    const title = make("strong", {}, name);
    if (info.current) {
      title.append(" ", make("span", { className: "badge" }, "This device"));
    }
    if (info.bound) {
      title.append(
        " ",
        make("span", { className: "badge outline" }, "Bound to its key"),
      );
    }
    const words = make(
      "div",
      {},
      title,
      make("p", {}, `Last seen from ${lastSeen(info)}`),
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

  /** Ends sessions, then shows the remaining ones. */
  async function change(work: () => Promise<unknown>): Promise<void> {
    changing = true;
    await act(work);
    changing = false;
    await load();
    if (document.activeElement === document.body) focusHeading();
  }

  /** For the moment in which the focused button disappears or is disabled. */
  function focusHeading(): void {
    get("sessions-heading").focus();
  }

  const signOut = (scope: "local" | "others" | "global") => () =>
    void change(() => session.signOut({ scope }));
  endOthers.addEventListener("click", signOut("others"));
  get("end-all").addEventListener("click", signOut("global"));
  get("sign-out").addEventListener("click", signOut("local"));

  // The other devices in this browser keep their sessions in the same storage.
  // While sessions are being ended, this one may be next: `change` loads later.
  addEventListener("storage", ({ key }) => {
    if (key?.startsWith("latchkey.device.") && !changing) void load();
  });
  addEventListener("focus", () => void load());

  const devices = watchDevices(showOtherAccounts);
  session.onChange(showOtherAccounts);
  return { load };

  /** Says why a device that is signed in beside this one is not in the list. */
  function showOtherAccounts(): void {
    const user = session.snapshot().session?.user;
    const others = [...devices.values()].filter((other) =>
      other.device !== device && other.state === "signed_in" &&
      other.email !== user?.email
    );
    const hint = get("other-accounts");
    hint.hidden = !user || others.length === 0;
    hint.textContent =
      others.map((other) =>
        `Device ${other.device} is signed in as ${other.email}, a different ` +
        "account. "
      ).join("") +
      "A device can list and end only sessions of its own account.";
  }
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
