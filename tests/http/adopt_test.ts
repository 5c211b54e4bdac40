/**
 * Sessions that Supabase Auth made in any way become Latchkey's: once, for
 * however many tabs ask, and without a way back to Auth's own refresh token.
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { decodeJwt, importJWK, SignJWT } from "jose";
import type { Sql } from "../../stack/sql.ts";
import {
  type Answer,
  Api,
  bearer,
  expectOk,
  newUser,
  patiently,
  type Session,
  stack,
  supabase,
  supabaseAdmin,
  WAYS,
  withDatabase,
} from "../harness.ts";

const AT_ONCE = 50;

/** A session as supabase-js gets it from Supabase Auth. */
interface AuthSession {
  access_token: string;
  refresh_token: string;
}

/** Signs a user in with supabase-js alone. */
async function authSession(): Promise<
  AuthSession & { userId: string; sessionId: string }
> {
  const { email, password } = await newUser();
  const { data, error } = await supabase().auth.signInWithPassword({
    email,
    password,
  });
  if (error) throw error;
  const { access_token, refresh_token } = data.session!;
  const { session_id } = decodeJwt(access_token);
  return {
    access_token,
    refresh_token,
    userId: data.user!.id,
    sessionId: session_id as string,
  };
}

const adopt = (
  api: Api,
  session: Pick<Session, "access_token">,
  body: unknown = {},
) => api.post("login", body, bearer(session));

/** What Auth answers to its own refresh token. */
async function refreshAtAuth(
  refresh_token: string,
): Promise<Pick<Answer, "status" | "body">> {
  const response = await fetch(
    `${stack.apiUrl}/auth/v1/token?grant_type=refresh_token`,
    {
      method: "POST",
      headers: {
        "apikey": stack.publishableKey,
        "Content-Type": "application/json",
      },
      body: JSON.stringify({ refresh_token }),
    },
  );
  return { status: response.status, body: await response.json() };
}

/** An access token of Supabase Auth, with other claims. */
async function signedByAuth(token: string, changes: Record<string, unknown>) {
  const { key_ops: _ops, ...key } = stack.keys.signingKey;
  return await new SignJWT({ ...decodeJwt(token), ...changes })
    .setProtectedHeader({ alg: "ES256", kid: key.kid, typ: "JWT" })
    .sign(await importJWK(key, "ES256"));
}

/** As if Auth's own OAuth server had made the session, for a client's app. */
async function markAsOAuthClients(sessionId: string) {
  await withDatabase(stack.superuserUrl, (sql) =>
    sql.begin(async (tx) => {
      // The embedded Auth has neither clients nor this column.
      await tx`
        alter table auth.sessions
        add column if not exists oauth_client_id uuid`;
      await tx`set local session_replication_role = replica`;
      await tx`
        update auth.sessions set oauth_client_id = gen_random_uuid()
        where id = ${sessionId}`;
    }));
}

function sql<T extends Record<string, unknown>>(
  query: string,
  values: string[] = [],
  url = stack.dbUrl,
) {
  return withDatabase(url, (sql) => sql.unsafe<T[]>(query, values));
}

const sameCode = (answer: Answer) => [
  answer.status,
  answer.body.code,
  answer.body.reason,
];

