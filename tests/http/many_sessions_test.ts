/** A user with more sessions than one transaction ends. */
import { assertEquals } from "@std/assert";
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

async function addSessions(sql: Queries, userId: string) {
  await sql`
    with made as (
      insert into auth.sessions (id, user_id)
      select gen_random_uuid(), ${userId} from generate_series(1, ${MANY}::integer)
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
