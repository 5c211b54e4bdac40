/**
 * The project's custom access token hook: it changes tokens and may refuse. If it
 * fails in any way, the caller's refresh token stays usable.
 */
import { assert, assertEquals } from "@std/assert";
import { decodeJwt } from "jose";
import type { Sql } from "../../stack/sql.ts";
import {
  type Answer,
  Api,
  bearer,
  expectOk,
  newUser,
  type Session,
  stack,
  supabase,
  supabaseAdmin,
  WAYS,
  withDatabase,
  withSettings,
} from "../harness.ts";

/** Sets a hook with this body for the length of a test. */
async function withHook(
  body: string,
  use: (change: (body: string) => Promise<void>, sql: Sql) => Promise<
    void
  >,
) {
  await withDatabase(stack.dbUrl, async (sql) => {
    const change = async (body: string) => {
      await sql.unsafe(`
        create or replace function public.claims_hook(event jsonb)
        returns jsonb language plpgsql as $hook$
        declare claims jsonb := event -> 'claims';
        begin ${body} end $hook$`);
    };
    await change(body);
    try {
      await withSettings(
        { custom_access_token_hook: "public.claims_hook" },
        () => use(change, sql),
      );
    } finally {
      await sql`drop function public.claims_hook(jsonb)`;
    }
  });
}

const CLAIMS = "return jsonb_build_object('claims', claims);";
const refusal = (fields: string) =>
  `return '{"error": {${fields}}}'::jsonb; ${CLAIMS}`;
const codeOf = ({ status, body }: Answer) => [
  status,
  body.code,
  body.error_description,
];

