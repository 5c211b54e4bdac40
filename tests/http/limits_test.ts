/**
 * How long sessions last and how many a user may have: exact under races.
 */
import { assert, assertEquals } from "@std/assert";
import { decodeJwt } from "jose";
import type { Queries, Sql } from "../../stack/sql.ts";
import {
  Api,
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
  withSettings,
} from "../harness.ts";

const AT_ONCE = 50;

/** Retries after 503: on a slow machine, the last of fifty may time out. */
async function signIn(sql: Sql, user: User): Promise<void> {
  try {
    await quickSession(sql, user);
  } catch (error) {
    if ((error as { code?: string }).code !== "55P03") throw error;
    await signIn(sql, user);
  }
}

const rowsOf = (sql: Sql, user: Pick<User, "id">) =>
  sql`
    select t.session_id, t.revoked_reason,
      exists (select from auth.sessions s where s.id = t.session_id) as at_auth
    from latchkey.refresh_tokens t where user_id = ${user.id}
    order by created_at`;

Deno.test("limits: the session limit holds when fifty connections sign in at once", async () => {
  const user = await newUser();
  await withSettings(
    { sessions_per_user: 5, at_session_limit: "end_oldest" },
    async (sql) => {
      await Promise.all(
        Array.from({ length: AT_ONCE }, () => sql`select pg_sleep(0.05)`),
      );
      for (let round = 1; round <= 3; round++) {
        await Promise.all(
          Array.from({ length: AT_ONCE }, () => signIn(sql, user)),
        );
        const rows = await rowsOf(sql, user);
        assertEquals(rows.length, round * AT_ONCE);
        const standing = rows.filter(({ revoked_reason }) => !revoked_reason);
        assertEquals(standing.length, 5);
        assert(standing.every(({ at_auth }) => at_auth));
        const ended = rows.filter(({ revoked_reason }) => revoked_reason);
        assert(
          ended.every(({ revoked_reason, at_auth }) =>
            revoked_reason === "session_limit" && !at_auth
          ),
        );
      }
    },
  );
});

Deno.test("limits: with refuse, fifty connections that sign in at once get no more than the limit", async () => {
  const user = await newUser();
  await withSettings(
    { sessions_per_user: 5, at_session_limit: "refuse" },
    async (sql) => {
      const outcomes = await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          const id = crypto.randomUUID();
          await sql`
            insert into auth.sessions (id, user_id) values (${id}, ${user.id})`;
          const [result] = await sql`
            select outcome from latchkey.login(
              ${id}, sha256('x'), 'aal1', '[]', 'test', null, null, null)`;
          return result!.outcome;
        }),
      );
      const created = outcomes.filter((outcome) => outcome === "created");
      const refused = outcomes.filter((outcome) => outcome === "refused");
      assertEquals([created.length, refused.length], [5, AT_ONCE - 5]);
      assertEquals((await rowsOf(sql, user)).length, 5);
    },
  );
});

