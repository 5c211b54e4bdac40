/**
 * The only place that maps outcomes to HTTP: a refusal's status and OAuth
 * error, and the headers of every answer.
 *
 * @module
 */
import { corsHeaders } from "@supabase/supabase-js/cors";
import type { Code, Refusal } from "./outcomes.ts";

/** @see RFC 6749 section 5.2, RFC 6750 section 3.1, RFC 9449 section 5 and RFC 9470 for the words. */
const ERRORS: Record<Code, readonly [status: number, error: string]> = {
  invalid_request: [400, "invalid_request"],
  invalid_credentials: [400, "invalid_grant"],
  email_not_confirmed: [400, "invalid_grant"],
  user_banned: [400, "invalid_grant"],
  invalid_refresh_token: [400, "invalid_grant"],
  invalid_disavow_token: [400, "invalid_grant"],
  refresh_token_reused: [400, "invalid_grant"],
  session_expired: [400, "invalid_grant"],
  invalid_dpop_proof: [400, "invalid_dpop_proof"],
  use_dpop_nonce: [400, "use_dpop_nonce"],
  token_revoked: [401, "invalid_token"],
  token_expired: [401, "invalid_token"],
  invalid_jwt_claims: [401, "invalid_token"],
  invalid_token: [401, "invalid_token"],
  missing_token: [401, "invalid_token"],
  reauthentication_required: [401, "insufficient_user_authentication"],
  insufficient_aal: [403, "insufficient_user_authentication"],
  forbidden: [403, "forbidden"],
  hook_refused: [403, "access_denied"],
  method_not_allowed: [405, "invalid_request"],
  too_many_requests: [429, "too_many_requests"],
  auth_unavailable: [503, "temporarily_unavailable"],
  database_unavailable: [503, "temporarily_unavailable"],
  server_misconfigured: [500, "server_error"],
  server_error: [500, "server_error"],
};

/** The response to a refused request. */
export function toResponse(refusal: Refusal): Response {
  const { code, description, details } = refusal;
  const [status, error] = details.grant
    // RFC 6749 section 5.2: invalid_grant also covers a revoked grant.
    ? [400, "invalid_grant"] as const
    : ERRORS[code];
  const response = Response.json({
    error,
    code,
    error_description: description,
    reason: details.reason,
    id: details.id,
  }, { status: details.status ?? status });
  const { headers } = response;
  if (response.status === 401 || details.challenge) {
    headers.set("WWW-Authenticate", challenge(refusal, error));
  }
  const retryAfter = details.retryAfter ?? (status === 503 ? 1 : undefined);
  if (retryAfter !== undefined) headers.set("Retry-After", String(retryAfter));
  if (details.nonce) headers.set("DPoP-Nonce", details.nonce);
  return response;
}

/** @see RFC 6750 section 3 */
function challenge(
  { code, description, details }: Refusal,
  error: string,
): string {
  // Without a token there is no error to name.
  if (code === "missing_token") return "Bearer";
  // A quoted-string must not contain a quote, a backslash or a non-ASCII
  // character.
  const quotable = description.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, "'");
  const parameters = {
    error,
    error_description: quotable,
    ...details.challenge,
  };
  return `Bearer ${
    Object.entries(parameters)
      .map(([name, value]) => `${name}="${value}"`).join(", ")
  }`;
}

/**
 * Sets the headers that every answer has: pages of all origins may read it, and
 * no cache may keep it (RFC 6749 section 5.1).
 */
export function setCommonHeaders({ headers }: Response): void {
  for (const [name, value] of Object.entries(corsHeaders)) {
    headers.set(name, value);
  }
  headers.append("Access-Control-Allow-Headers", "DPoP");
  // A page of another origin can read only the headers that are named here.
  headers.set(
    "Access-Control-Expose-Headers",
    "WWW-Authenticate, Retry-After, X-Request-Id, DPoP-Nonce",
  );
  headers.set("Access-Control-Max-Age", "86400");
  headers.set("Cache-Control", "no-store");
}
