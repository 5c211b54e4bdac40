/**
 * A function of an app that receives Latchkey's webhooks: it mails a sign-in on a
 * new device to its user, with a link for "It wasn't me".
 *
 * In a project, put it with its deno.json into `supabase/functions/notify`, set
 * `verify_jwt = false` for it in config.toml, and set these secrets:
 *
 * - `WEBHOOK_SECRET`: `whsec_…`, as in the receiver's row. While you replace it,
 *   separate the two with a space.
 * - `SMTP_URL`: `smtps://<user>:<password>@<host>:465`, with the user and the
 *   password percent-encoded. Supabase's functions cannot connect to the ports 25
 *   and 587.
 * - `MAIL_FROM`: the sender, such as `Shop <security@shop.example>`.
 * - `DISAVOW_URL`: your copy of `examples/disavow`.
 *
 * Then add the receiver:
 *
 * ```sql
 * insert into latchkey.receivers (url, format, events, secrets) values (
 *   'https://<project>.supabase.co/functions/v1/notify', 'standard_webhooks',
 *   '{session.created}', '{whsec_…}'
 * );
 * ```
 *
 * @module
 */
import { createClient } from "@supabase/supabase-js";
import nodemailer from "nodemailer";
import { Webhook } from "standardwebhooks";

/** The body of `session.created`, without what this function does not use. */
interface SessionCreated {
  type: "session.created";
  timestamp: string;
  data: {
    user_id: string;
    new_device: boolean;
    disavow_token: string;
    client?: string;
    country?: string;
    ip?: string;
  };
}

const webhooks = required("WEBHOOK_SECRET").split(" ")
  .map((secret) => new Webhook(secret));
const disavowUrl = new URL(required("DISAVOW_URL"));
const mailer = nodemailer.createTransport(required("SMTP_URL"), {
  from: required("MAIL_FROM"),
});
const { auth } = createClient(
  required("SUPABASE_URL"),
  JSON.parse(required("SUPABASE_SECRET_KEYS")).default,
  { auth: { persistSession: false, autoRefreshToken: false } },
);

function required(name: string): string {
  const value = Deno.env.get(name);
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

/** Whether one of the secrets signed the request, within five minutes. */
function isAuthentic(headers: Headers, body: string): boolean {
  return webhooks.some((webhook) => {
    try {
      webhook.verify(body, Object.fromEntries(headers));
      return true;
    } catch {
      return false;
    }
  });
}

/** The names of common browsers and platforms. */
const KNOWN_DEVICE =
  /^(?:Chrome|Edge|Firefox|Microsoft Edge|Opera|Safari|Samsung Internet for Android) on (?:Android|Chrome OS|iOS|Linux|macOS|Windows)$/;

/**
 * The text has no words that the client chose. Otherwise somebody with a stolen
 * password could write to the account's owner through the User-Agent header.
 */
function textOf({ timestamp, data }: SessionCreated): string {
  const { client, country, ip, disavow_token } = data;
  // The part after # is not sent to any server, so the token is in no log.
  const link = new URL(`#token=${disavow_token}`, disavowUrl);
  return [
    "Somebody signed in to your account on a new device.",
    "",
    `Time: ${new Date(timestamp).toUTCString()}`,
    `Device: ${KNOWN_DEVICE.test(client ?? "") ? client : "unknown"}`,
    `Address: ${ip ?? "unknown"}${country ? ` (${country})` : ""}`,
    "",
    "If this was you, you do not need to do anything.",
    "",
    "If it was not you, open this link within seven days to end the session:",
    link.href,
    "Then change your password.",
    "",
  ].join("\n");
}

async function notify(request: Request): Promise<Response> {
  const body = await request.text();
  if (!isAuthentic(request.headers, body)) {
    return new Response(null, { status: 401 });
  }
  const event: SessionCreated = JSON.parse(body);
  if (event.type !== "session.created" || !event.data.new_device) {
    return new Response(null, { status: 204 });
  }

  const { data, error } = await auth.admin.getUserById(event.data.user_id);
  // Any other status makes Latchkey send the webhook again later.
  if (error && error.status !== 404) {
    return new Response(null, { status: 503 });
  }
  if (data.user?.email) {
    await mailer.sendMail({
      to: { name: "", address: data.user.email },
      subject: "New sign-in to your account",
      text: textOf(event),
      // A retry after a lost answer has the same one, so mailboxes drop it.
      messageId: `<${
        request.headers.get("webhook-id")
      }@${disavowUrl.hostname}>`,
    });
  }
  return new Response(null, { status: 204 });
}

export default {
  async fetch(request: Request): Promise<Response> {
    try {
      return await notify(request);
    } catch (error) {
      // The message may quote the address.
      console.error(
        "The mail was not sent:",
        (error as { code?: string }).code,
      );
      return new Response(null, { status: 503 });
    }
  },
};
