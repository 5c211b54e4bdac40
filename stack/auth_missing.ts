import { authError } from "./auth_errors.ts";
import { json } from "./http.ts";
import { missingMessage } from "./missing.ts";

/** The paths that the embedded Auth serves, after `/auth/v1`. */
const SERVED =
  /^\/(signup|token|otp|verify|magiclink|recover|resend|user|reauthenticate|logout|settings|health|\.well-known\/[a-z-]+)\/?$/;

/** Parts of Supabase Auth that do not run here, by the start of their path. */
const PARTS: [path: RegExp, part: string][] = [
  [/^\/(admin\/users\/[^/]+\/)?factors\b/, "Multi-factor authentication"],
  [/^\/(admin\/users\/[^/]+\/)?passkeys\b/, "Sign-in with a passkey"],
  [/^\/user\/identities\b/, "Linking of identities"],
  [/^\/(authorize|callback)\b/, "Sign-in with an OAuth provider"],
  [/^\/(admin\/)?(sso|saml)\b/, "Single sign-on"],
  [/^\/(user\/|admin\/)?oauth\b/, "Auth's OAuth server"],
  [/^\/invite\b/, "Inviting users"],
];

/** Grants of `/token` that the embedded Auth lacks. */
const GRANTS: Record<string, string> = {
  id_token: "Sign-in with an ID token",
  web3: "Sign-in with a Web3 wallet",
};

/**
 * Answers for what Supabase Auth has and the embedded one lacks: 501 with the
 * part's name, so that nobody takes it for an error of their own.
 *
 * @param path The path after `/auth/v1`.
 * @returns null if the embedded Auth serves the request.
 */
export function answerMissingInAuth(
  path: string,
  query: URLSearchParams,
  body: Record<string, unknown>,
): Response | null {
  const part = PARTS.find(([start]) => start.test(path))?.[1];
  if (part) return notImplemented(part);
  // The embedded Auth would answer with its own web page.
  if (!SERVED.test(path)) {
    return json({ message: "Not found" }, { status: 404 });
  }
  if (path === "/token") {
    const grant = query.get("grant_type") ?? "";
    if (Object.hasOwn(GRANTS, grant)) return notImplemented(GRANTS[grant]!);
    // As in a project that has not enabled phones, so that /login says why.
    if (grant === "password" && body.phone) {
      return authError(
        400,
        "phone_provider_disabled",
        "Phone logins are disabled",
      );
    }
    return null;
  }
  if (body.phone) return notImplemented("Sign-in by phone");
  if (path === "/signup" && !body.email) {
    return notImplemented("Anonymous sign-in");
  }
  return null;
}

/** The answer to an administrator's request that the local stack lacks. */
export function missingInAdmin(path: string): Response {
  const part = PARTS.find(([start]) => start.test(`/admin${path}`))?.[1];
  return notImplemented(part ?? `Auth's endpoint /admin${path}`);
}

function notImplemented(part: string): Response {
  return authError(501, "not_implemented", missingMessage(part));
}
