/**
 * Receivers of CAEP are told about each revocation with a token that they verify
 * with the project's keys. No receiver can delay another one or a revocation.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createRemoteJWKSet, errors, jwtVerify } from "jose";
import type { Queries, Sql } from "../../stack/sql.ts";
import {
  Api,
  bearer,
  expectOk,
  newUser,
  quickSession,
  stack,
  supabase,
  until,
  type User,
  WAYS,
  withDatabase,
} from "../harness.ts";
import { type Answering, deliver, type Post, receiver } from "./receiver.ts";

const SESSION_REVOKED =
  "https://schemas.openid.net/secevent/caep/event-type/session-revoked";

const jwks = createRemoteJWKSet(
  new URL(`${stack.apiUrl}/auth/v1/.well-known/jwks.json`),
);

/** Verifies a notice as a receiver does, by RFC 8417 and RFC 8935. */
async function read({ body }: Post, audience: string) {
  const { payload } = await jwtVerify(body, jwks, {
    typ: "secevent+jwt",
    audience,
    issuer: `${stack.apiUrl}/auth/v1`,
    requiredClaims: ["jti", "iat", "events", "sub_id"],
  });
  return payload as typeof payload & {
    events: Record<string, Record<string, unknown>>;
  };
}

const revokeAll = async (sql: Sql, user: Pick<User, "id">) => {
  const [row] = await sql`
    select revoked from latchkey.revoke_by_admin(${user.id}, null, 'admin', null)`;
  return row!.revoked;
};

for (const [way, url] of Object.entries(WAYS)) {
  Deno.test(`notices: a service is told of a revocation at once, ${way}`, async () => {
    await withDatabase(stack.dbUrl, async (sql) => {
      await using service = await receiver(sql, {
        audience: "https://shop.example",
      });
      const api = new Api(url);
      const user = await newUser();
      const session = await api.login(user);
      const before = Date.now() / 1000;
      expectOk(await api.revoke(session, { scope: "local" }));
      await until(() => service.posts.length > 0, "the notice");

      const post = service.posts[0]!;
      assertEquals(
        post.headers.get("Content-Type"),
        "application/secevent+jwt",
      );
      const token = await read(post, "https://shop.example");
      assertEquals(token.sub_id, {
        format: "complex",
        session: { format: "opaque", id: session.session_id },
        user: { format: "iss_sub", iss: token.iss, sub: user.id },
      });
      assertEquals(Object.keys(token.events), [SESSION_REVOKED]);
      const event = token.events[SESSION_REVOKED]!;
      assertEquals(event.initiating_entity, "user");
      assertEquals(event.reason_admin, { en: "signed_out" });
      assertEquals(event.reason_user, { en: "You signed out." });
      assert(Math.abs(event.event_timestamp as number - before) < 5);
      assert(!post.body.includes(btoa(user.email).slice(0, 8)));

      await until(
        async () => (await service.outbox())[0]!.outcome !== null,
        "its being settled",
      );
      const [notice] = await service.outbox();
      assertEquals([notice!.id, notice!.outcome], [token.jti, "delivered"]);
    });
  });

  Deno.test(`notices: a service is told of a theft at once, ${way}`, async () => {
    await withDatabase(stack.dbUrl, async (sql) => {
      await using service = await receiver(sql, {
        audience: "https://shop.example",
      });
      const api = new Api(url);
      const session = await quickSession(sql, await newUser());
      expectOk(await api.refresh(session.refresh_token));
      await sql`
        update latchkey.refresh_tokens set rotated_at = now() - interval '1 hour'
        where session_id = ${session.session_id}`;
      assertEquals(service.posts.length, 0);
      await api.refresh(session.refresh_token);
      await until(() => service.posts.length > 0, "the notice");
      const { events } = await read(service.posts[0]!, "https://shop.example");
      assertEquals(events[SESSION_REVOKED]!.initiating_entity, "policy");
    });
  });

  Deno.test(`notices: a scheduled delivery reports every way to end a session, ${way}`, async () => {
    await withDatabase(stack.dbUrl, async (sql) => {
      await using service = await receiver(sql, {
        audience: "https://shop.example",
      });
      const user = await newUser();
      const COUNT = 25; // More than are sent at once.
      for (let i = 0; i < COUNT; i++) await quickSession(sql, user);
      // Only Auth manages the sign-up's session, so there is no notice of it.
      await revokeAll(sql, user);
      const { delivered } = expectOk<{ delivered: number }>(
        await deliver(new Api(url)),
      );
      assert(delivered >= COUNT, `${delivered}`);
      const tokens = await Promise.all(
        service.posts.map((post) => read(post, "https://shop.example")),
      );
      assertEquals(new Set(tokens.map(({ jti }) => jti)).size, COUNT);
      assertEquals(tokens.length, COUNT);
      for (const { outcome } of await service.outbox()) {
        assertEquals(outcome, "delivered");
      }
    });
  });
}

