/**
 * `GET /profile`: an example of a protected function. It answers only while the
 * session stands, whatever the access token says.
 *
 * @module
 */
import { endpoint, type Handler } from "../_latchkey/endpoint.ts";
import { Refusal } from "../_latchkey/outcomes.ts";
import { requireSession } from "../_latchkey/require_session.ts";

const profile: Handler = async (request, context) => {
  const caller = await requireSession(request, { live: true }, context);
  if (caller instanceof Refusal) return caller;
  return {
    user_id: caller.userId,
    email: caller.claims.email,
    session_id: caller.sessionId,
  };
};

export default endpoint("profile", "GET", profile);
