import { base64url } from "jose";
import { type Diagnosis, wrong } from "./finding.ts";
import { uuid } from "./refresh_token.ts";

const USE_AS_API_KEY = "It belongs in the apikey header. The Authorization " +
  "header takes the access_token of a signed-in user: sign in first.";
const AUTHS_REFRESH_TOKEN =
  "Supabase Auth issued it, and only Supabase Auth accepts it: POST " +
  "/auth/v1/token?grant_type=refresh_token. Latchkey's tokens begin with lkr_: " +
  "sign in at /functions/v1/login to get one.";

/** Identifies a text that is neither a JWT nor a refresh token of Latchkey. */
export async function examineForeignToken(token: string): Promise<Diagnosis> {
  if (token.startsWith("sb_publishable_")) {
    return {
      subject: "A publishable key",
      findings: [wrong(`It is an API key, not a token. ${USE_AS_API_KEY}`)],
    };
  }
  if (token.startsWith("sb_secret_")) {
    return {
      subject: "A secret key",
      findings: [wrong(
        `It is an API key, not a token. ${USE_AS_API_KEY} A secret key ` +
          "bypasses row level security: if it was ever in a browser or an app, " +
          "replace it in the dashboard now.",
      )],
    };
  }
  if (token.startsWith("sbp_")) {
    return {
      subject: "A personal access token of the Supabase dashboard",
      findings: [wrong(
        "It administers projects and is for the Supabase CLI. If an app has " +
          "it, revoke it in the dashboard.",
      )],
    };
  }
  if (/^[A-Za-z0-9]{12}$/.test(token)) {
    return {
      subject: "Probably a refresh token of Supabase Auth (12 characters)",
      findings: [wrong(AUTHS_REFRESH_TOKEN)],
    };
  }
  const sessionId = await sessionOfAuthToken(token);
  if (sessionId) {
    return {
      subject: "A refresh token of Supabase Auth (version 2)",
      findings: [wrong(AUTHS_REFRESH_TOKEN)],
      sessionId,
    };
  }
  return {
    subject: "Not a known kind of token",
    findings: [wrong(
      "A JWT begins with eyJ and has two dots in it, a refresh token of " +
        "Latchkey begins with lkr_. Check that all of it was copied.",
    )],
  };
}

/**
 * The session of a refresh token of Supabase Auth's second algorithm: base64url of 0, the session id, a counter, 16 bytes of HMAC and 4
 * bytes of checksum.
 */
async function sessionOfAuthToken(token: string): Promise<string | undefined> {
  if (!/^[A-Za-z0-9_-]{50,64}$/.test(token) || token.length % 4 === 1) {
    return undefined;
  }
  const bytes = new Uint8Array(base64url.decode(token));
  const digest = new Uint8Array(
    await crypto.subtle.digest("SHA-256", bytes.subarray(0, -4)),
  );
  const matches = bytes[0] === 0 &&
    bytes.subarray(-4).every((byte, i) => byte === digest[i]);
  return matches ? uuid(bytes.subarray(1, 17)) : undefined;
}
