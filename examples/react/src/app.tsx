import { useState } from "react";
import { useSession } from "supabase-latchkey/react";
import { Devices } from "./devices";
import { Notes } from "./notes";
import { session } from "./session";
import { SignIn } from "./sign_in";

/** Why the server ended the session, as a sentence. */
const REASONS: Record<string, string> = {
  user: "You signed this device out from another device.",
  admin: "An administrator signed you out.",
  password_changed: "Your password was changed. Sign in again.",
  expired: "You were away for a long time. Sign in again.",
  reuse: "Someone may have copied your session, so it was ended.",
};

export function App() {
  const { status, session: current, reason } = useSession(session);
  if (status === "loading") return null;
  if (!current) {
    return (
      <main className="narrow">
        <Title />
        {reason && (
          <p className="notice" role="status">
            {REASONS[reason] ?? "You were signed out."}
          </p>
        )}
        <SignIn />
      </main>
    );
  }
  return (
    <main>
      <header>
        <Title />
        <SignOut email={current.user.email ?? ""} />
      </header>
      <div className="columns">
        <Notes key={current.user.id} />
        <Devices />
      </div>
    </main>
  );
}

function Title() {
  return (
    <h1>
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <circle cx="7" cy="12" r="4" />
        <path d="M11 12h10v4M17 12v3" />
      </svg>
      Latchkey notes
    </h1>
  );
}

function SignOut({ email }: { email: string }) {
  const [isBusy, setBusy] = useState(false);
  return (
    <p className="account">
      {email}
      <button
        type="button"
        disabled={isBusy}
        onClick={() => {
          setBusy(true);
          void session.signOut();
        }}
      >
        Sign out
      </button>
    </p>
  );
}
