/**
 * `POST /deliver`, with the secret key: sends the notices of revocations that
 * are due to the services in `latchkey.receivers` → `{delivered, refused,
 * failed}`. For a scheduler, every minute; a revocation through these functions
 * sends its own at once.
 *
 * @module
 */
import { endpoint, type Handler } from "../_latchkey/endpoint.ts";
import { deliverNotices } from "../_latchkey/notices.ts";
import { Refusal } from "../_latchkey/outcomes.ts";
import { requireAdministrator } from "../_latchkey/request.ts";

const deliver: Handler = async (request, context) => {
  const refusal = requireAdministrator(request, context.environment);
  if (refusal) return refusal;
  const deliveries = await deliverNotices(context);
  return deliveries instanceof Refusal ? deliveries : { ...deliveries };
};

export default endpoint("deliver", "POST", deliver);