for (const [way, url] of Object.entries(WAYS)) {
  const api = new Api(url);

  Deno.test(`hook: gets Auth's event and sets the claims, ${way}`, async () => {
    const user = await newUser();
    await withHook(
      `claims := claims || jsonb_build_object('plan', 'gold', 'seen', event);
       ${CLAIMS}`,
      async () => {
        const { email, password } = user;
        const session = await api.login(user);
        const refreshed = expectOk<Session>(
          await api.refresh(session.refresh_token),
        );
        const repeated = expectOk<Session>(
          await api.refresh(session.refresh_token),
        );
        const { data } = await supabase().auth.signInWithPassword({
          email,
          password,
        });
        const adopted = expectOk<Session>(
          await api.post("login", {}, bearer(data.session!)),
        );
        const methods = [session, refreshed, repeated, adopted].map((
          { access_token },
        ) => {
          const { plan, seen, ...claims } = decodeJwt<
            { plan: string; seen: Record<string, unknown> }
          >(access_token);
          assertEquals(plan, "gold");
          assertEquals(seen.claims, claims);
          assertEquals(claims.iss, `${stack.apiUrl}/auth/v1`);
          assertEquals(seen.user_id, user.id);
          assertEquals(
            (seen.metadata as Record<string, unknown>).name,
            "customize-access-token",
          );
          return seen.authentication_method;
        });
        assertEquals(methods, [
          "password",
          "token_refresh",
          "token_refresh",
          "password",
        ]);
        // The token works everywhere.
        expectOk(await api.profile(adopted));
      },
    );
  });

  Deno.test(`hook: a refusal does not use up the refresh token, ${way}`, async () => {
    const user = await newUser();
    await withHook(CLAIMS, async (change, sql) => {
      const session = await api.login(user);
      await change(refusal('"message": "Pay first."'));
      const refused = await api.refresh(session.refresh_token);
      assertEquals(codeOf(refused), [403, "hook_refused", "Pay first."]);
      assertEquals(refused.body.error, "access_denied");
      const { email, password } = user;
      const login = () => api.post("login", { email, password });
      assertEquals((await login()).body.code, "hook_refused");
      const [{ count }] = await sql<[{ count: number }]>`
        select count(*)::int from latchkey.refresh_tokens
        where user_id = ${user.id}`;
      assertEquals(count, 1);

      for (
        const [http_code, status] of [[402, 402], [503, 503], [200, 403], [
          7,
          403,
        ]]
      ) {
        await change(
          refusal(`"http_code": ${http_code}, "message": "No."`),
        );
        assertEquals(codeOf(await api.refresh(session.refresh_token)), [
          status,
          "hook_refused",
          "No.",
        ]);
      }
      // As in Auth, an error without a message is not an error.
      await change(
        `${CLAIMS} ${refusal('"http_code": 403')}`,
      );
      // The second call is later than the reuse interval, had the first one rotated.
      await sql`
        update latchkey.refresh_tokens set rotated_at = now() - interval '1 hour'
        where session_id = ${session.session_id}`;
      expectOk(await api.refresh(session.refresh_token));
    });
  });

  Deno.test(`hook: a failure does not use up the refresh token, ${way}`, async () => {
    const user = await newUser();
    await withHook(CLAIMS, async (change, sql) => {
      const session = await api.login(user);
      const { session_id, refresh_token } = session;
      for (
        const body of [
          "raise exception 'secret';",
          "perform 1 / 0; return null;",
          "return null;",
          "return '{}';",
          "return '[]';",
          `return '{"claims": null}';`,
          `return '{"claims": []}';`,
          `return '{"claims": {}}';`,
          `claims := claims - 'exp'; ${CLAIMS}`,
          `claims := claims - 'is_anonymous'; ${CLAIMS}`,
          `claims := claims || '{"role": null}'; ${CLAIMS}`,
          `claims := claims || '{"exp": 1.5}'; ${CLAIMS}`,
          `claims := claims || '{"amr": {}}'; ${CLAIMS}`,
          `claims := claims || '{"sub": "${crypto.randomUUID()}"}'; ${CLAIMS}`,
          `claims := claims || '{"session_id": "${crypto.randomUUID()}"}'; ${CLAIMS}`,
        ]
      ) {
        await change(body);
        const { status, body: answer } = await api.refresh(refresh_token);
        assertEquals([status, answer.code], [500, "server_error"], body);
        assert(!JSON.stringify(answer).includes("secret"));
      }
      await change(`perform pg_sleep(2.1); ${CLAIMS}`);
      const slow = await api.refresh(refresh_token);
      assertEquals([slow.status, slow.body.code], [
        503,
        "database_unavailable",
      ]);
      const [row] = await sql`
        select generation from latchkey.refresh_tokens
        where session_id = ${session_id}`;
      assertEquals(row!.generation, 0);
      await change(CLAIMS);
      expectOk(await api.refresh(refresh_token));
    });
  });

  Deno.test(`hook: is called at most twice when it fails to serialize, ${way}`, async () => {
    const user = await newUser();
    await withHook(CLAIMS, async (change, sql) => {
      const session = await api.login(user);
      await sql`create sequence public.claims_hook_calls`;
      try {
        for (
          const condition of ["serialization_failure", "deadlock_detected"]
        ) {
          // A sequence keeps its value when the transaction is rolled back.
          await sql`select setval('public.claims_hook_calls', 1, false)`;
          await change(
            `perform nextval('public.claims_hook_calls'); raise ${condition};`,
          );
          const { status, body } = await api.refresh(session.refresh_token);
          assertEquals([status, body.code], [503, "database_unavailable"]);
          const [row] = await sql`
            select last_value::int as calls from public.claims_hook_calls`;
          assert(row!.calls <= 2, `${row!.calls} calls`);
        }
        await change(CLAIMS);
        expectOk(await api.refresh(session.refresh_token));
      } finally {
        await sql`drop sequence public.claims_hook_calls`;
      }
    });
  });

  Deno.test(`hook: can shorten the lifetime of an access token and not extend it, ${way}`, async () => {
    await withHook(
      `claims := claims || jsonb_build_object('exp', (claims ->> 'iat')::bigint + 70);
       ${CLAIMS}`,
      async (change) => {
        const session = await api.login(await newUser());
        const { iat, exp } = decodeJwt(session.access_token);
        assertEquals([session.expires_in, exp], [70, iat! + 70]);
        await change(
          `claims := claims || '{"exp": 99999999999}'; ${CLAIMS}`,
        );
        const next = expectOk<Session>(
          await api.refresh(session.refresh_token),
        );
        assertEquals(next.expires_in, 900);
      },
    );
  });

  Deno.test(`hook: a change of the user is in the next token, ${way}`, async () => {
    const user = await newUser();
    const session = await api.login(user);
    const email = `${crypto.randomUUID()}@example.com`;
    const { error } = await supabaseAdmin().auth.admin.updateUserById(user.id, {
      email,
      app_metadata: { plan: "gold" },
    });
    assertEquals(error, null);
    await withDatabase(
      stack.dbUrl,
      (sql) => sql`update auth.users set role = 'editor' where id = ${user.id}`,
    );
    const next = expectOk<Session>(await api.refresh(session.refresh_token));
    const claims = decodeJwt<
      { app_metadata: { plan: string }; email: string; role: string }
    >(next.access_token);
    assertEquals(
      [claims.email, claims.role, claims.app_metadata.plan],
      [email, "editor", "gold"],
    );
    assertEquals(next.user.email, email);
  });
}

Deno.test("hook: one that does not exist is refused when it is set", async () => {
  await withDatabase(stack.dbUrl, async (sql) => {
    for (
      const name of ["public.no_such_hook", "no schema", "latchkey.revoke", ""]
    ) {
      const error = await sql`
        update latchkey.settings set custom_access_token_hook = ${name}`
        .then(() => undefined, (error: Error) => error);
      assert(
        error?.message.includes("there is no function"),
        `${name}: ${error?.message}`,
      );
    }
  });
});
