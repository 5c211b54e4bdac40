/**
 * Asks Supabase Auth whether a password is right.
 *
 * @module
 */
import { decodeJwt } from "jose";
import type { Environment } from "./environment.ts";
import { type Code, Refusal } from "./outcomes.ts";

/** A session that Supabase Auth has just made. */
export interface AuthSession {
  sessionId: string;
  userId: string;
  aal: string;
  /** JSON text of the `amr` claim. */
  amr: string;
}

/** What the user typed. */
export interface Credentials {
  email?: string;
  phone?: string;
  password: string;
  captchaToken?: string;
}

const DEADLINE_MILLISECONDS = 5_000;

/** Auth's error codes that our contract has a word for. */
const CODES: Record<string, Code> = {
  invalid_credentials: "invalid_credentials",
  email_not_confirmed: "email_not_confirmed",
  phone_not_confirmed: "email_not_confirmed",
  user_banned: "user_banned",
};

/**
 * Signs in with a password.
 *
 * Auth's own refresh token is not kept: it is dropped here, so that nothing but
 * Latchkey's extends the session.
 *
 * @returns The session, or a refusal: `invalid_credentials`,
 * `email_not_confirmed`, `user_banned`, `too_many_requests`,
 * `auth_unavailable`, or `invalid_request` with Auth's code for what else it
 * refuses (a captcha, a provider that is off).
 * @see https://supabase.com/docs/guides/auth/debugging/error-codes
 */
export async function signInWithPassword(
  environment: Environment,
  { email, phone, password, captchaToken }: Credentials,
  userAgent: string | null,
): Promise<AuthSession | Refusal> {
  let response: Response;
  let body: Record<string, unknown>;
  try {
    response = await fetch(
      `${environment.url}/auth/v1/token?grant_type=password`,
      {
        method: "POST",
        headers: {
          apikey: environment.publishableKey,
          "Content-Type": "application/json",
          "X-Supabase-Api-Version": "2024-01-01",
          ...(userAgent && { "User-Agent": userAgent }),
        },
        body: JSON.stringify({
          email,
          phone,
          password,
          gotrue_meta_security: captchaToken && { captcha_token: captchaToken },
        }),
        signal: AbortSignal.timeout(DEADLINE_MILLISECONDS),
      },
    );
    body = await response.json();
  } catch {
    return new Refusal("auth_unavailable");
  }
  if (!response.ok) return refusal(response, body);

  // Straight from Auth, over a connection this function opened: the signature
  // has nothing to add (OpenID Connect Core section 3.1.3.7, step 6).
  const claims = decodeJwt(body.access_token as string);
  return {
    sessionId: claims.session_id as string,
    userId: claims.sub as string,
    aal: typeof claims.aal === "string" ? claims.aal : "aal1",
    amr: JSON.stringify(
      claims.amr ?? [{ method: "password", timestamp: claims.iat }],
    ),
  };
}

function refusal(response: Response, body: Record<string, unknown>): Refusal {
  if (response.status === 429) {
    const retryAfter = Number(response.headers.get("Retry-After")) || 30;
    return new Refusal("too_many_requests", { retryAfter });
  }
  if (response.status >= 500) return new Refusal("auth_unavailable");
  const reported = body.code ?? body.error_code;
  // An old server, or a local one, puts the status where the code belongs.
  const word = typeof reported === "string"
    ? reported
    : String(body.error_code ?? "");
  const code = CODES[word];
  if (code) return new Refusal(code);
  return new Refusal("invalid_request", {
    description: /^[a-z_]+$/.test(word)
      ? `Supabase Auth refused the sign-in: ${word}.`
      : "Supabase Auth refused the sign-in.",
  });
}
