/** Upkeep during normal operation: it changes no outcome and delays no request. */
import { assert, assertEquals } from "@std/assert";
import type { Sql } from "../../stack/sql.ts";
import { hashSeed } from "../../supabase/functions/_latchkey/refresh_token.ts";
import {
  newUser,
  quickSession,
  refreshTokens,
  stack,
  supabase,
  supabaseAdmin,
  type User,
  withDatabase,
} from "../harness.ts";

/** Sessions that ended a year ago and that Auth still has. */
async function endedSessions(sql: Sql, user: User, count: number) {
  await sql`
    with ended as (
      insert into auth.sessions (id, user_id, created_at, updated_at)
      select gen_random_uuid(), ${user.id}, now() - interval '2 years', now()
      from generate_series(1, ${count}::integer)
      returning id
    )
    insert into latchkey.refresh_tokens
      (session_id, user_id, secret_hash, expires_at, idle_expires_at)
    select id, ${user.id}, sha256(id::text::bytea), now() + interval '1 year',
      now() - interval '1 year'
    from ended`;
}

const rowsOf = async (sql: Sql, user: User) => {
  const [row] = await sql`
    select (select count(*)::integer from latchkey.refresh_tokens t
        where t.user_id = ${user.id}) as tokens,
      (select count(*)::integer from auth.sessions s
        where s.user_id = ${user.id}) as sessions`;
  return { ...row };
};

Deno.test("upkeep: pruning changes no outcome of concurrent requests", async () => {
  const CONNECTIONS = 16;
  const ENDED = 3_000;
  const [old, user] = await Promise.all([newUser(), newUser()]);
  await withDatabase(stack.dbUrl, async (sql) => {
    await endedSessions(sql, old, ENDED);
    // The same user also has active sessions, between the ended ones.
    const standing = await quickSession(sql, old);
    let pruning = true;
    const live = async () => {
      const outcomes: unknown[] = [];
      do {
        const session = await quickSession(sql, user);
        const token = (refreshTokens.read(session.refresh_token))!;
        const hash = hashSeed(token.seed);
        for (const generation of [0, 1, 1, 2]) {
          const [row] = await sql`
            select outcome from latchkey.refresh(
              ${token.sessionId}, ${generation}, ${hash}::text::bytea, null, null)`;
          outcomes.push(row!.outcome);
        }
        const [revoked] = await sql`
          select outcome, revoked from latchkey.revoke(
            ${token.sessionId}, ${user.id}, null, 'local', null, null)`;
        outcomes.push(revoked!.outcome, revoked!.revoked);
        const [after] = await sql`
          select outcome, reason from latchkey.refresh(
            ${token.sessionId}, 3, ${hash}::text::bytea, null, null)`;
        outcomes.push(after!.outcome, after!.reason);
      } while (pruning);
      return outcomes;
    };
    const prune = async () => {
      let pruned = 0;
      for (let more = true; more;) {
        const [row] = await sql`select latchkey.prune_sessions(100) as count`;
        pruned += row!.count;
        // Another call may have taken the rest.
        more = (await rowsOf(sql, old)).tokens > 1;
      }
      return pruned;
    };
    const living = Array.from({ length: CONNECTIONS }, live);
    const pruned = await Promise.all([prune(), prune()]);
    pruning = false;

    const once = [
      ...["rotated", "rotated", "repeated", "rotated"],
      ...["done", 1, "revoked", "signed_out"],
    ];
    for (const outcomes of await Promise.all(living)) {
      for (let i = 0; i < outcomes.length; i += once.length) {
        assertEquals(outcomes.slice(i, i + once.length), once);
      }
    }
    assertEquals(pruned[0]! + pruned[1]!, ENDED, "each once");
    // Only Auth manages the sign-up's session.
    assertEquals(await rowsOf(sql, old), { tokens: 1, sessions: 2 });
    const [row] = await sql`
      select session_id from latchkey.refresh_tokens where user_id = ${old.id}`;
    assertEquals(row!.session_id, standing.session_id);
    const [events] = await sql`
      select count(*)::integer from latchkey.session_events
      where user_id = ${old.id} and event = 'session_expired'`;
    assertEquals(events!.count, ENDED);
  }, CONNECTIONS + 4);
});

Deno.test("upkeep: pruning skips rows that Auth has locked", async () => {
  const user = await newUser();
  await withDatabase(stack.dbUrl, async (sql) => {
    await endedSessions(sql, user, 3);
    const before = await rowsOf(sql, user);
    await sql.begin(async (auth) => {
      await auth`
        select from auth.sessions where user_id = ${user.id}
          and id in (select session_id from latchkey.refresh_tokens)
        limit 1 for update`;
      await sql.begin(async (upkeep) => {
        await upkeep`set local lock_timeout = '1ms'`;
        await upkeep`select latchkey.prune_sessions()`;
      });
      assertEquals((await rowsOf(sql, user)).tokens, 1);
    });
    await sql`select latchkey.prune_sessions()`;
    assertEquals(await rowsOf(sql, user), {
      tokens: 0,
      sessions: before.sessions - 3,
    });
  });
});

Deno.test("upkeep: new partitions wait for writers, and writers do not wait", async () => {
  const user = await newUser();
  await withDatabase(stack.dbUrl, async (sql) => {
    const [{ name } = { name: "" }] = await sql`
      select 'session_events_' || to_char(
        date_trunc('month', now() at time zone 'UTC') + interval '3 months', 'YYYY_MM'
      ) as name`;
    await sql.unsafe(`drop table latchkey.${name}`);
    await sql.begin(async (writer) => {
      await quickSession(writer, user);
      // A month without a partition.
      await writer`
        insert into latchkey.session_events (created_at, event, session_id, user_id)
        values (now() + interval '10 years', 'session_created', ${user.id}, ${user.id})`;
      const [row] = await sql`select latchkey.upkeep() as done`;
      assert(!("partitions" in row!.done), "It has let the writer be");
      assert("sessions" in row!.done, "and done the rest");
    });
    const [row] = await sql`select latchkey.upkeep() as done`;
    assertEquals(row!.done.partitions, 1);
    const events = await sql`
      select from latchkey.session_events where user_id = ${user.id}`;
    assertEquals(events.length, 2);
    await sql`
      delete from latchkey.session_events where created_at > now() + interval '1 year'`;
  });
});

Deno.test("upkeep: any scheduler can run it with the secret key, and no other key works", async () => {
  const { data, error } = await supabaseAdmin().schema("latchkey")
    .rpc("upkeep");
  assertEquals(error, null);
  assertEquals(
    Object.keys(data).filter((name) =>
      ["events", "notices", "partitions", "sessions"].includes(name)
    ).length,
    4,
  );
  const refused = await supabase().schema("latchkey").rpc("upkeep");
  assertEquals(refused.error?.code, "42501");
});