for (const [way, url] of Object.entries(WAYS)) {
  const api = new Api(url);

  Deno.test(`an adopted session is the one that Supabase Auth created, ${way}`, async () => {
    const auth = await authSession();
    const adopted = expectOk<Session>(
      await adopt(api, auth, { device_name: "Phone" }),
    );
    assertEquals(adopted.session_id, auth.sessionId);
    assertEquals(adopted.user.id, auth.userId);
    const { iat: _1, exp: _2, ...theirs } = decodeJwt(auth.access_token);
    const { iat, exp, ...ours } = decodeJwt(adopted.access_token);
    assertEquals(ours, theirs);
    assertEquals(exp! - iat!, adopted.expires_in);

    // Everything accepts it, and it can be refreshed.
    expectOk(await api.profile(adopted));
    const { data } = await supabase().auth.getUser(adopted.access_token);
    assertEquals(data.user?.id, auth.userId);
    const next = expectOk<Session>(await api.refresh(adopted.refresh_token));
    const { sessions } = expectOk<{ sessions: { device_name: string }[] }>(
      await api.sessions(next),
    );
    assertEquals(sessions[0]!.device_name, "Phone");
    expectOk(await api.revoke(next, { scope: "local" }));
    assertEquals(sameCode(await adopt(api, auth)), [
      401,
      "token_revoked",
      "signed_out",
    ]);
  });

  Deno.test(`fifty requests that adopt one session at once get the same token, ${way}`, async () => {
    const auth = await authSession();
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, () => patiently(() => adopt(api, auth))),
    );
    const tokens = answers.map((answer) =>
      expectOk<Session>(answer).refresh_token
    );
    assertEquals(new Set(tokens).size, 1);
    const [counts] = await sql<{ sessions: number; events: number }>(
      `select
        (select count(*)::int from latchkey.refresh_tokens where session_id = $1) as sessions,
        (select count(*)::int from latchkey.session_events
         where session_id = $1 and event = 'session_created') as events`,
      [auth.sessionId],
    );
    assertEquals({ ...counts }, { sessions: 1, events: 1 });
    expectOk(await api.refresh(tokens[0]!));
  });

  Deno.test(`a tab that adopts later gets the current token, ${way}`, async () => {
    const auth = await authSession();
    const first = expectOk<Session>(await adopt(api, auth));
    const next = expectOk<Session>(await api.refresh(first.refresh_token));
    const again = expectOk<Session>(await adopt(api, auth));
    assertNotEquals(again.refresh_token, first.refresh_token);
    assertEquals(again.refresh_token, next.refresh_token);
    expectOk(await api.refresh(again.refresh_token));
  });

  Deno.test(`in cookie mode an adopted session's refresh token is in the cookie, ${way}`, async () => {
    const auth = await authSession();
    const mode = {
      "Latchkey-Mode": "cookie",
      Origin: "http://127.0.0.1:1001",
      ...bearer(auth),
    };
    const [first, again] = [
      await api.post("login", {}, mode),
      await api.post("login", {}, mode),
    ];
    assertEquals(expectOk<Session>(first).refresh_token, undefined);
    assertEquals(expectOk<Session>(again).refresh_token, undefined);
    const cookie = first.headers.get("Set-Cookie");
    assert(cookie?.startsWith("__Host-latchkey=lkr_"));
    assertEquals(again.headers.get("Set-Cookie"), cookie);
  });

  Deno.test(`the assurance level is Supabase Auth's, not the adopted token's, ${way}`, async () => {
    const auth = await authSession();
    const setAal = (aal: string) =>
      sql(`update auth.sessions set aal = $2 where id = $1`, [
        auth.sessionId,
        aal,
      ], stack.superuserUrl);
    const aalOf = (answer: Answer) =>
      decodeJwt(expectOk<Session>(answer).access_token).aal;

    await setAal("aal1");
    const forged = await signedByAuth(auth.access_token, { aal: "aal2" });
    assertEquals(aalOf(await adopt(api, { access_token: forged })), "aal1");
    // A second factor was verified.
    await setAal("aal2");
    const adopted = await adopt(api, auth);
    assertEquals(aalOf(adopted), "aal2");
    const next = await api.refresh(expectOk<Session>(adopted).refresh_token);
    assertEquals(aalOf(next), "aal2");
    assertEquals(aalOf(await adopt(api, auth)), "aal2");
    // It was taken away.
    await setAal("aal1");
    const last = await api.refresh(expectOk<Session>(next).refresh_token);
    assertEquals(aalOf(last), "aal1");
  });

  Deno.test(`Supabase Auth's own refresh token no longer works, ${way}`, async () => {
    const auth = await authSession();
    const adopted = expectOk<Session>(await adopt(api, auth));
    assertEquals((await refreshAtAuth(auth.refresh_token)).status, 400);
    // Nor did the attempt end anything.
    expectOk(await api.refresh(adopted.refresh_token));

    const user = await newUser();
    const session = await api.login(user);
    const rows = await sql<{ token: string }>(
      `select token from auth.refresh_tokens where session_id = $1`,
      [session.session_id],
    );
    for (const { token } of rows) {
      assertEquals((await refreshAtAuth(token)).status, 400);
    }
    expectOk(await api.refresh(session.refresh_token));
  });

  // Supabase Auth takes one that it replaced within its own reuse interval.
  Deno.test(`nor do Supabase Auth's tokens that were just replaced, ${way}`, async () => {
    const first: AuthSession = await authSession();
    const second = expectOk<AuthSession>(
      await refreshAtAuth(first.refresh_token),
    );
    const third = expectOk<AuthSession>(
      await refreshAtAuth(second.refresh_token),
    );
    const adopted = expectOk<Session>(await adopt(api, third));
    for (const { refresh_token } of [first, second, third]) {
      assertEquals((await refreshAtAuth(refresh_token)).status, 400);
    }
    expectOk(await api.refresh(adopted.refresh_token));
  });

  Deno.test(`an access token of Latchkey cannot be adopted, ${way}`, async () => {
    const auth = await authSession();
    const adopted = expectOk<Session>(await adopt(api, auth));
    const refused = [400, "invalid_request", undefined];
    assertEquals(sameCode(await adopt(api, adopted)), refused);
    // Nor one that Auth made for a session that began with a password here.
    const session = await api.login(await newUser());
    const fromAuth = await signedByAuth(session.access_token, {});
    const answer = await adopt(api, { access_token: fromAuth });
    assertEquals(sameCode(answer), refused);
    assert(answer.body.error_description.includes("refresh token"));
    // Nor one that Auth made later, when a thief had enrolled a second factor.
    const iat = Math.floor(Date.now() / 1000) + 60;
    const verified = await signedByAuth(auth.access_token, {
      aal: "aal2",
      iat,
    });
    assertEquals(
      sameCode(await adopt(api, { access_token: verified })),
      refused,
    );
  });

  // Auth leaves client_id out of the token that follows a second factor.
  Deno.test(`an OAuth client's session is not adopted, and ends no other, ${way}`, async () => {
    const auth = await authSession();
    await markAsOAuthClients(auth.sessionId);
    for (
      const answer of [
        await adopt(api, auth),
        await api.revoke(auth, { scope: "global" }),
        await api.revoke(auth, { scope: "others" }),
        await api.revoke(auth, { session_id: crypto.randomUUID() }),
      ]
    ) {
      assertEquals(sameCode(answer), [403, "forbidden", undefined]);
      assert(answer.body.error_description.includes("OAuth client"));
    }
    assertEquals(expectOk(await api.revoke(auth, { scope: "local" })), {
      revoked: 1,
    });
  });

  Deno.test(`a session whose key was removed is not adopted again, ${way}`, async () => {
    const auth = await authSession();
    const adopted = expectOk<Session>(await adopt(api, auth));
    await sql(
      `update latchkey.refresh_tokens
       set adoption_nonce = set_byte(adoption_nonce, 0, 255) where session_id = $1`,
      [auth.sessionId],
    );
    assertEquals((await adopt(api, auth)).body.code, "invalid_request");
    expectOk(await api.refresh(adopted.refresh_token));
  });

  Deno.test(`an ended session or a banned user's is not adopted, ${way}`, async () => {
    const ended = await authSession();
    await sql(`delete from auth.sessions where id = $1`, [ended.sessionId]);
    assertEquals(sameCode(await adopt(api, ended)), [
      401,
      "token_revoked",
      "signed_out",
    ]);

    const banned = await authSession();
    const { error } = await supabaseAdmin().auth.admin.updateUserById(
      banned.userId,
      { ban_duration: "1h" },
    );
    assertEquals(error, null);
    assertEquals((await adopt(api, banned)).body.code, "user_banned");

    const limited = await authSession();
    await sql(
      `update auth.sessions set not_after = now() where id = $1`,
      [limited.sessionId],
      stack.superuserUrl,
    );
    assertEquals(sameCode(await adopt(api, limited)), [
      401,
      "token_revoked",
      "expired",
    ]);
  });
}