Deno.test("notices: a receiver that fails, hangs or redirects delays no other", async () => {
  await withDatabase(stack.dbUrl, async (sql) => {
    const released = Promise.withResolvers<void>();
    await using stack_ = new AsyncDisposableStack();
    const add = async (
      audience: string,
      answer?: Answering,
    ) => stack_.use(await receiver(sql, { audience }, answer));
    const elsewhere = await add("elsewhere");
    const hanging = await add("hanging", async () => {
      await released.promise;
      return new Response(null, { status: 202 });
    });
    const failing = await add(
      "failing",
      () => new Response("no", { status: 500 }),
    );
    const vague = await add("vague", () => new Response("no", { status: 400 }));
    const wrong = await add(
      "wrong",
      () => Response.json({ err: "invalid_key" }, { status: 400 }),
    );
    const polite = await add("polite", () => Response.json({}));
    const redirecting = await add("redirecting", () =>
      new Response(null, {
        status: 307,
        headers: { Location: elsewhere.url },
      }));
    const good = await add("good");
    await sql`
      update latchkey.receivers set enabled = false where id = ${elsewhere.id}`;
    // Release the hanging one, because the servers wait for their connections.
    stack_.defer(() => released.resolve());

    const api = new Api(WAYS["over the Data API"]);
    const user = await newUser();
    const session = await api.login(user);
    const isHanging = async () =>
      (await hanging.outbox())[0]!.last_answer === null;
    expectOk(await api.revoke(session, { scope: "local" }));
    assert(await isHanging(), "the revocation waited for a receiver");
    await until(
      async () => (await good.outbox())[0]?.outcome === "delivered",
      "the good one",
    );
    assert(await isHanging(), "the good receiver waited for another");
    await until(async () => !await isHanging(), "the end of patience");

    const fate = async ({ outbox }: { outbox: typeof good.outbox }) => {
      const [{ outcome, last_answer, attempts } = { outcome: "none" }] =
        await outbox();
      return [outcome, last_answer, attempts];
    };
    assertEquals(await fate(hanging), [null, "no answer in time", 1]);
    assertEquals(await fate(failing), [null, "500", 1]);
    assertEquals(await fate(vague), [null, "400", 1]);
    assertEquals(await fate(wrong), ["refused", "400 invalid_key", 1]);
    assertEquals(await fate(polite), [null, "200", 1]);
    assertEquals(await fate(redirecting), [null, "307", 1]);
    assertEquals(elsewhere.posts.length, 0);

    // Due again: the same notice with the same id, and only to the failed one.
    released.resolve();
    await sql`
      update latchkey.outbox set due_at = now()
      where payload -> 'data' ->> 'user_id' = ${user.id} and settled_at is null`;
    await until(async () => {
      expectOk(await deliver(api));
      return (await fate(hanging))[0] === "delivered";
    }, "the second attempt");
    const [first, second] = await Promise.all(
      hanging.posts.map((post) => read(post, "hanging")),
    );
    assertEquals(first!.jti, second!.jti);
    assertEquals(await fate(failing), [null, "500", 2]);
    assertEquals([wrong.posts.length, good.posts.length], [1, 1]);
  });
});

