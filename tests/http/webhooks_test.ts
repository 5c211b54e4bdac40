/**
 * Receivers get the events of sessions as Standard Webhooks, and verify them
 * with the library of the specification.
 */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { DatabaseError, type Sql } from "../../stack/sql.ts";
import {
  Api,
  api,
  bearer,
  expectOk,
  newUser,
  quickSession,
  type Session,
  stack,
  supabase,
  until,
  type User,
  WAYS,
  withDatabase,
} from "../harness.ts";
import {
  type Answering,
  deliver,
  type Post,
  type Receiver,
  receiver,
} from "./receiver.ts";

const EVERY_TYPE = [
  "session.created",
  "session.revoked",
  "session.expired",
  "session.reuse_detected",
  "session.client_changed",
];

/** The events of a session whose token was copied, in their order. */
const REUSE = ["session.created", "session.revoked", "session.reuse_detected"];

/** A webhook's body. */
interface Payload {
  type: string;
  timestamp: string;
  data: Record<string, unknown>;
}

const ajv = new Ajv2020({ allErrors: true, strictTypes: false });
addFormats.default(ajv);
const isDocumented = ajv.compile(
  JSON.parse(
    await Deno.readTextFile(
      new URL("../../docs/webhooks.schema.json", import.meta.url),
    ),
  ),
);

function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return `whsec_${btoa(String.fromCharCode(...bytes))}`;
}

/** A receiver of webhooks, by default of every type. */
function webhooks(
  sql: Sql,
  secrets: string[],
  answer?: Answering,
  events = EVERY_TYPE,
): Promise<Receiver> {
  return receiver(
    sql,
    { format: "standard_webhooks", events, secrets },
    answer,
  );
}

/** Verifies a webhook as a receiver does, and holds it against the schema. */
function read({ headers, body }: Post, secret: string): Payload {
  const payload = new Webhook(secret).verify(
    body,
    Object.fromEntries(headers),
  ) as Payload;
  assert(
    isDocumented(payload),
    `${JSON.stringify(isDocumented.errors, null, 2)}\n${body}`,
  );
  return payload;
}

/** The webhooks about one user. Other tests cause some too. */
function about({ id }: Pick<User, "id">, { posts }: Receiver, secret: string) {
  return posts.map((post) => ({ post, ...read(post, secret) }))
    .filter(({ data }) => data.user_id === id);
}

const typesAbout = (
  user: Pick<User, "id">,
  service: Receiver,
  secret: string,
) => about(user, service, secret).map(({ type }) => type);

/** Sends what is due, and again if another delivery had taken some of it. */
async function delivered(api: Api, service: Receiver) {
  await until(async () => {
    expectOk(await deliver(api));
    return (await service.outbox()).every(({ outcome }) => outcome !== null);
  }, "the delivery");
}