Deno.test("adopt: methods verified or removed since are in the next token, newest first", async () => {
  const api = new Api(Object.values(WAYS)[0]!);
  const auth = await authSession();
  const adopted = expectOk<Session>(await adopt(api, auth));
  const [first] = decodeJwt<{ amr: { timestamp: number }[] }>(
    adopted.access_token,
  ).amr;
  await withAmrClaims(async (add, sql) => {
    await add(auth.sessionId, "password", first!.timestamp);
    await add(auth.sessionId, "totp", first!.timestamp + 60);
    const next = expectOk<Session>(await api.refresh(adopted.refresh_token));
    const amr = [
      { method: "totp", timestamp: first!.timestamp + 60 },
      { method: "password", timestamp: first!.timestamp },
    ];
    assertEquals(decodeJwt(next.access_token).amr, amr);
    const again = expectOk<Session>(await adopt(api, auth));
    assertEquals(decodeJwt(again.access_token).amr, amr);
    // Within the reuse interval, a factor may be removed as well.
    await sql`
      delete from auth.mfa_amr_claims
      where session_id = ${auth.sessionId} and authentication_method = 'totp'`;
    const repeated = expectOk<Session>(
      await api.refresh(adopted.refresh_token),
    );
    assertEquals(decodeJwt(repeated.access_token).amr, amr.slice(1));
  });
});

