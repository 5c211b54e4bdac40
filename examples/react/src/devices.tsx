import { useCallback, useEffect, useState } from "react";
import type { SessionInfo } from "supabase-latchkey";
import { session } from "./session";

/** The user's sessions, each of which can be ended from here. */
export function Devices() {
  const [devices, setDevices] = useState<SessionInfo[]>([]);
  const [problem, setProblem] = useState("");

  const load = useCallback(async () => {
    try {
      setDevices(await session.sessions());
      setProblem("");
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }, []);
  useEffect(() => {
    void load();
    // Other devices may have signed in meanwhile.
    globalThis.addEventListener("focus", load);
    return () => globalThis.removeEventListener("focus", load);
  }, [load]);

  return (
    <section className="card" aria-labelledby="devices">
      <h2 id="devices">Devices</h2>
      <p className="error" role="alert">{problem}</p>
      <ul>
        {devices.map((device) => (
          <li key={device.session_id}>
            <span>
              <strong>{device.device_name ?? "Unnamed device"}</strong>
              <small>
                {device.current
                  ? "This device"
                  : `Last used ${formatTime(device.last_used_at)}`}
              </small>
            </span>
            {!device.current && (
              <button
                type="button"
                onClick={() =>
                  void session.revoke(device.session_id).then(load)}
              >
                Sign out
              </button>
            )}
          </li>
        ))}
      </ul>
      <button type="button" className="link" onClick={() => void load()}>
        Reload
      </button>
    </section>
  );
}

function formatTime(time: string): string {
  return new Intl.DateTimeFormat(undefined, {
    dateStyle: "medium",
    timeStyle: "short",
  }).format(new Date(time));
}
