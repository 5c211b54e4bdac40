/**
 * `GET /sessions`: the caller's sessions that stand, the last used first →
 * `{sessions: [{session_id, created_at, last_used_at, expires_at, user_agent,
 * ip, device_name, current}]}`.
 *
 * @module
 */
import { endpoint, type Handler } from "../_shared/endpoint.ts";
import { Refusal } from "../_shared/outcomes.ts";
import { requireSession, sessionOver } from "../_shared/require_session.ts";

const sessions: Handler = async (request, context) => {
  // Whether the session stands is looked at by latchkey.sessions itself.
  const caller = await requireSession(request, context, { live: false });
  if (caller instanceof Refusal) return caller;
  const result = await context.database.call("sessions", {
    caller_session_id: caller.sessionId,
    user_id: caller.userId,
  });
  if (result instanceof Refusal) return result;
  return result.outcome === "active"
    ? { sessions: result.sessions }
    : sessionOver(result);
};

export default endpoint("sessions", "GET", sessions);