Deno.test("adopt: the method of single sign-on names its provider", async () => {
  const api = new Api(Object.values(WAYS)[0]!);
  const provider = crypto.randomUUID();
  const [sso, other] = [await authSession(), await authSession()];
  await withAmrClaims(async (add, sql) => {
    await sql`
      update auth.identities set provider = ${`sso:${provider}`}
      where user_id = ${sso.userId}`;
    for (const { sessionId } of [sso, other]) {
      // Supabase Auth itself recorded the password of the sign-up.
      await sql`
        delete from auth.mfa_amr_claims where session_id = ${sessionId}`;
      await add(sessionId, "sso/saml", 1);
    }
    const amrOf = async (auth: typeof sso) =>
      decodeJwt(
        expectOk<Session>(await adopt(api, auth)).access_token,
      ).amr;
    assertEquals(await amrOf(sso), [
      { method: "sso/saml", timestamp: 1, provider },
    ]);
    // An identity of another kind is not a provider of single sign-on.
    assertEquals(await amrOf(other), [{ method: "sso/saml", timestamp: 1 }]);
  });
});

/** Runs work with Auth's table of methods, which the local Auth does not have. */
async function withAmrClaims(
  work: (
    add: (sessionId: string, method: string, at: number) => Promise<unknown>,
    sql: Sql,
  ) => Promise<void>,
): Promise<void> {
  await withDatabase(stack.superuserUrl, async (sql) => {
    const [{ missing }] = await sql<[{ missing: boolean }]>`
      select to_regclass('auth.mfa_amr_claims') is null as missing`;
    if (missing) {
      await sql`
        create table auth.mfa_amr_claims (
          session_id uuid not null,
          created_at timestamptz not null,
          updated_at timestamptz not null,
          authentication_method text not null,
          id uuid primary key,
          unique (session_id, authentication_method)
        )`;
      await sql`grant select on auth.mfa_amr_claims to postgres`;
    }
    const add = (sessionId: string, method: string, seconds: number) => {
      const at = new Date(seconds * 1000);
      return sql`
        insert into auth.mfa_amr_claims
          (id, session_id, created_at, updated_at, authentication_method)
        values (${crypto.randomUUID()}, ${sessionId}, ${at}, ${at}, ${method})
        on conflict do nothing`;
    };
    try {
      await work(add, sql);
    } finally {
      if (missing) await sql`drop table auth.mfa_amr_claims`;
    }
  });
}

// The local Auth has no anonymous sign-in, so the test marks the user afterwards.
Deno.test("an anonymous session stays anonymous after adoption", async () => {
  const api = new Api(Object.values(WAYS)[0]!);
  const auth = await authSession();
  await sql(
    `update auth.users set is_anonymous = true, email = null where id = $1`,
    [auth.userId],
  );
  const adopted = expectOk<Session>(await adopt(api, auth));
  const claims = decodeJwt(adopted.access_token);
  assertEquals([claims.is_anonymous, claims.email], [true, ""]);
  assertEquals(adopted.user.id, auth.userId);
});
