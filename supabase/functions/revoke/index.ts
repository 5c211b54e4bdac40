/**
 * `POST /revoke` ends sessions:
 *
 * - a user's, with an access token: `{scope: "local" | "others" | "global"}` or
 *   `{session_id}` → `{revoked: n}`;
 * - by any token of the session, as RFC 7009 has it: form `token=…` → 200, empty;
 * - by a disavow token: `{token, scope?: "local" | "global"}` → `{revoked: n}`, or
 *   the same as a form → 200, empty;
 * - in cookie mode by the cookie alone: `{scope: "local"}`, or the
 *   `{session_id}` that it must belong to → `{revoked: n}`;
 * - any user's, with the secret key: `{user_id}` or `{session_id}`, `{reason?}`
 *   → `{revoked: n}`.
 *
 * @module
 */
import * as v from "valibot";
import {
  type Body,
  check,
  form,
  json,
  optional,
  readBody,
  rule,
  text,
  uuid,
} from "../_latchkey/body.ts";
import {
  authenticatedAt,
  checkCaller,
  oauthClient,
  reauthenticationRequired,
  sessionOver,
} from "../_latchkey/caller.ts";
import { client } from "../_latchkey/client.ts";
import type { Context, Handler, Outcome } from "../_latchkey/context.ts";
import {
  clearCookie,
  cookieToken,
  isCookieMode,
} from "../_latchkey/cookie_mode.ts";
import { bearerToken, isAdministrator } from "../_latchkey/credentials.ts";
import { isDisavowToken } from "../_latchkey/disavow_token.ts";
import { endpoint } from "../_latchkey/endpoint.ts";
import type { Environment } from "../_latchkey/environment.ts";
import { note } from "../_latchkey/log.ts";
import { deliverInBackground } from "../_latchkey/notices.ts";
import {
  list,
  malformed,
  REASONS,
  Refusal,
  SCOPES,
  unknownOutcome,
} from "../_latchkey/outcomes.ts";
import { hashSeed, type RefreshToken } from "../_latchkey/refresh_token.ts";

/**
 * How long to continue if there are more sessions than one call ends. Each call
 * is its own transaction.
 */
const MANY_MILLISECONDS = 8_000;

/** The scopes of a disavow token. */
const DISAVOW_SCOPES = ["local", "global"] as const;

const disavowScope = () =>
  optional(
    v.pipe(
      text(16),
      v.picklist(DISAVOW_SCOPES, `must be ${list(DISAVOW_SCOPES)}`),
    ),
  );

const DISAVOW_INPUT = json({ token: text(8192), scope: disavowScope() });

/** The token's prefix shows its kind, so the hint is not needed. */
const TOKEN_INPUT = form({
  token: text(8192),
  token_type_hint: optional(text(64)),
  scope: disavowScope(),
});

const USER_INPUT = v.pipe(
  json({
    scope: optional(
      v.pipe(text(16), v.picklist(SCOPES, `must be ${list(SCOPES)}`)),
    ),
    session_id: optional(uuid()),
  }),
  rule(
    ({ scope, session_id }) =>
      (scope === undefined) !== (session_id === undefined),
    `Send either a scope (${list(SCOPES)}) or a session_id.`,
  ),
);
type UserInput = v.InferOutput<typeof USER_INPUT>;

const ADMINISTRATOR_INPUT = v.pipe(
  json({
    user_id: optional(uuid()),
    session_id: optional(uuid()),
    reason: optional(
      v.pipe(text(32), v.picklist(REASONS, `must be ${list(REASONS)}`)),
    ),
  }),
  rule(
    ({ user_id, session_id }) =>
      (user_id === undefined) !== (session_id === undefined),
    "Send either a user_id or a session_id.",
  ),
);

const revoke: Handler = async (request, context) => {
  const cookie = isCookieMode(request, context.environment);
  if (cookie instanceof Refusal) return cookie;
  const bearer = bearerToken(request);
  if (bearer instanceof Refusal) return bearer;
  const body = await readBody(request, { forms: true });
  if (body instanceof Refusal) return body;

  if (body.type === "form") {
    return bearer === undefined
      ? await revokeToken(request, body, context)
      : malformed("Send one token: as bearer, or in the form.");
  }
  if (body.values.token !== undefined) {
    return bearer === undefined
      ? await disavow(request, body, context)
      : malformed("Send one token: as bearer, or in the body.");
  }
  if (isAdministrator(request, context.environment)) {
    return bearer === undefined
      ? await revokeByAdministrator(request, body, context)
      : malformed("Send the secret key or an access token, not both.");
  }
  const input = check(USER_INPUT, body.values);
  if (input instanceof Refusal) return input;
  const token = cookie
    ? await cookieToken(request, context, input.session_id)
    : undefined;
  if (token instanceof Refusal) return token;
  // A page may sign out with only the cookie, because its access token may have
  // expired.
  return token && bearer === undefined &&
      (input.scope === "local" || input.session_id !== undefined)
    ? await revokeCookie(request, token, context)
    : await revokeByUser(request, input, token, context);
};

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