for (const [way, url] of Object.entries(WAYS)) {
  Deno.test(`webhooks: a service is told of a sign-in, a change of client and the end at once, ${way}`, async () => {
    await withDatabase(stack.dbUrl, async (sql) => {
      const secret = newSecret();
      await using service = await webhooks(sql, [secret]);
      await using caep = await receiver(sql, { audience: "shop" });
      const api = new Api(url);
      const user = await newUser();
      const before = Date.now() - 1_000;
      const session = await api.login(user);
      const told = (count: number, what: string) =>
        until(() => typesAbout(user, service, secret).length === count, what);
      await told(1, "the sign-in");
      const refreshed = expectOk<Session>(
        await api.post("refresh", { refresh_token: session.refresh_token }, {
          "User-Agent": "curl/8.14.1",
        }),
      );
      await told(2, "the change of client");
      expectOk(await api.revoke(refreshed, { scope: "local" }));
      await told(3, "the end");

      const events = about(user, service, secret);
      const [created, changed, revoked] = events;
      for (const { post, timestamp, data } of events) {
        assertEquals(post.headers.get("Content-Type"), "application/json");
        assertEquals(data.session_id, session.session_id);
        assert(Date.parse(timestamp) >= before);
        assert(Date.parse(timestamp) <= Date.now() + 1_000);
        // No text of the e-mail address, the tokens or the secret.
        for (
          const secretText of [
            user.email,
            session.access_token,
            session.refresh_token,
            refreshed.access_token,
            refreshed.refresh_token,
            secret,
            "eyJ",
            "lkr_",
          ]
        ) assert(!post.body.includes(secretText), secretText);
      }
      assertEquals(created!.type, "session.created");
      assertEquals(created!.data.new_device, false);
      assertEquals(changed!.type, "session.client_changed");
      assertEquals(changed!.data.client, "curl");
      assertEquals(changed!.data.previous_client, "Deno");
      assertEquals(revoked!.type, "session.revoked");
      assertEquals(revoked!.data.reason, "signed_out");
      assertEquals(revoked!.data.initiating_entity, "user");
      assert(!("disavow_token" in changed!.data));
      assert(!("disavow_token" in revoked!.data));
      const ids = (await service.outbox()).map(({ id }) => id);
      assertEquals(
        events.map(({ post }) => post.headers.get("webhook-id")),
        ids,
      );
      // A receiver of CAEP is told of the revocation only.
      await until(() => caep.posts.length > 0, "the notice");
      assertEquals((await caep.outbox()).map(({ payload }) => payload.type), [
        "session.revoked",
      ]);
    });
  });

  Deno.test(`webhooks: every event of the stack has its documented form, ${way}`, async () => {
    await withDatabase(stack.dbUrl, async (sql) => {
      const secret = newSecret();
      await using service = await webhooks(sql, [secret]);
      const api = new Api(url);
      const user = await newUser();

      // A reuse, with the address that the functions saw, if any.
      const stolen = await quickSession(sql, user);
      expectOk(await api.refresh(stolen.refresh_token));
      await sql`
        update latchkey.refresh_tokens set rotated_at = now() - interval '1 hour'
        where session_id = ${stolen.session_id}`;
      assertEquals((await api.refresh(stolen.refresh_token)).status, 400);
      // A refresh from another client.
      const moved = await api.login(user);
      const refreshed = expectOk<Session>(
        await api.post("refresh", { refresh_token: moved.refresh_token }, {
          "User-Agent": "curl/8.14.1",
        }),
      );
      expectOk(await api.revoke(refreshed, { scope: "local" }));
      // An expiry, which the upkeep publishes.
      const expired = await quickSession(sql, user);
      await sql`
        update latchkey.refresh_tokens set expires_at = now() - interval '1 hour'
        where session_id = ${expired.session_id}`;
      await sql`select latchkey.upkeep()`;
      // An adoption, and a sign-out by Supabase Auth.
      const auth = supabase().auth;
      const { data, error } = await auth.signInWithPassword(user);
      if (error) throw error;
      const adopted = expectOk<Session>(
        await api.post("login", {}, bearer(data.session)),
      );
      await auth.signOut();
      // Sessions that others end: an administrator, another device, a ban.
      const ended = await quickSession(sql, user);
      await api.post("revoke", { session_id: ended.session_id }, {
        apikey: stack.secretKey,
      });
      const other = await quickSession(sql, user);
      expectOk(
        await api.revoke(await api.login(user), {
          session_id: other.session_id,
        }),
      );
      await sql`
        update auth.users set banned_until = now() + interval '1 hour'
        where id = ${user.id}`;
      await delivered(api, service);

      const events = about(user, service, secret);
      const typesOf = ({ session_id }: Pick<Session, "session_id">) =>
        events.filter(({ data }) => data.session_id === session_id)
          .map(({ type, data }) =>
            [type, data.reason].filter(Boolean).join(" ")
          )
          .sort();
      assertEquals(typesOf(stolen), [
        "session.created",
        "session.reuse_detected reuse",
        "session.revoked reuse",
      ]);
      assertEquals(typesOf(moved), [
        "session.client_changed",
        "session.created",
        "session.revoked signed_out",
      ]);
      assertEquals(typesOf(expired), [
        "session.created",
        "session.expired expired",
      ]);
      assertEquals(typesOf(adopted), [
        "session.created",
        "session.revoked signed_out",
      ]);
      assertEquals(typesOf(ended), [
        "session.created",
        "session.revoked admin",
      ]);
      assertEquals(typesOf(other), ["session.created", "session.revoked user"]);
      assertEquals(
        new Set(events.map(({ type }) => type)),
        new Set(EVERY_TYPE),
      );
      assert(events.some(({ data }) => data.reason === "banned"));
      const ids = events.map(({ post }) => post.headers.get("webhook-id"));
      assertEquals(new Set(ids).size, ids.length, "each has its own id");
    });
  });
}

