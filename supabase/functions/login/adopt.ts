/**
 * Adopts a session that Supabase Auth began without `/login`: with a one-time
 * password, OAuth, SSO, a passkey, or anonymously.
 *
 * @module
 */
import { bytea, fromBytea } from "../_latchkey/bytes.ts";
import { oauthClient, sessionOver } from "../_latchkey/caller.ts";
import { client } from "../_latchkey/client.ts";
import type { Context, Outcome } from "../_latchkey/context.ts";
import { hashDevice } from "../_latchkey/device.ts";
import { type Proof, proofRequired, replayedProof } from "../_latchkey/dpop.ts";
import { note } from "../_latchkey/log.ts";
import { deliverInBackground } from "../_latchkey/notices.ts";
import { malformed, Refusal, unknownOutcome } from "../_latchkey/outcomes.ts";
import { hashSeed } from "../_latchkey/refresh_token.ts";
import { session } from "../_latchkey/session.ts";
import { nameOf } from "../_latchkey/user_agent.ts";

const USE_THE_REFRESH_TOKEN =
  "Latchkey already manages this session. Use the refresh token that came with it.";

/**
 * Adopts the session of an access token of Supabase Auth. A second call with the
 * same token gets the session's current tokens.
 *
 * @param accessToken As it was sent. It is verified here.
 * @param options.cookie The refresh token goes into the cookie, not the body.
 * @param options.proof Binds the session to a key.
 */
export async function adopt(
  request: Request,
  context: Context,
  accessToken: string,
  { deviceName, deviceId, cookie, proof }: {
    deviceName: string | undefined;
    deviceId: string | undefined;
    cookie: boolean;
    proof: Proof;
  },
): Promise<Outcome> {
  const { accessTokens, refreshTokens, database, environment } = context;
  const caller = await accessTokens.verify(accessToken);
  if (caller instanceof Refusal) return caller;
  const { sessionId, userId, claims } = caller;
  note(request, { session_id: sessionId, user_id: userId });
  // Otherwise a stolen access token would become a refresh token.
  if (caller.issuedByLatchkey) return malformed(USE_THE_REFRESH_TOKEN);
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
  const { ip, country, userAgent } = client(
    request,
    environment,
    proof.client,
  );
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
    client: nameOf(userAgent),
    country,
    device_hash: hashDevice(userId, deviceId),
    issuer: environment.issuer,
    issued_at: iat === null ? null : Math.floor(iat),
    ...proof.key,
  });
  if (result instanceof Refusal) return result;
  switch (result.outcome) {
    case "created":
      // For sessions that the limit ended.
      deliverInBackground(context);
      return session(context, { sessionId, seed }, result, { cookie });
    case "repeated": {
      const seed = refreshTokens.adoptedSeed(
        sessionId,
        fromBytea(result.adoption_nonce!),
      );
      // The key of the nonce is not on the ring any more.
      if (!seed) return malformed(USE_THE_REFRESH_TOKEN);
      return session(context, { sessionId, seed }, result, { cookie });
    }
    case "managed":
      return malformed(USE_THE_REFRESH_TOKEN);
    case "oauth_client":
      return oauthClient();
    case "banned":
      return new Refusal("user_banned");
    case "proof_required":
      return proofRequired();
    case "replayed":
      return replayedProof();
    case "refused":
      return sessionLimit();
    case "revoked":
    case "expired":
      return sessionOver({ ...result, outcome: result.outcome });
    default:
      return unknownOutcome(result.outcome);
  }
}

/** PostgreSQL stores neither U+0000 nor half a surrogate pair in jsonb. */
function isStorable(value: unknown): boolean {
  if (typeof value === "string") {
    return value.isWellFormed() && !value.includes("\0");
  }
  return typeof value !== "object" || value === null ||
    Object.entries(value).flat().every(isStorable);
}

/** Refuses a session beyond `settings.sessions_per_user`. */
export function sessionLimit(): Refusal {
  return new Refusal("forbidden", {
    reason: "session_limit",
    description:
      "This user is signed in on as many devices as are allowed. Sign out on one of them, then try again.",
  });
}
