/**
 * Rotation under real concurrency: fifty connections at once, lost answers, theft,
 * and a sign-out that races a refresh.
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  Api,
  expectOk,
  listen,
  newUser,
  patiently,
  quickSession,
  refreshTokens,
  type Session,
  stack,
  WAYS,
  withDatabase,
  withSettings,
} from "../harness.ts";
import { newProofId, ProofKey } from "../proof_key.ts";
import { hashSeed } from "../../supabase/functions/_latchkey/refresh_token.ts";

const AT_ONCE = 50;
const user = await newUser();
const key = await ProofKey.create(WAYS["over the Data API"]);

/** A session that any client refreshes, and one that is bound to a key. */
const KEYS = [["", undefined], [" of a bound session", key]] as const;

function rowOf(sessionId: string) {
  return withDatabase(stack.dbUrl, async (sql) => {
    const [row] = await sql`
      select generation, revoked_reason from latchkey.refresh_tokens
      where session_id = ${sessionId}`;
    return row!;
  });
}

for (const [kind, proofKey] of KEYS) {
  Deno.test(`refresh: fifty connections with one token${kind} rotate it once, for 200 rounds`, async () => {
    await withDatabase(stack.dbUrl, async (sql) => {
      const { refresh_token, session_id } = await quickSession(
        sql,
        user,
        proofKey,
      );
      const { seed } = (refreshTokens.read(refresh_token))!;
      const hash = hashSeed(seed);
      // Open all connections before the first round.
      await Promise.all(
        Array.from({ length: AT_ONCE }, () => sql`select pg_sleep(0.05)`),
      );
      const refresh = async (round: number) => {
        for (;;) {
          try {
            return await sql`
              select outcome, generation
              from latchkey.refresh(
                ${session_id}, ${round}, ${hash}::text::bytea, null, null,
                proof_jkt => ${proofKey?.jkt ?? null}::text::bytea,
                proof_id => ${newProofId()}::text::bytea)`;
          } catch (error) {
            // On a busy machine, one of fifty may wait too long for the row.
            if ((error as { code?: string }).code !== "55P03") throw error;
          }
        }
      };
      for (let round = 0; round < 200; round++) {
        const results = await Promise.all(
          Array.from({ length: AT_ONCE }, () => refresh(round)),
        );
        const outcomes = results.map(([result]) => result!.outcome);
        assertEquals(
          outcomes.filter((outcome) => outcome === "rotated").length,
          1,
        );
        assertEquals(
          outcomes.filter((outcome) => outcome === "repeated").length,
          AT_ONCE - 1,
        );
        assertEquals(
          new Set(results.map(([result]) => result!.generation)),
          new Set([round + 1]),
        );
      }
    }, AT_ONCE);
  });
}

for (const [way, url] of Object.entries(WAYS)) {
  const api = new Api(url);

  for (const [kind, proofKey] of KEYS) {
    Deno.test(`refresh: fifty requests with one token${kind} get the same new token, ${way}`, async () => {
      const session = await withDatabase(
        stack.dbUrl,
        (sql) => quickSession(sql, user, proofKey),
      );
      let token = session.refresh_token;
      // Long enough for calls that a busy machine has to repeat.
      await withSettings({ reuse_interval_seconds: 60 }, async () => {
        for (let round = 1; round <= 20; round++) {
          const answers = await Promise.all(
            Array.from(
              { length: AT_ONCE },
              () =>
                patiently(async () =>
                  await api.refresh(token, await proofKey?.header())
                ),
            ),
          );
          const successors = new Set(
            answers.map((answer) => expectOk<Session>(answer).refresh_token),
          );
          assertEquals(successors.size, 1);
          assertEquals((await rowOf(session.session_id)).generation, round);
          [token] = successors as unknown as [string];
        }
      });
    });
  }

  Deno.test(`refresh: a retry after a lost answer gets the same new token, ${way}`, async () => {
    const session = await withDatabase(
      stack.dbUrl,
      (sql) => quickSession(sql, user),
    );
    const lost = expectOk<Session>(await api.refresh(session.refresh_token));
    const retried = expectOk<Session>(await api.refresh(session.refresh_token));
    assertEquals(retried.refresh_token, lost.refresh_token);
    assertNotEquals(retried.refresh_token, session.refresh_token);
    expectOk(await api.refresh(retried.refresh_token));
  });

  for (
    const [theft, prepare] of [
      ["two generations behind", async (session: { refresh_token: string }) => {
        const next = expectOk<Session>(
          await api.refresh(session.refresh_token),
        );
        return expectOk<Session>(await api.refresh(next.refresh_token))
          .refresh_token;
      }],
      ["one behind after the interval", async (session: {
        refresh_token: string;
        session_id: string;
      }) => {
        const next = expectOk<Session>(
          await api.refresh(session.refresh_token),
        );
        await withDatabase(stack.dbUrl, (sql) =>
          sql`
          update latchkey.refresh_tokens set rotated_at = now() - interval '10.5 seconds'
          where session_id = ${session.session_id}`);
        return next.refresh_token;
      }],
    ] as const
  ) {
    Deno.test(`refresh: a token ${theft} counts as theft, ${way}`, async () => {
      const session = await withDatabase(
        stack.dbUrl,
        (sql) => quickSession(sql, user),
      );
      const listener = await listen(
        `session:${session.session_id}`,
        session.access_token,
      );
      try {
        const newest = await prepare(session);
        const stolen = await api.refresh(session.refresh_token);
        assertEquals([stolen.status, stolen.body.code], [
          400,
          "refresh_token_reused",
        ]);
        assertEquals((await listener.next()).payload.reason, "reuse");
        const again = await Promise.all([
          api.refresh(session.refresh_token),
          api.refresh(newest),
        ]);
        for (const { body } of again) {
          assertEquals([body.code, body.reason], ["token_revoked", "reuse"]);
        }
        assertEquals((await api.profile(session)).body.reason, "reuse");
        const events = await withDatabase(stack.dbUrl, (sql) =>
          sql`
          select event from latchkey.session_events
          where session_id = ${session.session_id} order by created_at`);
        assertEquals(
          events.map(({ event }) => event),
          ["session_created", "authn_token_reuse"],
        );
        assertEquals(listener.events.length, 1);
      } finally {
        await listener.close();
      }
    });
  }

  Deno.test(`refresh: a request that gave up waiting has written nothing, ${way}`, async () => {
    await withDatabase(stack.dbUrl, async (sql) => {
      const session = await quickSession(sql, user);
      const answers = await sql.begin(async (tx) => {
        await tx`
          select from latchkey.refresh_tokens
          where session_id = ${session.session_id} for update`;
        return [
          await api.refresh(session.refresh_token),
          await api.refresh(session.refresh_token),
        ];
      });
      for (const { status, body } of answers) {
        assertEquals([status, body.code], [503, "database_unavailable"]);
      }
      // The database does not run it later either.
      assertEquals((await rowOf(session.session_id)).generation, 0);
      expectOk(await api.refresh(session.refresh_token));
    });
  });

  Deno.test(`refresh: the next token has the user's new role and metadata, ${way}`, async () => {
    const own = await newUser();
    const session = await withDatabase(
      stack.dbUrl,
      (sql) => quickSession(sql, own),
    );
    await withDatabase(stack.dbUrl, (sql) =>
      sql`
      update auth.users set raw_app_meta_data = '{"plan": "pro"}' where id = ${own.id}`);
    const next = expectOk<Session>(await api.refresh(session.refresh_token));
    assertEquals(next.user.app_metadata, { plan: "pro" });
    const claims = JSON.parse(atob(
      next.access_token.split(".")[1]!
        .replaceAll("-", "+").replaceAll("_", "/"),
    ));
    assertEquals(claims.app_metadata, { plan: "pro" });
  });
}