Deno.test("webhooks: a receiver gets the types that it chose", async () => {
  await withDatabase(stack.dbUrl, async (sql) => {
    const secret = newSecret();
    await using service = await webhooks(sql, [secret], undefined, [
      "session.created",
    ]);
    const user = await newUser();
    const session = await api.login(user);
    expectOk(await api.revoke(session, { scope: "local" }));
    await until(
      () => typesAbout(user, service, secret).length > 0,
      "the sign-in",
    );
    await delivered(api, service);
    assertEquals(typesAbout(user, service, secret), ["session.created"]);
  });
});

Deno.test("webhooks: a sign-in does not wait for a receiver", async () => {
  await withDatabase(stack.dbUrl, async (sql) => {
    const released = Promise.withResolvers<void>();
    const secret = newSecret();
    await using service = await webhooks(sql, [secret], async () => {
      await released.promise;
      return new Response();
    });
    const user = await newUser();
    try {
      await api.login(user);
      await until(() => service.posts.length > 0, "the webhook");
      assertEquals((await service.outbox())[0]!.last_answer, null);
    } finally {
      released.resolve();
    }
    await until(
      async () => (await service.outbox())[0]!.outcome === "delivered",
      "the answer",
    );
  });
});

Deno.test("webhooks: a retry has the same id and body, and a new timestamp", async () => {
  await withDatabase(stack.dbUrl, async (sql) => {
    const secret = newSecret();
    let status = 500;
    await using service = await webhooks(
      sql,
      [secret],
      () => new Response(null, { status }),
    );
    const user = await newUser();
    const session = await api.login(user);
    expectOk(await api.revoke(session, { scope: "local" }));
    /** Waits until both webhooks were sent so many times, and answered. */
    const attempts = async (count: number, answer: string) => {
      await until(async () => {
        const notices = await service.outbox();
        return notices.length === 2 &&
          notices.every(({ attempts, last_answer }) =>
            attempts === count && last_answer === answer
          );
      }, `attempt ${count}`);
      return Map.groupBy(
        about(user, service, secret).map(({ post }) => post),
        ({ headers }) => headers.get("webhook-id")!,
      );
    };
    const secondsOf = ({ headers }: Post) =>
      Number(headers.get("webhook-timestamp"));

    let sent = await attempts(1, "500");
    for (const attempt of [2, 3]) {
      // The timestamp has whole seconds.
      const last = Math.max(...[...sent.values()].flat().map(secondsOf));
      await until(() => Date.now() / 1000 > last + 1, "the next second");
      if (attempt === 3) status = 204;
      await sql`
        update latchkey.outbox set due_at = now(), last_answer = null
        where receiver_id = ${service.id}`;
      expectOk(await deliver(api));
      sent = await attempts(attempt, `${status}`);
    }
    assertEquals(sent.size, 2, "each webhook has one id");
    for (const posts of sent.values()) {
      assertEquals(posts.length, 3);
      assertEquals(new Set(posts.map(({ body }) => body)).size, 1);
      const [first, second, third] = posts.map(secondsOf);
      assert(first! < second! && second! < third!, `${posts.map(secondsOf)}`);
    }
    for (const { outcome } of await service.outbox()) {
      assertEquals(outcome, "delivered");
    }
  });
});

Deno.test("webhooks: a captured webhook is refused later, and a changed one at once", async () => {
  await withDatabase(stack.dbUrl, async (sql) => {
    const secret = newSecret();
    await using service = await webhooks(sql, [secret]);
    await api.login(await newUser());
    await until(() => service.posts.length > 0, "the webhook");
    const { headers, body } = service.posts[0]!;
    const sent = Object.fromEntries(headers);
    const verify = (changes: Record<string, string>, text = body) =>
      new Webhook(secret).verify(text, { ...sent, ...changes });
    verify({});
    const refused = (message: string, ...change: Parameters<typeof verify>) =>
      assertThrows(
        () => verify(...change),
        WebhookVerificationError,
        message,
      );
    const timestamp = Number(sent["webhook-timestamp"]);
    refused("No matching", { "webhook-timestamp": `${timestamp + 1}` });
    refused("No matching", { "webhook-id": crypto.randomUUID() });
    refused("No matching", {}, body.replace("created", "revoked"));
    const { now } = Date;
    try {
      Date.now = () => now() + 6 * 60_000;
      refused("too old", {});
    } finally {
      Date.now = now;
    }
  });
});

