import { useState } from "react";
import { deviceName, session, supabase } from "./session";

/** Signs up or in; the session then shows the rest of the app. */
export function SignIn() {
  const [isNew, setNew] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [message, setMessage] = useState("");

  async function submit(form: FormData) {
    const email = String(form.get("email"));
    const password = String(form.get("password"));
    setBusy(true);
    setMessage("");
    try {
      if (isNew) await signUp(email, password);
      else await session.signIn({ email, password, deviceName });
    } catch (error) {
      setMessage(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  }

  /** supabase-js creates the account, and its session becomes Latchkey's. */
  async function signUp(email: string, password: string) {
    const { data, error } = await supabase.auth.signUp({ email, password });
    if (error) throw error;
    if (!data.session) {
      setMessage("Confirm your address: we sent you an e-mail.");
    }
  }

  const action = isNew ? "Create account" : "Sign in";
  return (
    <form
      className="card"
      onSubmit={(event) => {
        event.preventDefault();
        void submit(new FormData(event.currentTarget));
      }}
    >
      <h2>{action}</h2>
      <label>
        E-mail
        <input name="email" type="email" autoComplete="username" required />
      </label>
      <label>
        Password
        <input
          name="password"
          type="password"
          autoComplete={isNew ? "new-password" : "current-password"}
          minLength={6}
          required
        />
      </label>
      <p className="error" role="alert">{message}</p>
      <button type="submit" className="primary" disabled={isBusy}>
        {action}
      </button>
      <button type="button" className="link" onClick={() => setNew(!isNew)}>
        {isNew ? "I have an account" : "I am new here"}
      </button>
    </form>
  );
}
