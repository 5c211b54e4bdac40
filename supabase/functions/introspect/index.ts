/**
 * `POST /introspect`, for administrators, with the secret key: the form
 * `token=…[&token_type_hint=…]` of RFC 7662, for refresh and access tokens →
 * `{active: true, …}`, or `{active: false}` and nothing else.
 *
 * It only looks: asking neither rotates a token nor ends a session.
 *
 * @module
 */
import {
  type Context,
  endpoint,
  type Handler,
  type Outcome,
} from "../_latchkey/endpoint.ts";
import { Refusal } from "../_latchkey/outcomes.ts";
import { hashSeed, MAX_GENERATION } from "../_latchkey/refresh_token.ts";
import {
  malformed,
  readBody,
  requireAdministrator,
  strings,
} from "../_latchkey/request.ts";

const INACTIVE = { active: false };

const introspect: Handler = async (request, context) => {
  // RFC 7662 section 2.1: else whoever guesses tokens would ask here.
  const refusal = requireAdministrator(request, context.environment);
  if (refusal) return refusal;
  const parsed = await readBody(request, {
    known: ["token", "token_type_hint"],
    forms: true,
  });
  if (parsed instanceof Refusal) return parsed;
  if (parsed.type !== "form") return malformed("Send a form: token=<token>.");
  const input = strings(parsed.body, { token: 8192 });
  if (input instanceof Refusal) return input;
  if (!input.token) return malformed("Send a token.");
  // The hint is not needed: the two kinds of tokens tell themselves apart.
  return await refreshToken(input.token, context) ??
    await accessToken(input.token, context);
};

/** @returns Undefined for what is no refresh token of ours. */
async function refreshToken(
  text: string,
  { refreshTokens, database }: Context,
): Promise<Outcome | undefined> {
  const token = refreshTokens.read(text);
  if (!token) return undefined;
  if (token.generation > MAX_GENERATION) return INACTIVE;
  const members = await database.call("introspect", {
    session_id: token.sessionId,
    generation: token.generation,
    secret_hash: hashSeed(token.seed),
  });
  if (members instanceof Refusal) return members;
  if (!members) return INACTIVE;
  return {
    active: true,
    token_type: "refresh_token",
    ...members as Record<string, unknown>,
  };
}

async function accessToken(
  text: string,
  { accessTokens, database }: Context,
): Promise<Outcome> {
  const caller = await accessTokens.verify(text);
  if (caller instanceof Refusal) {
    // Where it cannot be verified, nothing is known of it.
    return caller.code === "auth_unavailable" ? caller : INACTIVE;
  }
  const state = await database.call("session_state", {
    session_id: caller.sessionId,
    user_id: caller.userId,
  });
  if (state instanceof Refusal) return state;
  if (state.outcome !== "active") return INACTIVE;
  const { exp, iat, aal, role, email, phone } = caller.claims;
  return {
    active: true,
    token_type: "bearer",
    sub: caller.userId,
    session_id: caller.sessionId,
    exp,
    iat,
    aal,
    role,
    username: email || phone || undefined,
  };
}

export default endpoint("introspect", "POST", introspect);