Deno.test("webhooks: two secrets sign while one replaces the other", async () => {
  await withDatabase(stack.dbUrl, async (sql) => {
    const [old, next, third] = [newSecret(), newSecret(), newSecret()];
    await using service = await webhooks(sql, [old]);
    const user = await newUser();
    const signIn = async () => {
      const count = service.posts.length;
      await api.login(user);
      await until(() => service.posts.length > count, "the webhook");
      return service.posts.at(-1)!;
    };
    const setSecrets = (...secrets: string[]) =>
      sql`update latchkey.receivers set secrets = ${secrets} where id = ${service.id}`;
    const accepted = (post: Post) =>
      [old, next, third].map((secret) => {
        try {
          return Boolean(read(post, secret));
        } catch (error) {
          assert(error instanceof WebhookVerificationError);
          return false;
        }
      });

    assertEquals(accepted(await signIn()), [true, false, false]);
    await setSecrets(next, old);
    const both = await signIn();
    assertEquals(accepted(both), [true, true, false]);
    assertEquals(both.headers.get("webhook-signature")!.split(" ").length, 2);
    await setSecrets(next, old, third);
    assertEquals(accepted(await signIn()), [true, true, false]);
    await setSecrets(next);
    assertEquals(accepted(await signIn()), [false, true, false]);
  });
});

Deno.test("webhooks: 410 disables the receiver, a redirect is not followed, an overloaded receiver gets a pause", async () => {
  await withDatabase(stack.dbUrl, async (sql) => {
    await using stack_ = new AsyncDisposableStack();
    const secret = newSecret();
    const add = async (answer: Answering) =>
      stack_.use(await webhooks(sql, [secret], answer));
    const status = (status: number, headers: HeadersInit = {}) => () =>
      new Response(null, { status, headers });
    const elsewhere = await add(status(200));
    await sql`
      update latchkey.receivers set enabled = false where id = ${elsewhere.id}`;
    const gone = await add(status(410));
    const moved = await add(status(308, { Location: elsewhere.url }));
    const busy = await add(status(503, { "Retry-After": "120" }));
    const dated = await add(status(503, {
      "Retry-After": new Date(Date.now() + 300_000).toUTCString(),
    }));
    const limited = await add(status(429));
    const broken = await add(status(500));
    const accepting = await add(status(299));

    const user = await newUser();
    const session = await api.login(user);
    const receivers = { gone, moved, busy, dated, limited, broken, accepting };
    await until(async () => {
      const answers = await Promise.all(
        Object.values(receivers).map(({ outbox }) => outbox()),
      );
      return answers.every(([notice]) => notice?.last_answer);
    }, "every answer");

    const state = async ({ id }: Receiver) => {
      const [row] = await sql`
        select r.enabled, o.outcome, o.last_answer,
          round(extract(epoch from r.resume_at - clock_timestamp()) / 60)::integer as pause
        from latchkey.receivers r join latchkey.outbox o on o.receiver_id = r.id
        where r.id = ${id}`;
      return [row!.enabled, row!.outcome, row!.last_answer, row!.pause];
    };
    assertEquals(await state(gone), [false, "gone", "410", null]);
    assertEquals(await state(moved), [true, null, "308", null]);
    assertEquals(await state(busy), [true, null, "503", 2]);
    assertEquals(await state(dated), [true, null, "503", 5]);
    assertEquals(await state(limited), [true, null, "429", 1]);
    assertEquals(await state(broken), [true, null, "500", null]);
    assertEquals(await state(accepting), [true, "delivered", "299", null]);
    assertEquals(elsewhere.posts.length, 0);

    // The next event reaches those that did not ask for a pause.
    expectOk(await api.revoke(session, { scope: "local" }));
    await until(() => broken.posts.length === 2, "the revocation");
    await until(() => accepting.posts.length === 2, "the revocation");
    await until(() => moved.posts.length === 2, "the revocation");
    const posts = Object.entries(receivers).map(([name, { posts }]) =>
      `${name} ${posts.length}`
    );
    assertEquals(posts, [
      "gone 1",
      "moved 2",
      "busy 1",
      "dated 1",
      "limited 1",
      "broken 2",
      "accepting 2",
    ]);
    assertEquals((await gone.outbox()).length, 1, "nothing more is queued");
    assertEquals((await busy.outbox()).length, 2, "the revocation waits");
  });
});

