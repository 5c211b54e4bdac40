/**
 * `POST /refresh`: `{refresh_token}`, or the form of RFC 6749 section 6, or the
 * cookie (then with an optional `{session_id}` that it must belong to) → a
 * session, with the token's successor. A bound session also needs a DPoP proof.
 *
 * @module
 */
import {
  check,
  form,
  json,
  optional,
  readBody,
  readJson,
  text,
  uuid,
} from "../_latchkey/body.ts";
import { sessionOver } from "../_latchkey/caller.ts";
import { client } from "../_latchkey/client.ts";
import type { Context, Handler } from "../_latchkey/context.ts";
import { cookieToken, isCookieMode } from "../_latchkey/cookie_mode.ts";
import { readProof, replayedProof, useNonce } from "../_latchkey/dpop.ts";
import { endpoint } from "../_latchkey/endpoint.ts";
import { note } from "../_latchkey/log.ts";
import { deliverInBackground } from "../_latchkey/notices.ts";
import { malformed, Refusal, unknownOutcome } from "../_latchkey/outcomes.ts";
import {
  hashSeed,
  MAX_GENERATION,
  type RefreshToken,
} from "../_latchkey/refresh_token.ts";
import { session } from "../_latchkey/session.ts";
import { nameOf } from "../_latchkey/user_agent.ts";

const PARAMETERS = {
  grant_type: optional(text(32)),
  refresh_token: optional(text(1024)),
};
const JSON_INPUT = json(PARAMETERS);
const FORM_INPUT = form(PARAMETERS);
const COOKIE_INPUT = json({ session_id: optional(uuid()) });

const refresh: Handler = async (request, context) => {
  const cookie = isCookieMode(request, context.environment);
  if (cookie instanceof Refusal) return cookie;
  const token = await (cookie ? fromCookie : fromBody)(request, context);
  if (token instanceof Refusal) return token;
  if (!token || token.generation > MAX_GENERATION) {
    return new Refusal("invalid_refresh_token");
  }
  const { sessionId, generation, seed } = token;
  note(request, { session_id: sessionId });
  const proof = await readProof(request, context, {
    endpoint: "refresh",
    sessionId,
  });
  if (proof instanceof Refusal) return proof;
  const { ip, country, userAgent } = client(
    request,
    context.environment,
    proof.client,
  );
  const result = await context.database.call("refresh", {
    session_id: sessionId,
    generation,
    secret_hash: hashSeed(seed),
    actor_ip: ip,
    user_agent: userAgent,
    client: nameOf(userAgent),
    country,
    issuer: context.environment.issuer,
    ...proof.key,
    proof_nonce_generation: proof.nonceGeneration,
  });
  if (result instanceof Refusal) return result;
  if (result.client_changed) deliverInBackground(context);
  switch (result.outcome) {
    case "rotated":
    case "repeated":
      return session(context, token, result, { cookie });
    case "reused":
      deliverInBackground(context);
      return new Refusal("refresh_token_reused");
    case "proof_required":
      return new Refusal("invalid_dpop_proof", {
        description:
          "This session is bound to a key. Send a DPoP proof by this key.",
      });
    case "replayed":
      return replayedProof();
    case "nonce_required":
      return useNonce(context.proofNonces.issue({
        sessionId,
        generation: result.generation!,
      }));
    case "unknown":
      return new Refusal("invalid_refresh_token");
    case "revoked":
    case "expired":
      return sessionOver({ ...result, outcome: result.outcome }, {
        grant: true,
      });
    default:
      return unknownOutcome(result.outcome);
  }
};

async function fromBody(
  request: Request,
  { refreshTokens }: Context,
): Promise<RefreshToken | Refusal | undefined> {
  const body = await readBody(request, { forms: true });
  if (body instanceof Refusal) return body;
  const isForm = body.type === "form";
  const input = check(isForm ? FORM_INPUT : JSON_INPUT, body.values);
  if (input instanceof Refusal) return input;
  // RFC 6749 requires the grant type in a form. In JSON it may be omitted.
  const grantType = input.grant_type ?? (isForm ? undefined : "refresh_token");
  if (grantType !== "refresh_token") {
    return malformed("Send grant_type=refresh_token.");
  }
  if (!input.refresh_token) return malformed("Send a refresh_token.");
  return refreshTokens.read(input.refresh_token);
}

async function fromCookie(
  request: Request,
  context: Context,
): Promise<RefreshToken | Refusal | undefined> {
  const input = await readJson(request, COOKIE_INPUT);
  if (input instanceof Refusal) return input;
  return cookieToken(request, context, input.session_id);
}

export default endpoint("refresh", "POST", refresh);
