/**
 * The example of a receiver mails a sign-in on a new device to its user, through
 * a real SMTP server. It runs on the Deno version of Supabase's edge runtime.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";
import PostalMime from "postal-mime";
// @ts-types="../../types/smtp_server.d.ts"
import { SMTPServer } from "smtp-server";
import { Webhook } from "standardwebhooks";
import { certificateEnvironment, fetchDeno } from "../../stack/edge_runtime.ts";
import {
  api,
  newUser,
  type Session,
  stack,
  until,
  type User,
  withDatabase,
} from "../harness.ts";

const EXAMPLE = fromFileUrl(
  new URL("../../examples/functions/notify", import.meta.url),
);
const LISTENING = /Listening on (http:\S+)/;
const SECRET = `whsec_${btoa("a secret of more than 24 bytes")}`;
const DISAVOW_URL = "https://app.example/disavow";

/** A mail that the server got. */
interface Mail {
  from: string;
  to: string[];
  text: string;
}

/** An SMTP server that accepts one user's mails, for the length of a test. */
async function mailServer() {
  const mails: Mail[] = [];
  const state = { refusing: false };
  const server = new SMTPServer({
    allowInsecureAuth: true,
    disabledCommands: ["STARTTLS"],
    onAuth({ username, password }, _session, done) {
      username === "latchkey" && password === "p@ss/word"
        ? done(null, { user: username })
        : done(new Error("wrong password"));
    },
    async onData(stream, { envelope }, done) {
      const text = await new Response(ReadableStream.from(stream)).text();
      if (state.refusing) return done(new Error("no room"));
      mails.push({
        from: envelope.mailFrom ? envelope.mailFrom.address : "",
        to: envelope.rcptTo.map(({ address }) => address),
        text,
      });
      done(null);
    },
  });
  await new Promise<void>((listening) =>
    server.listen(0, "127.0.0.1", listening)
  );
  return {
    mails,
    state,
    url: `smtp://latchkey:${
      encodeURIComponent("p@ss/word")
    }@127.0.0.1:${server.server.address().port}`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((closed) => server.close(closed)),
  };
}

