/**
 * `GET /profile`: an example of a protected function. It answers only while the
 * session is active, even if the access token has not expired.
 *
 * @module
 */
import { checkCaller } from "../_latchkey/caller.ts";
import type { Handler } from "../_latchkey/context.ts";
import { endpoint } from "../_latchkey/endpoint.ts";
import { Refusal } from "../_latchkey/outcomes.ts";

const profile: Handler = async (request, context) => {
  const caller = await checkCaller(request, { live: true }, context);
  if (caller instanceof Refusal) return caller;
  return {
    user_id: caller.userId,
    email: caller.claims.email,
    session_id: caller.sessionId,
  };
};

export default endpoint("profile", "GET", profile);