for (const [way, url] of Object.entries(WAYS)) {
  const api = new Api(url);

  Deno.test(`limits: the session with the oldest sign-in ends, ${way}`, async () => {
    const user = await newUser();
    await withSettings({ sessions_per_user: 2 }, async () => {
      const first = await api.login(user);
      const second = await api.login(user);
      // Only the sign-in counts, not the use.
      const used = expectOk<Session>(await api.refresh(first.refresh_token));
      const third = await api.login(user);
      const answer = await api.refresh(used.refresh_token);
      assertEquals(
        [answer.status, answer.body.code, answer.body.reason],
        [400, "token_revoked", "session_limit"],
      );
      expectOk(await api.profile(second));
      expectOk(await api.profile(third));

      // The same for five that race over HTTP. More at once would count as
      // password guessing.
      const sessions = await Promise.all(
        Array.from({ length: 5 }, () => api.login(user)),
      );
      const profiles = await Promise.all(
        sessions.map((session) => api.profile(session)),
      );
      assertEquals(profiles.filter(({ status }) => status === 200).length, 2);
    });
  });

  Deno.test(`limits: with refuse, one session too many is refused, ${way}`, async () => {
    const user = await newUser();
    await withSettings({
      sessions_per_user: 1,
      at_session_limit: "refuse",
    }, async (sql) => {
      const { email, password } = user;
      const session = await api.login(user);
      const atAuth = async () =>
        (await sql`select from auth.sessions where user_id = ${user.id}`)
          .length;
      const before = await atAuth();
      const refused = await api.post("login", { email, password });
      assertEquals(
        [refused.status, refused.body.code, refused.body.reason],
        [403, "forbidden", "session_limit"],
      );
      // Auth has no session of it either.
      assertEquals(await atAuth(), before);

      const { data } = await supabase().auth.signInWithPassword({
        email,
        password,
      });
      const adopt = () => api.post("login", {}, bearer(data.session!));
      assertEquals((await adopt()).body.reason, "session_limit");
      // Latchkey did not create that session, so it stays.
      assertEquals(await atAuth(), before + 1);

      expectOk(await api.revoke(session, { scope: "local" }));
      expectOk(await adopt());
      // A session that is adopted several times counts once.
      expectOk(await adopt());
    });
  });

  Deno.test(`limits: other services are told at once of a session that the limit ends, ${way}`, async () => {
    const user = await newUser();
    await withSettings({ sessions_per_user: 1 }, async (sql) => {
      let heard = 0;
      await using service = Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen() {} },
        () => {
          heard++;
          return new Response(null, { status: 202 });
        },
      );
      const [receiver] = await sql`
        insert into latchkey.receivers (url, audience)
        values (${`http://127.0.0.1:${service.addr.port}/`}, 'https://shop.example')
        returning id`;
      try {
        // The functions may still remember that there was no receiver.
        expectOk(await api.post("deliver", {}, { apikey: stack.secretKey }));
        await api.login(user);
        await api.login(user);
        await until(() => heard === 1, "the notice of a login's");
        const { data } = await supabase().auth.signInWithPassword(user);
        expectOk(await api.post("login", {}, bearer(data.session!)));
        await until(() => heard === 2, "the notice of an adoption's");
      } finally {
        await sql`delete from latchkey.receivers where id = ${receiver!.id}`;
      }
    });
  });

  Deno.test(`limits: an access token never outlives its session, ${way}`, async () => {
    const session = await api.login(await newUser());
    await withDatabase(stack.dbUrl, async (sql) => {
      const [row] = await sql`
        update latchkey.refresh_tokens
        set expires_at = clock_timestamp() + interval '30.7 seconds'
        where session_id = ${session.session_id}
        returning extract(epoch from expires_at)::float8 as end`;
      const next = expectOk<Session>(await api.refresh(session.refresh_token));
      const { iat, exp } = decodeJwt(next.access_token);
      assertEquals(exp, Math.floor(row!.end));
      assertEquals([next.expires_at, next.expires_in], [exp!, exp! - iat!]);

      // The idle end has moved, the absolute end has not.
      await sql`
        update latchkey.refresh_tokens set expires_at = clock_timestamp()
        where session_id = ${session.session_id}`;
      const late = await api.refresh(next.refresh_token);
      assertEquals(
        [late.status, late.body.code, late.body.reason],
        [400, "session_expired", "absolute"],
      );
    });
  });

  Deno.test(`limits: an idle session says so, and a new timeout counts from the next refresh, ${way}`, async () => {
    const session = await api.login(await newUser());
    await withSettings({ idle_timeout: "1 hour" }, async (sql) => {
      const idle = async () => {
        const [row] = await sql`
          select idle_expires_at - rotated_at > interval '1 day' as long
          from latchkey.refresh_tokens
          where session_id = ${session.session_id}`;
        return row!.long;
      };
      assertEquals(await idle(), true);
      const next = expectOk<Session>(await api.refresh(session.refresh_token));
      assertEquals(await idle(), false);
      await sql`
        update latchkey.refresh_tokens set idle_expires_at = clock_timestamp()
        where session_id = ${session.session_id}`;
      const { status, body } = await api.refresh(next.refresh_token);
      assertEquals(
        [status, body.code, body.reason],
        [400, "session_expired", "idle"],
      );
    });
  });
}

/**
 * Stops a sign-in over the limit right after it has ended the oldest session, lets
 * Supabase Auth do something, then lets both continue.
 */
async function duringSignIn(
  signIn: "login" | "adopt",
  doAtAuth: (
    auth: Queries,
    ids: { user: string; oldest: string; newest: string },
  ) => Promise<unknown>,
) {
  const user = await newUser();
  await withSettings({ sessions_per_user: 1 }, async (sql) => {
    const { session_id: oldest } = await quickSession(sql, user);
    const newest = crypto.randomUUID();
    await sql`
      insert into auth.sessions (id, user_id, aal)
      values (${newest}, ${user.id}, 'aal1')`;
    const held = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const holder = sql.begin(async (sql) => {
      await sql`lock table latchkey.session_events in share mode`;
      held.resolve();
      await release.promise;
    });
    await held.promise;
    /** Waits until this many wait for a lock. */
    const waiting = async (count: number) => {
      for (let waits = 0; waits < count;) {
        [{ waits }] = await sql<[{ waits: number }]>`
          select count(*)::int as waits from pg_stat_activity
          where wait_event_type = 'Lock' and datname = current_database()`;
      }
    };
    const started = signIn === "login"
      ? sql`
        select outcome from latchkey.login(
          ${newest}, sha256('x'), 'aal1', '[]', 'test', null, null, null)`
      : sql`
        select outcome from latchkey.adopt(
          ${newest}, ${user.id}, sha256('x'),
          decode(repeat('00', 17), 'hex'), 'aal1', '[]', 'test', null, null, null, null)`;
    const signedIn = started.then(([row]) => row!.outcome, (error) => error);
    await waiting(1);
    const atAuth = withDatabase(
      stack.superuserUrl,
      (auth) =>
        auth.begin((auth) => doAtAuth(auth, { user: user.id, oldest, newest })),
    ).then(() => "done", (error) => error);
    await waiting(2);
    release.resolve();
    await holder;
    assertEquals(await atAuth, "done");
    assertEquals(await signedIn, "created");
  });
}

for (const signIn of ["login", "adopt"] as const) {
  Deno.test(`limits: a user can be deleted while ${signIn} ends the oldest session`, () =>
    duringSignIn(
      signIn,
      (auth, { user }) => auth`delete from auth.users where id = ${user}`,
    ));

  Deno.test(`limits: a user can be signed out everywhere while ${signIn} ends the oldest session`, () =>
    duringSignIn(signIn, async (auth, { oldest, newest }) => {
      // The order of the rows on disk is arbitrary.
      await auth`delete from auth.sessions where id = ${newest}`;
      await auth`delete from auth.sessions where id = ${oldest}`;
    }));
}