Deno.test("webhooks: the events of a session arrive in their order, unless one fails", async () => {
  await withDatabase(stack.dbUrl, async (sql) => {
    const secret = newSecret();
    let answering = 0;
    let atOnce = 0;
    let failing = false;
    await using service = await webhooks(sql, [secret], async ({ body }) => {
      atOnce = Math.max(atOnce, ++answering);
      // The earlier an event is, the longer it takes.
      const { type } = JSON.parse(body);
      await new Promise((resolve) =>
        setTimeout(resolve, 300 - 100 * REUSE.indexOf(type))
      );
      answering--;
      return new Response(null, {
        status: failing && type === "session.created" ? 500 : 200,
      });
    });
    const stolenSession = async (user: User) => {
      const session = await quickSession(sql, user);
      await sql`
        select latchkey.end_sessions(array[${session.session_id}]::uuid[], 'reuse')`;
    };
    const user = await newUser();
    await stolenSession(user);
    await delivered(api, service);
    assertEquals(typesAbout(user, service, secret), REUSE);
    assertEquals(atOnce, 1, "one after the other");

    failing = true;
    const other = await newUser();
    await stolenSession(other);
    expectOk(await deliver(api));
    await until(
      () => typesAbout(other, service, secret).length === 3,
      "the other events, although the first failed",
    );
    failing = false;
    await sql`
      update latchkey.outbox set due_at = now()
      where receiver_id = ${service.id} and settled_at is null`;
    await delivered(api, service);
    const events = about(other, service, secret);
    assertEquals(
      [events[0], events[3]].map((event) => event?.type),
      ["session.created", "session.created"],
    );
    assertEquals(
      events.slice(1, 3).map(({ type }) => type).sort(),
      REUSE.slice(1).sort(),
    );
    // The timestamps of the events have the order.
    assert(events[3]!.timestamp < events[2]!.timestamp);
  });
});

Deno.test("webhooks: the disavow token of a sign-in on a new device ends its session", async () => {
  await withDatabase(stack.dbUrl, async (sql) => {
    const secret = newSecret();
    await using service = await webhooks(sql, [secret], undefined, [
      "session.created",
    ]);
    const { email, password, ...user } = await newUser();
    const signIn = async (device_id: string) =>
      expectOk<Session>(
        await api.post("login", { email, password, device_id }, {
          "User-Agent": "Acme/1.0 (iPhone; iOS 18.6)",
          "CF-IPCountry": "DE",
        }),
      );
    const phone = await signIn("phone");
    const other = await signIn("other");
    await until(
      () => about(user, service, secret).length === 2,
      "the two sign-ins",
    );
    const dataOf = ({ session_id }: Session) =>
      about(user, service, secret)
        .find(({ data }) => data.session_id === session_id)!.data;
    assertEquals(dataOf(phone).new_device, false);
    const { new_device, client, country, disavow_token } = dataOf(other);
    assertEquals([new_device, client, country], [true, "Acme on iOS", "DE"]);

    const answer = await api.post("revoke", { token: disavow_token });
    assertEquals(expectOk(answer), { revoked: 1 });
    assertEquals((await api.profile(other)).body.reason, "suspicious");
    assertEquals((await api.profile(phone)).status, 200);
  });
});

Deno.test("webhooks: the database refuses a bad secret, and its error does not quote the good one", async () => {
  await withDatabase(stack.dbUrl, async (sql) => {
    const good = newSecret();
    const error = await assertRejects(
      () => webhooks(sql, [good, "whsec_short"]),
      DatabaseError,
    );
    assertEquals(
      (error as DatabaseError & { constraint?: string }).constraint,
      "webhook_secret_is_whsec_and_base64_of_24_to_64_bytes",
    );
    assert(!JSON.stringify([error, error.message]).includes(good));
  });
});

Deno.test("webhooks: the database refuses a bad URL, and its error does not quote the secret", async () => {
  await withDatabase(stack.dbUrl, async (sql) => {
    const secret = newSecret();
    const error = await assertRejects(
      () =>
        sql`
          insert into latchkey.receivers (url, format, events, secrets)
          values ('ftp://one.example/', 'standard_webhooks',
            '{session.created}', ${[secret]}::text[])`,
      DatabaseError,
    );
    assertEquals(
      (error as DatabaseError & { constraint?: string }).constraint,
      "receiver_url_is_https_or_this_machine",
    );
    assert(!JSON.stringify([error, error.message]).includes(secret));
  });
});
