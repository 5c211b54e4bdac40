/**
 * Security Event Tokens tell another service about a revocation. They are
 * signed with the project's key, so a receiver can verify them with the
 * project's JWKS.
 *
 * They cannot be used as access tokens: they have another `typ` and `aud`, and
 * no `sub`, `exp` or `role` (RFC 8417 section 4).
 *
 * @see RFC 8417 for the token, RFC 9493 for `sub_id`, CAEP 1.0 for the event.
 * @module
 */
import { importJWK, SignJWT } from "jose";
import type { Environment } from "./environment.ts";
import type { Notice, Revocation } from "./notice.ts";

const SESSION_REVOKED =
  "https://schemas.openid.net/secevent/caep/event-type/session-revoked";

/** The reasons as text that receivers may show to the user. */
const WORDS: Record<Revocation["reason"], string> = {
  signed_out: "You signed out.",
  user: "You ended this session from another device.",
  admin: "An administrator ended this session.",
  reuse: "A copy of this session's token was used, so the session was ended.",
  password_changed: "The password was changed.",
  banned: "The account was banned.",
  user_deleted: "The account was deleted.",
  session_limit: "There were too many sessions.",
  suspicious: "Another client used this session, or you said it was not yours.",
};

/** Signs a notice of a revocation, issued now. */
export async function signSecurityEvent(
  { issuer, signingKey }: Pick<Environment, "issuer" | "signingKey">,
  { id, audience, payload }: Pick<Notice, "id" | "audience" | "payload">,
): Promise<string> {
  const revocation = payload.data as unknown as Revocation;
  // Supabase's keys name both operations; WebCrypto takes one per key.
  const { key_ops: _ops, ...privateKey } = signingKey;
  return await new SignJWT({
    sub_id: {
      format: "complex",
      session: { format: "opaque", id: revocation.session_id },
      user: { format: "iss_sub", iss: issuer, sub: revocation.user_id },
    },
    events: {
      [SESSION_REVOKED]: {
        event_timestamp: Date.parse(payload.timestamp) / 1000,
        initiating_entity: revocation.initiating_entity,
        reason_admin: { en: revocation.reason },
        reason_user: { en: WORDS[revocation.reason] },
      },
    },
  })
    .setProtectedHeader({
      alg: signingKey.alg,
      kid: signingKey.kid,
      typ: "secevent+jwt",
    })
    .setIssuer(issuer)
    .setAudience(audience!)
    .setIssuedAt()
    .setJti(id)
    .sign(await importJWK(privateKey, signingKey.alg));
}
