/**
 * `POST /deliver`, with the secret key: sends the due notices to the services in
 * `latchkey.receivers` → `{delivered, refused, failed}`. A scheduler calls it
 * every minute. A sign-in or a revocation through these functions also sends its
 * own notices immediately.
 *
 * @module
 */
import type { Handler } from "../_latchkey/context.ts";
import { requireAdministrator } from "../_latchkey/credentials.ts";
import { endpoint } from "../_latchkey/endpoint.ts";
import { deliverNotices } from "../_latchkey/notices.ts";
import { Refusal } from "../_latchkey/outcomes.ts";

const deliver: Handler = async (request, context) => {
  const refusal = requireAdministrator(request, context.environment);
  if (refusal) return refusal;
  const deliveries = await deliverNotices(context);
  return deliveries instanceof Refusal ? deliveries : { ...deliveries };
};

export default endpoint("deliver", "POST", deliver);