/** Serves the example, for the length of a test. */
async function serveExample(variables: Record<string, string>) {
  const process = new Deno.Command(await fetchDeno(), {
    args: [
      ...["serve", "--no-config", "--no-lock", "--no-prompt", "--no-check"],
      ...["--allow-net", "--allow-env", "--allow-read", "--allow-sys"],
      ...["--host=127.0.0.1", "--port=0"],
      `--import-map=${EXAMPLE}/deno.json`,
      `${EXAMPLE}/index.ts`,
    ],
    env: {
      SUPABASE_URL: stack.apiUrl,
      SUPABASE_SECRET_KEYS: JSON.stringify({ default: stack.secretKey }),
      WEBHOOK_SECRET: SECRET,
      MAIL_FROM: "Shop <security@shop.example>",
      DISAVOW_URL,
      NO_COLOR: "1",
      ...certificateEnvironment(),
      ...variables,
    },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let log = "";
  const reading = (async () => {
    for await (
      const text of process.stderr.pipeThrough(new TextDecoderStream())
    ) log += text;
  })();
  const stop = async () => {
    process.kill();
    await process.status;
    await reading;
  };
  try {
    await until(() => LISTENING.test(log), "the example", 30_000);
  } catch (error) {
    await stop();
    throw new Error(log, { cause: error });
  }
  return {
    url: LISTENING.exec(log)![1]!,
    log: () => log,
    [Symbol.asyncDispose]: stop,
  };
}

/** Signs in from a device, with a browser's name. */
async function signIn(
  { email, password }: User,
  device_id: string,
  userAgent =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
): Promise<Session> {
  const { status, body } = await api.post("login", {
    email,
    password,
    device_id,
  }, { "User-Agent": userAgent });
  assertEquals(status, 200, JSON.stringify(body));
  return body;
}

Deno.test("the example notify mails a sign-in on a new device, and its link ends the session", async () => {
  await using smtp = await mailServer();
  await using example = await serveExample({ SMTP_URL: smtp.url });
  await withDatabase(stack.dbUrl, async (sql) => {
    const [receiver] = await sql`
      insert into latchkey.receivers (url, format, events, secrets)
      values (${example.url}, 'standard_webhooks', '{session.created}', ${[
      SECRET,
    ]})
      returning id`;
    const answered = (count: number) =>
      until(async () => {
        await api.post("deliver", {}, { apikey: stack.secretKey });
        const notices = await sql`
          select outcome from latchkey.outbox where receiver_id = ${
          receiver!.id
        }`;
        return notices.length >= count &&
          notices.every(({ outcome }) => outcome === "delivered");
      }, `${count} answers`);
    try {
      const user = await newUser();
      const theirs = () =>
        smtp.mails.filter(({ to }) => to.includes(user.email));
      await signIn(user, "laptop");
      await signIn(user, "laptop");
      await answered(2);
      assertEquals(theirs(), [], "a known device, and the first one");

      const session = await signIn(user, "phone");
      await until(() => theirs().length === 1, "the mail");
      const [mail] = theirs();
      assertEquals(mail!.from, "security@shop.example");
      assertEquals(mail!.to, [user.email]);
      const { headers, subject, text, html, from } = await PostalMime.parse(
        mail!.text,
      );
      const header = (name: string) =>
        headers.find(({ key }) => key === name)?.value ?? "";
      assertMatch(header("content-type"), /^text\/plain/);
      assertEquals(html, undefined);
      assertEquals(from, { name: "Shop", address: "security@shop.example" });
      assertEquals(subject, "New sign-in to your account");
      const [notice] = await sql`
        select id from latchkey.outbox
        where receiver_id = ${receiver!.id}
          and payload -> 'data' ->> 'session_id' = ${session.session_id}`;
      assertEquals(header("message-id"), `<${notice!.id}@app.example>`);
      const lines = text!.trim().split(/\r?\n/);
      assertEquals(
        lines[0],
        "Somebody signed in to your account on a new device.",
      );
      assert(lines.includes("Device: Firefox on Windows"), text);
      assert(lines.some((line) => /^Time: \w{3}, .* GMT$/.test(line)), text);
      assert(lines.some((line) => /^Address: \S+/.test(line)), text);
      assertEquals(lines.at(-1), "Then change your password.");

      const link = new URL(lines.at(-2)!);
      assertEquals(link.origin + link.pathname, DISAVOW_URL);
      const token = new URLSearchParams(link.hash.slice(1)).get("token");
      const { status, body } = await api.post("revoke", { token });
      assertEquals([status, body], [200, { revoked: 1 }]);
      assertEquals(
        (await api.refresh(session.refresh_token)).body.reason,
        "suspicious",
      );

      // Nothing that a thief chooses gets into the mail.
      await signIn(user, "other", "Call-evil.example/1.0 (Windows NT 10.0)");
      await until(() => theirs().length === 2, "the second mail");
      const second = await PostalMime.parse(theirs()[1]!.text);
      assert(!second.text!.includes("evil"), second.text);
      assertMatch(second.text!, /^Device: unknown$/m);
      await answered(4);
      assert(!example.log().includes(user.email));
    } finally {
      await sql`delete from latchkey.receivers where id = ${receiver!.id}`;
    }
  });
});

Deno.test("the example notify refuses what Latchkey did not sign, and asks for a retry if the mail was not sent", async () => {
  await using smtp = await mailServer();
  const next = `whsec_${btoa("another secret of 24 bytes or more")}`;
  await using example = await serveExample({
    SMTP_URL: smtp.url,
    WEBHOOK_SECRET: `${SECRET} ${next}`,
  });
  const user = await newUser();
  const send = async (
    { secret = SECRET, at = new Date(), id = crypto.randomUUID(), ...changes },
    user_id = user.id,
  ) => {
    const sent = JSON.stringify({
      type: "session.created",
      timestamp: at.toISOString(),
      data: { user_id, new_device: true, disavow_token: "lkw_test" },
    });
    const response = await fetch(example.url, {
      method: "POST",
      headers: {
        "webhook-id": id,
        "webhook-timestamp": `${Math.floor(at.getTime() / 1000)}`,
        "webhook-signature": new Webhook(secret).sign(id, at, sent),
        ...changes,
      },
      body: sent,
    });
    await response.body?.cancel();
    return response.status;
  };

  assertEquals(await send({ secret: `whsec_${btoa("x".repeat(32))}` }), 401);
  assertEquals(await send({ at: new Date(Date.now() - 6 * 60_000) }), 401);
  assertEquals(await send({ "webhook-signature": "" }), 401);
  assertEquals(smtp.mails, []);
  smtp.state.refusing = true;
  assertEquals(await send({}), 503);
  smtp.state.refusing = false;
  assertEquals(await send({}), 204);
  assertEquals(await send({ secret: next }), 204);
  assertEquals(smtp.mails.map(({ to }) => to), [[user.email], [user.email]]);
  // A user who was deleted meanwhile gets no mail, and the webhook is done.
  assertEquals(await send({}, crypto.randomUUID()), 204);
  assertEquals(smtp.mails.length, 2);
});
