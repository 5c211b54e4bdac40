/**
 * `POST /introspect`, with the secret key: the form
 * `token=…[&token_type_hint=…]` of RFC 7662, for refresh and access tokens →
 * `{active: true, …}`, or `{active: false}` and nothing else.
 *
 * It neither rotates a token nor ends a session.
 *
 * @module
 */
import { check, form, optional, readBody, text } from "../_latchkey/body.ts";
import type { Context, Handler, Outcome } from "../_latchkey/context.ts";
import { requireAdministrator } from "../_latchkey/credentials.ts";
import { endpoint } from "../_latchkey/endpoint.ts";
import { malformed, Refusal } from "../_latchkey/outcomes.ts";
import { hashSeed, MAX_GENERATION } from "../_latchkey/refresh_token.ts";

const INACTIVE = { active: false };

/** The token's prefix shows its kind, so the hint is not needed. */
const INPUT = form({ token: text(8192), token_type_hint: optional(text(64)) });

const introspect: Handler = async (request, context) => {
  // Required by RFC 7662 section 2.1: otherwise anyone could test guessed
  // tokens here.
  const refusal = requireAdministrator(request, context.environment);
  if (refusal) return refusal;
  const body = await readBody(request, { forms: true });
  if (body instanceof Refusal) return body;
  if (body.type !== "form") return malformed("Send a form: token=<token>.");
  const input = check(INPUT, body.values);
  if (input instanceof Refusal) return input;
  return await refreshToken(input.token, context) ??
    await accessToken(input.token, context);
};

/** @returns Undefined if it is not an authentic refresh token. */
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
    // The token could not be checked.
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
