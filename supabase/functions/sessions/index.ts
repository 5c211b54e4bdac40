/**
 * `GET /sessions`: the sessions that stand, the last used first →
 * `{sessions: [{session_id, created_at, last_used_at, expires_at, user_agent,
 * ip, device_name, current}]}`:
 *
 * - a user's own, with an access token;
 * - for an administrator, with the secret key and `?user_id=`, that user's.
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
import {
  malformed,
  parseUuid,
  requireAdministrator,
} from "../_latchkey/request.ts";
import { requireSession, sessionOver } from "../_latchkey/require_session.ts";

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
  // Whether the session stands is looked at by latchkey.sessions itself.
  const caller = await requireSession(request, {}, context);
  if (caller instanceof Refusal) return caller;
  const result = await context.database.call("sessions", {
    caller_session_id: caller.sessionId,
    user_id: caller.userId,
  });
  if (result instanceof Refusal) return result;
  return result.outcome === "active"
    ? { sessions: result.sessions }
    : sessionOver(result);
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
