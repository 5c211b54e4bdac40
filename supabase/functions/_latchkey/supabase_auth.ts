/**
 * Signs in at Supabase Auth.
 *
 * @module
 */
import { decodeJwt } from "jose";
import type { Client } from "./client.ts";
import type { Context } from "./context.ts";
import { type Code, Refusal } from "./outcomes.ts";

/** A session that Supabase Auth has just created. */
export interface AuthSession {
  sessionId: string;
  userId: string;
  aal: string;
  /** JSON text of the `amr` claim. */
  amr: string;
}

/** What the user entered. */
export interface Credentials {
  email?: string;
  phone?: string;
  password: string;
  captchaToken?: string;
}

/**
 * Used if Auth's 429 contains no time. Its rate limit allows one more request
 * every two seconds.
 */
const AUTH_BUSY_SECONDS = 5;
const LONGEST_BUSY_SECONDS = 3600;

/** Auth's error codes, and Latchkey's for each. */
const CODES: Record<string, Code> = {
  invalid_credentials: "invalid_credentials",
  email_not_confirmed: "email_not_confirmed",
  phone_not_confirmed: "email_not_confirmed",
  user_banned: "user_banned",
};

/**
 * Signs in with a password.
 *
 * Auth's own refresh token is not used, so that only Latchkey's refresh token
 * extends the session.
 *
 * @param signal Ends the wait. The result is then `auth_unavailable`.
 * @returns The session, or a refusal: `invalid_credentials`,
 * `email_not_confirmed`, `user_banned`, `too_many_requests`,
 * `auth_unavailable`, or `invalid_request` with Auth's code for other refusals
 * (a captcha, a disabled provider).
 * @see https://supabase.com/docs/guides/auth/debugging/error-codes
 */
export async function signInWithPassword(
  context: Pick<Context, "environment" | "accessTokens">,
  { email, phone, password, captchaToken }: Credentials,
  client: Pick<Client, "trustedIp" | "userAgent">,
  signal: AbortSignal,
): Promise<AuthSession | Refusal> {
  let response: Response;
  let body: Record<string, unknown>;
  try {
    response = await fetch(
      `${context.environment.url}/auth/v1/token?grant_type=password`,
      {
        method: "POST",
        headers: {
          ...await credentialsOfCall(context, client.trustedIp),
          "Content-Type": "application/json",
          "X-Supabase-Api-Version": "2024-01-01",
          ...(client.userAgent && { "User-Agent": client.userAgent }),
        },
        body: JSON.stringify({
          email,
          phone,
          password,
          gotrue_meta_security: captchaToken && { captcha_token: captchaToken },
        }),
        signal,
      },
    );
    body = await response.json();
  } catch {
    return new Refusal("auth_unavailable");
  }
  if (!response.ok) return refusal(response, body);

  // The token comes directly from Auth over a connection of this function, so
  // its signature need not be checked (OpenID Connect Core section 3.1.3.7,
  // step 6).
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

/**
 * The headers with the publishable key. If address forwarding is configured:
 * with the secret key and the client's address, which Auth then uses for its
 * rate limit and log instead of the function's address.
 *
 * With only a secret key, the gateway makes the caller an administrator, and
 * Auth asks administrators for no captcha. So this adds a token of role anon:
 * the gateway passes it on, and Auth treats the caller as not signed in.
 */
async function credentialsOfCall(
  { environment, accessTokens }: Pick<Context, "environment" | "accessTokens">,
  address: string | null,
): Promise<Record<string, string>> {
  if (!environment.forwardClientAddress || address === null) {
    return { apikey: environment.publishableKey };
  }
  const now = Math.floor(Date.now() / 1000);
  const token = await accessTokens.issue({
    role: "anon",
    iat: now,
    exp: now + 60,
  });
  return {
    apikey: environment.secretKeys[0],
    Authorization: `Bearer ${token}`,
    "Sb-Forwarded-For": address,
  };
}

function refusal(response: Response, body: Record<string, unknown>): Refusal {
  if (response.status === 429) {
    const said = Math.ceil(Number(response.headers.get("Retry-After")));
    return new Refusal("too_many_requests", {
      retryAfter: said > 0 && said <= LONGEST_BUSY_SECONDS
        ? said
        : AUTH_BUSY_SECONDS,
    });
  }
  if (response.status >= 500) return new Refusal("auth_unavailable");
  const reported = body.code ?? body.error_code;
  // Old Auth servers, and the local one, put the status into `code`.
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
