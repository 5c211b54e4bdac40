/**
 * Adopts a session that Supabase Auth made in any other way than `/login`: by a
 * one-time password, OAuth, SSO, a passkey, anonymously.
 *
 * @module
 */
import type { Context, Outcome } from "../_latchkey/endpoint.ts";
import { note } from "../_latchkey/log.ts";
import { deliverInBackground } from "../_latchkey/notices.ts";
import { Refusal } from "../_latchkey/outcomes.ts";
import { bytea, fromBytea, hashSeed } from "../_latchkey/refresh_token.ts";
import { client, malformed } from "../_latchkey/request.ts";
import { oauthClient, sessionOver } from "../_latchkey/require_session.ts";
import { session } from "../_latchkey/session.ts";

const USE_THE_REFRESH_TOKEN =
  "Latchkey manages this session already: use the refresh token that came with it.";

/**
 * Begins a session with an access token of Supabase Auth, or answers whoever
 * comes with one again with the current tokens of that session.
 *
 * @param accessToken As sent; it is verified here, and live.
 * @param options.cookie The refresh token goes into the cookie, not the body.
 */
export async function adopt(
  request: Request,
  context: Context,
  accessToken: string,
  { deviceName, cookie }: { deviceName: string | undefined; cookie: boolean },
): Promise<Outcome> {
  const { accessTokens, refreshTokens, database, environment } = context;
  const caller = await accessTokens.verify(accessToken);
  if (caller instanceof Refusal) return caller;
  const { sessionId, userId, claims } = caller;
  note(request, { session_id: sessionId, user_id: userId });
  // Else a stolen access token would become a refresh token.
  if (caller.minted) return malformed(USE_THE_REFRESH_TOKEN);
  if (claims.client_id) return oauthClient();
  const { iat = null, amr = [] } = claims;
  if (iat !== null && !Number.isSafeInteger(Math.floor(iat))) {
    return malformed("The claim iat of the access token is not a time.");
  }
  if (!isStorable(amr)) {
    return malformed(
      "The claim amr of the access token has text that cannot be stored.",
    );
  }

  const nonce = refreshTokens.newAdoptionNonce();
  const seed = refreshTokens.adoptedSeed(sessionId, nonce)!;
  const { ip, userAgent } = client(request, environment);
  const result = await database.call("adopt", {
    session_id: sessionId,
    user_id: userId,
    secret_hash: hashSeed(seed),
    adoption_nonce: bytea(nonce),
    aal: ["aal2", "aal3"].includes(claims.aal as string)
      ? claims.aal as string
      : "aal1",
    amr: JSON.stringify(Array.isArray(amr) ? amr : []),
    user_agent: userAgent,
    ip,
    device_name: deviceName || null,
    issuer: environment.issuer,
    issued_at: iat === null ? null : Math.floor(iat),
  });
  if (result instanceof Refusal) return result;
  switch (result.outcome) {
    case "created":
      // Of the sessions that had to make room.
      deliverInBackground(context);
      return session(context, { sessionId, seed }, result, { cookie });
    case "repeated": {
      const seed = refreshTokens.adoptedSeed(
        sessionId,
        fromBytea(result.adoption_nonce!),
      );
      // Its key has left the ring.
      if (!seed) return malformed(USE_THE_REFRESH_TOKEN);
      return session(context, { sessionId, seed }, result, { cookie });
    }
    case "managed":
      return malformed(USE_THE_REFRESH_TOKEN);
    case "oauth_client":
      return oauthClient();
    case "banned":
      return new Refusal("user_banned");
    case "refused":
      return sessionLimit();
    default:
      return sessionOver(result);
  }
}

/** Postgres stores neither U+0000 nor half a surrogate pair in jsonb. */
function isStorable(value: unknown): boolean {
  if (typeof value === "string") {
    return value.isWellFormed() && !value.includes("\0");
  }
  return typeof value !== "object" || value === null ||
    Object.entries(value).flat().every(isStorable);
}

/** The refusal of one session too many. */
export function sessionLimit(): Refusal {
  return new Refusal("forbidden", {
    reason: "session_limit",
    description:
      "This user is signed in on as many devices as are allowed: sign out on one of them, then try again.",
  });
}