Deno.test("notices: a receiver that cannot be reached does not delay a sign-out", async () => {
  await withDatabase(stack.dbUrl, async (sql) => {
    const service = await receiver(sql, { audience: "gone" });
    const { url } = service;
    await service[Symbol.asyncDispose]();
    const [row] = await sql`
      insert into latchkey.receivers (url, audience) values (${url}, 'gone')
      returning id`;
    try {
      const session = await quickSession(sql, await newUser());
      const api = new Api(WAYS["over the Data API"]);
      expectOk(await deliver(api));
      expectOk(await api.revoke(session, { scope: "local" }));
      await until(async () => {
        const [notice] = await sql`
          select last_answer from latchkey.outbox where receiver_id = ${
          row!.id
        }`;
        return notice?.last_answer === "not reachable";
      }, "the answer that it is not reachable");
    } finally {
      await sql`delete from latchkey.receivers where id = ${row!.id}`;
    }
  });
});

Deno.test("notices: two deliveries at the same time send a notice once", async () => {
  await withDatabase(stack.superuserUrl, async (sql) => {
    const [row] = await sql`
      insert into latchkey.receivers (url, audience)
      values ('http://127.0.0.1:1/events', 'once')
      returning id`;
    const { id } = row!;
    const take = async (on: Queries) => {
      // Waiting for the other delivery would be wrong too.
      await on`set local lock_timeout = '2s'`;
      const [taken] = await on`select latchkey.take_notices(10, ${id}) as list`;
      return taken!.list;
    };
    try {
      await sql`
        insert into latchkey.outbox (receiver_id, payload)
        values (${id}, '{}')`;
      await sql.begin(async (one) => {
        assertEquals((await take(one)).length, 1);
        assertEquals(await sql.begin(take), []);
      });
    } finally {
      await sql`delete from latchkey.receivers where id = ${id}`;
    }
  });
});

Deno.test("notices: a notice is not accepted as an access token", async () => {
  await withDatabase(stack.dbUrl, async (sql) => {
    // With an access token's audience, so that only its type differs.
    await using service = await receiver(sql, { audience: "authenticated" });
    const api = new Api(WAYS["over the Data API"]);
    const user = await newUser();
    const session = await quickSession(sql, user);
    expectOk(await api.revoke(session, { scope: "local" }));
    await until(() => service.posts.length > 0, "the notice");
    const access_token = service.posts[0]!.body;

    const profile = await api.profile({ access_token });
    assertEquals([profile.status, profile.body.code], [
      401,
      "invalid_jwt_claims",
    ]);
    const { data } = await supabase(() => access_token).schema("latchkey")
      .from("sessions").select("*");
    assertEquals(data ?? [], []);
    assert((await supabase().auth.getUser(access_token)).error);
    // An access token is not accepted as a notice either.
    await assertRejects(
      () =>
        read(
          { headers: new Headers(), body: session.access_token },
          "authenticated",
        ),
      errors.JOSEError,
    );
  });
});

for (const [way, url] of Object.entries(WAYS)) {
  Deno.test(`notices: deliver needs the secret key, ${way}`, async () => {
    const api = new Api(url);
    const session = await withDatabase(
      stack.dbUrl,
      async (sql) => quickSession(sql, await newUser()),
    );
    const strangers: Record<string, string>[] = [
      {},
      bearer(session),
      { apikey: "sb_secret_hush-hush" },
    ];
    for (const headers of strangers) {
      const answer = await api.post("deliver", {}, headers);
      assertEquals([answer.status, answer.body.code], [403, "forbidden"]);
    }
    expectOk(await deliver(api));
  });
}
