/**
 * `POST /revoke` ends sessions, for whoever may:
 *
 * - a user, with an access token: `{scope: "local" | "others" | "global"}` or
 *   `{session_id}` → `{revoked: n}`;
 * - whoever holds a token, by RFC 7009: form `token=…` → 200, empty, always;
 * - in cookie mode whoever sends the cookie: `{scope: "local"}`, or the
 *   `{session_id}` that it must be of → `{revoked: n}`;
 * - an administrator, with the secret key: `{user_id}` or `{session_id}`,
 *   `{reason?}` → `{revoked: n}`.
 *
 * @module
 */
import {
  clearCookie,
  cookieToken,
  isCookieMode,
} from "../_latchkey/cookie_mode.ts";
import {
  type Context,
  endpoint,
  type Handler,
  type Outcome,
} from "../_latchkey/endpoint.ts";
import { note } from "../_latchkey/log.ts";
import { deliverInBackground } from "../_latchkey/notices.ts";
import { REASONS, Refusal } from "../_latchkey/outcomes.ts";
import type { Environment } from "../_latchkey/environment.ts";
import { hashSeed, type RefreshToken } from "../_latchkey/refresh_token.ts";
import {
  bearerToken,
  type Body,
  client,
  isAdministrator,
  list,
  malformed,
  optionalUuid,
  readBody,
  strings,
} from "../_latchkey/request.ts";
import {
  oauthClient,
  requireRecent,
  requireSession,
  sessionOver,
} from "../_latchkey/require_session.ts";

const SCOPES = ["local", "others", "global"];

const revoke: Handler = async (request, context) => {
  const cookie = isCookieMode(request, context.environment);
  if (cookie instanceof Refusal) return cookie;
  const bearer = bearerToken(request);
  if (bearer instanceof Refusal) return bearer;
  const administrator = isAdministrator(request, context.environment);
  const parsed = await readBody(request, {
    known: administrator
      ? ["user_id", "session_id", "reason"]
      : ["scope", "session_id"],
    forms: true,
  });
  if (parsed instanceof Refusal) return parsed;

  if (parsed.type === "form") {
    if (bearer !== undefined) {
      return malformed("Send one token: as bearer, or in the form.");
    }
    return await revokeToken(request, parsed.body, context);
  }
  if (administrator) {
    if (bearer !== undefined) {
      return malformed("Send the secret key or an access token, not both.");
    }
    return await revokeByAdministrator(request, parsed.body, context);
  }
  const input = userInput(parsed.body);
  if (input instanceof Refusal) return input;
  const token = cookie
    ? await cookieToken(request, context, input.session_id)
    : undefined;
  if (token instanceof Refusal) return token;
  const isLocal = input.scope === "local" || input.session_id !== undefined;
  // The access token may have expired when a page signs out.
  return token && bearer === undefined && isLocal
    ? await revokeCookie(request, token, context)
    : await revokeByUser(request, input, token, context);
};

interface UserInput {
  scope?: string;
  session_id?: string;
}

function userInput(body: Body): UserInput | Refusal {
  const input = strings(body, { scope: 16, session_id: 36 });
  if (input instanceof Refusal) return input;
  if ((input.scope === undefined) === (input.session_id === undefined)) {
    return malformed(`Send either a scope (${list(SCOPES)}) or a session_id.`);
  }
  if (input.scope !== undefined && !SCOPES.includes(input.scope)) {
    return malformed(`The scope is ${list(SCOPES)}.`);
  }
  const sessionId = optionalUuid("session_id", input.session_id);
  if (sessionId instanceof Refusal) return sessionId;
  return { scope: input.scope, session_id: sessionId };
}

async function revokeCookie(
  request: Request,
  token: RefreshToken,
  context: Context,
): Promise<Outcome> {
  const revoked = await endByRefreshToken(request, token, context);
  return revoked instanceof Refusal
    ? revoked
    : withoutCookie({ revoked }, context.environment);
}

