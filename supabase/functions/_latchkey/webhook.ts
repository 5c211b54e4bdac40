/**
 * Webhooks tell another service what happens to sessions, in the form of
 * Standard Webhooks.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * @module
 */
import type { DisavowTokens } from "./disavow_token.ts";
import type { Notice, Payload } from "./notice.ts";

/** The JSON text of a webhook. Each attempt has the same. */
export function webhookBody(
  { type, timestamp, data }: Payload,
  disavowTokens: DisavowTokens,
): string {
  if (type !== "session.created") {
    return JSON.stringify({ type, timestamp, data });
  }
  const disavow_token = disavowTokens.issue(
    data.session_id,
    Date.parse(timestamp) / 1000,
  );
  return JSON.stringify({ type, timestamp, data: { ...data, disavow_token } });
}

/**
 * The headers that prove a webhook, with one signature for each secret.
 *
 * @param attemptedAt Receivers refuse a webhook that was signed more than five
 * minutes ago, so that a captured one cannot be sent again later.
 */
export async function signWebhook(
  { id, secrets }: Pick<Notice, "id" | "secrets">,
  body: string,
  attemptedAt = new Date(),
): Promise<Record<string, string>> {
  // Most projects have no receivers, so their functions start without it.
  const { Webhook } = await import("standardwebhooks");
  return {
    "webhook-id": id,
    "webhook-timestamp": `${Math.floor(attemptedAt.getTime() / 1000)}`,
    "webhook-signature": secrets.map((secret) =>
      new Webhook(secret).sign(id, attemptedAt, body)
    ).join(" "),
  };
}
