/**
 * A notice tells a receiver about one event of a session.
 *
 * @module
 */
import type { Database } from "./database.types.ts";

type Enums = Database["latchkey"]["Enums"];

/** One event for one receiver, as `latchkey.take_notices` returns it. */
export interface Notice {
  /**
   * The same at each attempt, so that receivers can drop duplicates: the
   * `webhook-id`, or the `jti` of a Security Event Token.
   */
  id: string;
  receiver_id: string;
  url: string;
  format: Enums["receiver_format"];
  /** For `caep`. */
  audience: string | null;
  /** For `standard_webhooks`: one, or two while the secret is rotated. */
  secrets: string[];
  payload: Payload;
}

/** What happened, as docs/webhooks.md describes it. */
export interface Payload {
  type:
    | "session.created"
    | "session.revoked"
    | "session.expired"
    | "session.reuse_detected"
    | "session.client_changed";
  /** When it happened, in ISO 8601. */
  timestamp: string;
  data: {
    session_id: string;
    user_id: string;
    [name: string]: unknown;
  };
}

/** The data of `session.revoked`, the only type that `caep` receivers get. */
export interface Revocation {
  session_id: string;
  user_id: string;
  reason: Enums["revoked_reason"];
  initiating_entity: "admin" | "user" | "policy";
}