Deno.test("revoke: racing with refresh for 1,000 rounds, every session ends", async () => {
  const api = new Api(WAYS["over a connection"]);
  await withDatabase(stack.dbUrl, async (sql) => {
    let refreshWon = 0;
    for (let batch = 0; batch < 50; batch++) {
      await Promise.all(Array.from({ length: 20 }, async (_, i) => {
        const session = await quickSession(sql, user);
        // Either request may be sent first.
        const refresh = () =>
          patiently(() => api.refresh(session.refresh_token));
        const revoke = () =>
          patiently(() => api.form("revoke", { token: session.refresh_token }));
        const [refreshed, revoked] = i % 2
          ? await Promise.all([refresh(), revoke()])
          : (await Promise.all([revoke(), refresh()])).reverse() as [
            Awaited<ReturnType<typeof refresh>>,
            Awaited<ReturnType<typeof revoke>>,
          ];
        assertEquals(revoked.status, 200);
        if (refreshed.status === 200) {
          refreshWon++;
          const late = expectOk<Session>(refreshed);
          assertEquals(
            (await api.refresh(late.refresh_token)).body.code,
            "token_revoked",
          );
          assertEquals((await api.profile(late)).body.code, "token_revoked");
        } else {
          assertEquals(refreshed.body.code, "token_revoked");
        }
        assertEquals((await api.profile(session)).body.code, "token_revoked");
      }));
    }
    // If one side always won, this would not test a race.
    assert(
      refreshWon > 50 && refreshWon < 950,
      `refresh won ${refreshWon} of 1,000`,
    );
  }, 8);
});

for (const [kind, proofKey] of KEYS) {
  Deno.test(`refresh${kind}: one statement, and every update is heap-only`, async () => {
    const api = new Api(WAYS["over a connection"]);
    const REFRESHES = 200;
    await withDatabase(stack.superuserUrl, async (sql) => {
      const session = await quickSession(sql, user, proofKey);
      // No index has a column that rotation changes, so an update that stays on its
      // page is heap-only. The table's statistics also count other tests' updates.
      const page = async () => {
        const [row] = await sql`
        select (ctid::text::point)[0]::int as page from latchkey.refresh_tokens
        where session_id = ${session.session_id}`;
        return row!.page as number;
      };
      const statements = async () => {
        const [row] = await sql`
        select coalesce(sum(s.calls), 0)::int as calls
        from extensions.pg_stat_statements s
        join pg_roles r on r.oid = s.userid
        where r.rolname = 'latchkey_functions' and s.toplevel`;
        return row!.calls as number;
      };
      const rotate = async (token: string) =>
        expectOk<Session>(await api.refresh(token, await proofKey?.header()))
          .refresh_token;
      const pages = new Set([await page()]);
      // The first one in a process may ask for the database's time before it.
      let token = await rotate(session.refresh_token);
      const statementsBefore = await statements();

      for (let i = 0; i < REFRESHES; i++) {
        token = await rotate(token);
        pages.add(await page());
      }
      assertEquals(await statements() - statementsBefore, REFRESHES);
      assertEquals(pages.size, 1);
    }, 1);
  });
}