/** @param token The token in the cookie, in cookie mode. */
async function revokeByUser(
  request: Request,
  input: UserInput,
  token: RefreshToken | undefined,
  context: Context,
): Promise<Outcome> {
  // latchkey.revoke checks that the session is active.
  const caller = await checkCaller(request, {}, context);
  if (caller instanceof Refusal) return caller;
  const result = await untilNoMore(
    context,
    () =>
      context.database.call("revoke", {
        caller_session_id: caller.sessionId,
        user_id: caller.userId,
        authenticated_at: authenticatedAt(caller),
        scope: input.scope ?? null,
        session_id: input.session_id ?? null,
        actor_ip: client(request, context.environment).ip,
      }),
  );
  if (result instanceof Refusal) return result;
  switch (result.outcome) {
    case "done": {
      const isOwnEnd = input.scope !== "others" &&
        (input.session_id ?? caller.sessionId) === caller.sessionId;
      // The cookie belongs to another session, so it is kept.
      return isOwnEnd && token?.sessionId === caller.sessionId
        ? withoutCookie({ revoked: result.revoked }, context.environment)
        : { revoked: result.revoked };
    }
    case "forbidden":
      return new Refusal("forbidden", {
        description:
          "You have no session with this id. GET /sessions lists your sessions.",
      });
    case "oauth_client":
      return oauthClient();
    case "reauthentication_required":
      return reauthenticationRequired(result.max_age_seconds!);
    case "revoked":
    case "expired":
      return sessionOver({ ...result, outcome: result.outcome });
    default:
      return unknownOutcome(result.outcome);
  }
}

/** Repeats the call while sessions are left, and adds up how many ended. */
async function untilNoMore<
  Result extends { revoked: number | null; more: boolean | null },
>(
  context: Context,
  call: () => Promise<Result | Refusal>,
): Promise<Result | Refusal> {
  const deadline = performance.now() + MANY_MILLISECONDS;
  let revoked = 0;
  try {
    while (true) {
      const result = await call();
      if (result instanceof Refusal) {
        return revoked > 0 && result.code === "database_unavailable"
          ? notAllEnded(result.details.cause)
          : result;
      }
      revoked += result.revoked ?? 0;
      if (!result.more) return { ...result, revoked };
      if (performance.now() > deadline) return notAllEnded();
    }
  } finally {
    if (revoked > 0) deliverInBackground(context);
  }
}

/**
 * Each call is a separate transaction, so earlier calls have already been
 * committed.
 */
function notAllEnded(cause?: string): Refusal {
  return new Refusal("database_unavailable", {
    description:
      "Not all of the sessions have ended yet. Send the request again to end the rest.",
    cause,
  });
}

function withoutCookie(body: unknown, environment: Environment): Response {
  return Response.json(body, {
    headers: { "Set-Cookie": clearCookie(environment) },
  });
}

/**
 * @see RFC 7009 section 2.2: an unknown or invalid token, and one whose session
 * has already ended, get the same answer as one whose session was just ended.
 */
async function revokeToken(
  request: Request,
  { values }: Body,
  context: Context,
): Promise<Outcome> {
  const input = check(TOKEN_INPUT, values);
  if (input instanceof Refusal) return input;
  if (isDisavowToken(input.token)) {
    const revoked = await endByDisavowToken(request, input, context);
    return revoked instanceof Refusal &&
        revoked.code !== "invalid_disavow_token"
      ? revoked
      : new Response(null, { status: 200 });
  }
  const refreshToken = context.refreshTokens.read(input.token);
  const revoked = refreshToken
    ? await endByRefreshToken(request, refreshToken, context)
    : await endByAccessToken(request, input.token, context);
  return revoked instanceof Refusal
    ? revoked
    : new Response(null, { status: 200 });
}

async function disavow(
  request: Request,
  { values }: Body,
  context: Context,
): Promise<Outcome> {
  const input = check(DISAVOW_INPUT, values);
  if (input instanceof Refusal) return input;
  const revoked = await endByDisavowToken(request, input, context);
  return revoked instanceof Refusal ? revoked : { revoked };
}

/**
 * The user says that somebody else started the session. The guess of a token
 * needs no rate limit: 256 bits of it are an HMAC, which is checked here.
 */
async function endByDisavowToken(
  request: Request,
  { token, scope = "local" }: v.InferOutput<typeof DISAVOW_INPUT>,
  context: Context,
): Promise<number | Refusal> {
  const session_id = context.disavowTokens.read(token);
  if (session_id === undefined) return new Refusal("invalid_disavow_token");
  note(request, { session_id });
  const actor_ip = client(request, context.environment).ip;
  const result = await untilNoMore(
    context,
    () => context.database.call("disavow", { session_id, scope, actor_ip }),
  );
  if (result instanceof Refusal) return result;
  switch (result.outcome) {
    case "done":
      return result.revoked!;
    case "used":
    case "unknown":
      return new Refusal("invalid_disavow_token");
    default:
      return unknownOutcome(result.outcome);
  }
}

/** A refresh token of any generation may end its session. */
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

/** An invalid access token ends nothing. */
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
    authenticated_at: authenticatedAt(caller),
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
  { values }: Body,
  context: Context,
): Promise<Outcome> {
  const input = check(ADMINISTRATOR_INPUT, values);
  if (input instanceof Refusal) return input;
  const { user_id, session_id, reason = "admin" } = input;
  note(request, { session_id, user_id });
  const result = await untilNoMore(
    context,
    () =>
      context.database.call("revoke_by_admin", {
        user_id: user_id ?? null,
        session_id: session_id ?? null,
        reason,
        actor_ip: client(request, context.environment).ip,
      }),
  );
  return result instanceof Refusal ? result : { revoked: result.revoked };
}

export default endpoint("revoke", "POST", revoke);
