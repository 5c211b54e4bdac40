/**
 * `GET /sessions`: a user's active sessions, the last used first →
 * `{sessions: [{session_id, created_at, last_used_at, expires_at, user_agent,
 * ip, device_name, current}]}`:
 *
 * - the caller's, with an access token;
 * - any user's, with the secret key and `?user_id=`.
 *
 * @module
 */
import { checkCaller, sessionOver } from "../_latchkey/caller.ts";
import type { Context, Handler, Outcome } from "../_latchkey/context.ts";
import { requireAdministrator } from "../_latchkey/credentials.ts";
import { endpoint } from "../_latchkey/endpoint.ts";
import { malformed, Refusal } from "../_latchkey/outcomes.ts";
import { parseUuid } from "../_latchkey/uuid.ts";

const sessions: Handler = async (request, context) => {
  const userIds = new URL(request.url).searchParams.getAll("user_id");
  return userIds.length > 0
    ? await sessionsByAdministrator(request, userIds, context)
    : await sessionsOfCaller(request, context);
};

async function sessionsOfCaller(
  request: Request,
  context: Context,
): Promise<Outcome> {
  // latchkey.sessions checks that the session is active.
  const caller = await checkCaller(request, {}, context);
  if (caller instanceof Refusal) return caller;
  const result = await context.database.call("sessions", {
    caller_session_id: caller.sessionId,
    user_id: caller.userId,
  });
  if (result instanceof Refusal) return result;
  const { outcome, reason } = result;
  return outcome === "active"
    ? { sessions: result.sessions }
    : sessionOver({ outcome, reason });
}

async function sessionsByAdministrator(
  request: Request,
  [userId, ...more]: string[],
  { environment, database }: Context,
): Promise<Outcome> {
  const refusal = requireAdministrator(request, environment);
  if (refusal) return refusal;
  const id = more.length === 0 ? parseUuid(userId ?? "") : undefined;
  if (id === undefined) return malformed("Send one user_id, which is a UUID.");
  const list = await database.call("sessions_by_admin", { user_id: id });
  return list instanceof Refusal ? list : { sessions: list };
}

export default endpoint("sessions", "GET", sessions);
