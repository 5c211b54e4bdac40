/** A user with more sessions than one transaction ends. */
import { assertEquals, assertMatch } from "@std/assert";
import {
  Api,
  expectOk,
  newUser,
  quickSession,
  stack,
  WAYS,
  withDatabase,
} from "../harness.ts";
import type { Queries } from "../../stack/sql.ts";

const MANY = 2_500;

async function addSessions(sql: Queries, userId: string, many = MANY) {
  await sql`
    with made as (
      insert into auth.sessions (id, user_id)
      select gen_random_uuid(), ${userId} from generate_series(1, ${many}::integer)
      returning id, user_id
    )
    insert into latchkey.refresh_tokens
      (session_id, user_id, secret_hash, expires_at, idle_expires_at)
    select id, user_id, sha256('seed'), now() + interval '1 day', now() + interval '1 day'
    from made`;
}

for (const [way, url] of Object.entries(WAYS)) {
  Deno.test(`${MANY} other sessions end with one request, ${way}`, async () => {
    await withDatabase(stack.dbUrl, async (sql) => {
      const api = new Api(url);
      const user = await newUser();
      const session = await quickSession(sql, user);
      const left = async () => {
        const [row] = await sql`
          select count(*)::integer as count from auth.sessions where user_id = ${user.id}`;
        return row!.count;
      };
      // Supabase Auth keeps the session of the sign-up, which ends with the others.
      const signedUp = await left() - 1;

      await addSessions(sql, user.id);
      assertEquals(
        expectOk(await api.revoke(session, { scope: "others" })),
        { revoked: MANY + signedUp },
      );
      assertEquals(await left(), 1);
      expectOk(await api.profile(session));

      await addSessions(sql, user.id);
      assertEquals(
        expectOk(
          await api.post("revoke", { user_id: user.id }, {
            apikey: stack.secretKey,
          }),
        ),
        { revoked: MANY + 1 },
      );
      assertEquals(await left(), 0);
    });
  });
}

Deno.test("a 503 after some of the sessions have ended does not say that nothing was changed", async () => {
  await withDatabase(stack.dbUrl, async (sql) => {
    const api = new Api(WAYS["over the Data API"]);
    const user = await newUser();
    const session = await quickSession(sql, user);
    await addSessions(sql, user.id, 5_000);
    const hasEnded = async () => {
      const [row] = await sql`
        select exists (
          select from latchkey.refresh_tokens
          where user_id = ${user.id} and revoked_at is not null
        ) as ended`;
      return row!.ended;
    };
    const revoking = api.revoke(session, { scope: "global" });
    while (!await hasEnded());
    await sql.begin(async (sql) => {
      // Whatever the second call does not hold already: the third finds it locked.
      await sql`
        select from auth.sessions where user_id = ${user.id}
        for update skip locked`;
      const answer = await revoking;
      assertEquals([answer.status, answer.body.code], [
        503,
        "database_unavailable",
      ]);
      assertMatch(answer.body.error_description, /^Not all of the sessions/);
    });
    // The calling session ends last, so the same request works again.
    expectOk(await api.revoke(session, { scope: "global" }));
    const [{ count }] = await sql<[{ count: number }]>`
      select count(*)::integer as count from auth.sessions where user_id = ${user.id}`;
    assertEquals(count, 0);
  });
});
