/**
 * The form: sign up, sign in, or use the demo account.
 *
 * @module
 */
import { createClient } from "@supabase/supabase-js";
import { isSessionError } from "supabase-latchkey";
import type { Connection } from "./connection.ts";
import { get } from "./dom.ts";
import { note, timelineFetch } from "./timeline.ts";
import { sentence } from "./words.ts";

interface Account {
  email: string;
  password: string;
}

/** The devices in this browser share this entry, so they share the account. */
const DEMO_KEY = "latchkey.demo_account";

/** Connects the form. */
export function startSignIn(
  { url, key, session }: Connection,
  deviceName: string,
): void {
  const form = get<HTMLFormElement>("sign-in");
  const email = get<HTMLInputElement>("email");
  const password = get<HTMLInputElement>("password");
  const problem = get("form-problem");
  // Supabase Auth's own client, which here only signs up and stores nothing.
  const { auth } = createClient(url, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { fetch: timelineFetch },
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void attempt(() => signIn(read()));
  });
  get("sign-up").addEventListener(
    "click",
    () => void attempt(() => signUp(read())),
  );
  get("demo").addEventListener("click", () => void attempt(useDemoAccount));

  const signIn = (account: Account) =>
    session.signIn({ ...account, deviceName });

  /** Signs up with Supabase Auth, then lets Latchkey adopt the session. */
  async function signUp(account: Account): Promise<void> {
    const { data, error } = await auth.signUp(account);
    if (error) throw error;
    if (!data.session) {
      throw new Error(
        "Open the link in the confirmation email, then sign in.",
      );
    }
    await session.adopt(data.session.access_token, { deviceName });
  }

  async function useDemoAccount(): Promise<void> {
    const known = readDemoAccount();
    const account = known ?? {
      email: `demo.${crypto.randomUUID().slice(0, 8)}@example.com`,
      password: crypto.randomUUID(),
    };
    email.value = account.email;
    password.value = account.password;
    if (known) {
      try {
        return void await signIn(known);
      } catch (error) {
        // The stack was reset, and the account with it.
        if (!isSessionError(error) || error.code !== "invalid_credentials") {
          throw error;
        }
      }
    }
    await signUp(account);
    localStorage.setItem(DEMO_KEY, JSON.stringify(account));
  }

  /**
   * Reads the form.
   *
   * @throws {Error} a sentence for the visitor, when a field is missing
   */
  function read(): Account {
    const missing = (field: HTMLInputElement, message: string) => {
      field.setAttribute("aria-invalid", "true");
      field.focus();
      return new Error(message);
    };
    if (!email.validity.valid) {
      throw missing(
        email,
        "Enter an email address, for example ada@example.com.",
      );
    }
    if (!password.value) throw missing(password, "Enter a password.");
    return { email: email.value, password: password.value };
  }

  async function attempt(work: () => Promise<unknown>): Promise<void> {
    if (form.ariaBusy) return;
    problem.textContent = "";
    for (const field of [email, password]) {
      field.removeAttribute("aria-invalid");
    }
    form.ariaBusy = "true";
    try {
      await work();
      form.reset();
    } catch (error) {
      problem.textContent = sentence(error);
      note(sentence(error));
    } finally {
      form.ariaBusy = null;
    }
  }
}

function readDemoAccount(): Account | null {
  return JSON.parse(localStorage.getItem(DEMO_KEY) ?? "null");
}
