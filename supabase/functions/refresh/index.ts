/**
 * `POST /refresh`: `{refresh_token}`, or the form of RFC 6749 section 6, or the
 * cookie (and then at most a `{session_id}` that it must be of) → a session,
 * with the token's successor.
 *
 * @module
 */
import { cookieToken, isCookieMode } from "../_latchkey/cookie_mode.ts";
import { type Context, endpoint, type Handler } from "../_latchkey/endpoint.ts";
import { note } from "../_latchkey/log.ts";
import { deliverInBackground } from "../_latchkey/notices.ts";
import { Refusal } from "../_latchkey/outcomes.ts";
import {
  hashSeed,
  MAX_GENERATION,
  type RefreshToken,
} from "../_latchkey/refresh_token.ts";
import {
  client,
  malformed,
  optionalUuid,
  readBody,
  strings,
} from "../_latchkey/request.ts";
import { sessionOver } from "../_latchkey/require_session.ts";
import { session } from "../_latchkey/session.ts";

const LIMITS = { grant_type: 32, refresh_token: 1024 };

const refresh: Handler = async (request, context) => {
  const cookie = isCookieMode(request, context.environment);
  if (cookie instanceof Refusal) return cookie;
  const token = await (cookie ? fromCookie : fromBody)(request, context);
  if (token instanceof Refusal) return token;
  if (!token || token.generation > MAX_GENERATION) {
    return new Refusal("invalid_refresh_token");
  }
  note(request, { session_id: token.sessionId });
  const result = await context.database.call("refresh", {
    session_id: token.sessionId,
    generation: token.generation,
    secret_hash: hashSeed(token.seed),
    actor_ip: client(request, context.environment).ip,
    issuer: context.environment.issuer,
  });
  if (result instanceof Refusal) return result;
  switch (result.outcome) {
    case "rotated":
    case "repeated":
      return session(context, token, result, { cookie });
    case "reused":
      deliverInBackground(context);
      return new Refusal("refresh_token_reused");
    case "unknown":
      return new Refusal("invalid_refresh_token");
    default:
      return sessionOver(result, { grant: true });
  }
};

async function fromBody(
  request: Request,
  { refreshTokens }: Context,
): Promise<RefreshToken | Refusal | undefined> {
  const parsed = await readBody(request, {
    known: Object.keys(LIMITS),
    forms: true,
  });
  if (parsed instanceof Refusal) return parsed;
  const input = strings(parsed.body, LIMITS);
  if (input instanceof Refusal) return input;
  // RFC 6749 asks for the grant type, this contract's JSON does not.
  const implied = parsed.type === "json" ? "refresh_token" : undefined;
  if ((input.grant_type ?? implied) !== "refresh_token") {
    return malformed("Send grant_type=refresh_token.");
  }
  if (!input.refresh_token) return malformed("Send a refresh_token.");
  return refreshTokens.read(input.refresh_token);
}

async function fromCookie(
  request: Request,
  context: Context,
): Promise<RefreshToken | Refusal | undefined> {
  const parsed = await readBody(request, { known: ["session_id"] });
  if (parsed instanceof Refusal) return parsed;
  const input = strings(parsed.body, { session_id: 36 });
  if (input instanceof Refusal) return input;
  const sessionId = optionalUuid("session_id", input.session_id);
  if (sessionId instanceof Refusal) return sessionId;
  return cookieToken(request, context, sessionId);
}

export default endpoint("refresh", "POST", refresh);