/** @param token What the cookie holds, in cookie mode. */
async function revokeByUser(
  request: Request,
  input: UserInput,
  token: RefreshToken | undefined,
  context: Context,
): Promise<Outcome> {
  // Whether the session stands is looked at by latchkey.revoke itself.
  const caller = await requireSession(request, {}, context);
  if (caller instanceof Refusal) return caller;
  const isOwn = input.scope === "local" ||
    input.session_id === caller.sessionId;
  if (!isOwn) {
    // Asked before the ids are looked at, so that it tells nothing about them.
    const maxAge = await context.database.call("revoke_max_age_seconds", {});
    if (maxAge instanceof Refusal) return maxAge;
    const refusal = requireRecent(caller, maxAge ?? undefined);
    if (refusal) return refusal;
  }
  const result = await context.database.call("revoke", {
    caller_session_id: caller.sessionId,
    user_id: caller.userId,
    scope: input.scope ?? null,
    session_id: input.session_id ?? null,
    actor_ip: client(request, context.environment).ip,
  });
  if (result instanceof Refusal) return result;
  switch (result.outcome) {
    case "done": {
      if (result.revoked) deliverInBackground(context);
      const isOwnEnd = input.scope !== "others" &&
        (input.session_id ?? caller.sessionId) === caller.sessionId;
      // The cookie of another session is not this one's to take back.
      return isOwnEnd && token?.sessionId === caller.sessionId
        ? withoutCookie({ revoked: result.revoked }, context.environment)
        : { revoked: result.revoked };
    }
    case "forbidden":
      return new Refusal("forbidden", {
        description:
          "You have no session of that id: list yours to see which there are.",
      });
    case "oauth_client":
      return oauthClient();
    default:
      return sessionOver(result);
  }
}

function withoutCookie(body: unknown, environment: Environment): Response {
  return Response.json(body, {
    headers: { "Set-Cookie": clearCookie(environment) },
  });
}

/**
 * RFC 7009 section 2.2: what is unknown, invalid or over already is answered
 * like what was just ended. The hint is not needed: the two kinds of tokens
 * tell themselves apart.
 */
async function revokeToken(
  request: Request,
  body: Body,
  context: Context,
): Promise<Outcome> {
  const input = strings(body, { token: 8192 });
  if (input instanceof Refusal) return input;
  if (!input.token) return malformed("Send a token.");
  const refreshToken = context.refreshTokens.read(input.token);
  const revoked = refreshToken
    ? await endByRefreshToken(request, refreshToken, context)
    : await endByAccessToken(request, input.token, context);
  return revoked instanceof Refusal
    ? revoked
    : new Response(null, { status: 200 });
}

/** Whoever holds a refresh token of a session, of any generation, may end it. */
async function endByRefreshToken(
  request: Request,
  token: RefreshToken,
  context: Context,
): Promise<number | Refusal> {
  note(request, { session_id: token.sessionId });
  const revoked = await context.database.call("revoke_token", {
    session_id: token.sessionId,
    secret_hash: hashSeed(token.seed),
    actor_ip: client(request, context.environment).ip,
  });
  if (!(revoked instanceof Refusal) && revoked) deliverInBackground(context);
  return revoked;
}

/** What is no access token of this project has no session to end. */
async function endByAccessToken(
  request: Request,
  token: string,
  context: Context,
): Promise<number | Refusal> {
  const caller = await context.accessTokens.verify(token);
  if (caller instanceof Refusal) return 0;
  note(request, { session_id: caller.sessionId, user_id: caller.userId });
  const result = await context.database.call("revoke", {
    caller_session_id: caller.sessionId,
    user_id: caller.userId,
    scope: "local",
    session_id: null,
    actor_ip: client(request, context.environment).ip,
  });
  if (result instanceof Refusal) return result;
  if (result.revoked) deliverInBackground(context);
  return result.revoked ?? 0;
}

async function revokeByAdministrator(
  request: Request,
  body: Body,
  context: Context,
): Promise<Outcome> {
  const input = strings(body, { user_id: 36, session_id: 36, reason: 32 });
  if (input instanceof Refusal) return input;
  if ((input.user_id === undefined) === (input.session_id === undefined)) {
    return malformed("Send either a user_id or a session_id.");
  }
  const userId = optionalUuid("user_id", input.user_id);
  if (userId instanceof Refusal) return userId;
  const sessionId = optionalUuid("session_id", input.session_id);
  if (sessionId instanceof Refusal) return sessionId;
  const reason = input.reason ?? "admin";
  if (!(REASONS as readonly string[]).includes(reason)) {
    return malformed(`The reason is ${list(REASONS)}.`);
  }
  note(request, { session_id: sessionId, user_id: userId });
  const revoked = await context.database.call("revoke_by_admin", {
    user_id: userId ?? null,
    session_id: sessionId ?? null,
    reason,
    actor_ip: client(request, context.environment).ip,
  });
  if (revoked instanceof Refusal) return revoked;
  if (revoked) deliverInBackground(context);
  return { revoked };
}

export default endpoint("revoke", "POST", revoke);
