/**
 * `POST /deliver`, with the secret key: sends the notices of revocations that
 * are due to the services in `latchkey.receivers` → `{delivered, refused,
 * failed}`. For a scheduler, every minute; a revocation through these functions
 * sends its own at once.
 *
 * @module
 */
import { endpoint, type Handler } from "../_shared/endpoint.ts";
import { deliverNotices } from "../_shared/notices.ts";
import { Refusal } from "../_shared/outcomes.ts";
import { isAdministrator } from "../_shared/request.ts";

const deliver: Handler = async (request, context) => {
  const administrator = await isAdministrator(request, context.environment);
  if (administrator instanceof Refusal) return administrator;
  if (!administrator) {
    return new Refusal("forbidden", {
      description: "This is for schedulers: send the secret key as apikey.",
    });
  }
  const deliveries = await deliverNotices(context);
  return deliveries instanceof Refusal ? deliveries : { ...deliveries };
};

export default endpoint("deliver", "POST", deliver);
