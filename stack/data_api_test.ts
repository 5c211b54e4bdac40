import { assert, assertEquals } from "@std/assert";
import {
  newUser,
  stack,
  supabase,
  supabaseAdmin,
  until,
  withDatabase,
} from "../tests/harness.ts";
import type { Sql } from "./sql.ts";
import { createTokens } from "./tokens.ts";

const tokens = await createTokens(stack.keys.signingKey);
const now = () => Math.floor(Date.now() / 1000);

Deno.test("the Data API runs as the caller's role, with the caller's claims", async () => {
  const definition = `returns jsonb language sql stable
    return jsonb_build_array(current_user, auth.uid())`;
  await withFunction("", definition, async (name) => {
    const user = await newUser();
    const client = supabase();
    await client.auth.signInWithPassword(user);

    const answers = await Promise.all(
      [client, supabase(), supabaseAdmin()].map((each) => each.rpc(name)),
    );

    assertEquals(answers.map(({ data }) => data), [
      ["authenticated", user.id],
      ["anon", null],
      ["service_role", null],
    ]);
  });
});

Deno.test("the Data API never answers as anon to a bad token", async () => {
  const { publishableKey } = stack;
  const jwt = (claims: Record<string, unknown>) =>
    tokens.sign({ role: "anon", exp: now() + 60, ...claims });
  const good = await jwt({});
  const cases: [bearer: string, status: number, code: string | undefined][] = [
    ["", 401, "PGRST301"],
    ["garbage", 401, "PGRST301"],
    ["a.b.c", 401, "PGRST301"],
    [`${good}x`, 401, "PGRST301"],
    [await jwt({ role: "no_such_role" }), 401, "22023"],
    [await jwt({ exp: "tomorrow" }), 401, "PGRST303"],
    [await jwt({ exp: now() - 40 }), 401, "PGRST303"],
    [await jwt({ nbf: now() + 40 }), 401, "PGRST303"],
    [await jwt({ iat: now() + 40 }), 401, "PGRST303"],
    // As PostgREST, it allows clocks to differ by 30 seconds.
    [await jwt({ exp: now() - 20 }), 200, undefined],
    [await jwt({ nbf: now() + 20, iat: now() + 20 }), 200, undefined],
    [good, 200, undefined],
    [publishableKey, 200, undefined],
  ];
  await withFunction(
    "",
    "returns int language sql return 1",
    async (name) => {
      for (const [bearer, status, code] of cases) {
        const response = await fetch(`${stack.apiUrl}/rest/v1/rpc/${name}`, {
          method: "POST",
          headers: {
            apikey: publishableKey,
            authorization: `Bearer ${bearer}`,
          },
        });
        const body = await response.json();
        assertEquals([response.status, body.code], [status, code], bearer);
        assertEquals(
          response.headers.get("www-authenticate")?.startsWith("Bearer"),
          status === 401 ? true : undefined,
        );
      }
    },
  );
});

Deno.test("the Data API hides schemas that config.toml does not expose", async () => {
  const { error, status } = await supabaseAdmin().schema("auth").from("users")
    .select();
  assertEquals([error?.code, status], ["PGRST106", 406]);
});

Deno.test("a table without grants stays closed to the API's roles", async () => {
  await withDatabase(stack.dbUrl, async (sql) => {
    const table = `t_${crypto.randomUUID().replaceAll("-", "")}`;
    await sql.unsafe(`create table ${table} (id int)`);
    await sql.unsafe(`alter table ${table} enable row level security`);
    try {
      const read = async (client = supabase()) => {
        const { error, status } = await client.from(table).select();
        return [error?.code, status];
      };
      await until(
        async () => (await read())[0] !== "PGRST205",
        "the new table",
      );
      assertEquals(await read(), ["42501", 401]);
      assertEquals(await read(supabaseAdmin()), ["42501", 403]);
    } finally {
      await sql.unsafe(`drop table ${table}`);
    }
  });
});

Deno.test("the Data API passes JSON arguments on as they are", async () => {
  await withFunction(
    "a jsonb",
    "returns text language sql immutable return jsonb_typeof(a)",
    async (name) => {
      const typeOf = async (a: unknown) =>
        (await supabase().rpc(name, { a })).data;
      assertEquals(await typeOf({ b: 1 }), "object");
      assertEquals(await typeOf([1]), "array");
    },
  );
});

Deno.test("the Data API runs only volatile functions in a writing transaction", async () => {
  const readOnly = "return current_setting('transaction_read_only')";
  for (
    const [volatility, get, post] of [
      ["volatile", "on", "off"],
      ["stable", "on", "on"],
      ["immutable", "on", "on"],
    ]
  ) {
    await withFunction(
      "",
      `returns text language sql ${volatility} ${readOnly}`,
      async (name) => {
        const call = async (get: boolean) =>
          (await supabase().rpc(name, {}, { get })).data;
        assertEquals([await call(true), await call(false)], [get, post]);
      },
    );
  }
  await withFunction(
    "",
    "returns oid language sql stable return lo_create(0)",
    async (name) => {
      const { error, status } = await supabase().rpc(name);
      assertEquals([error?.code, status], ["25006", 405]);
    },
  );
});

Deno.test("the Data API applies the role's and the function's statement_timeout", async () => {
  await withFunction(
    "",
    "returns text language sql return current_setting('statement_timeout')",
    async (name) => {
      const token = await tokens.sign({
        role: "authenticated",
        exp: now() + 60,
      });
      const answers = await Promise.all(
        [supabase(), supabase(() => token), supabaseAdmin()]
          .map((client) => client.rpc(name)),
      );
      assertEquals(answers.map(({ data }) => data), ["3s", "8s", "8s"]);
    },
  );
  await withFunction(
    "",
    `returns void language plpgsql set statement_timeout = '50ms'
     as 'begin perform pg_sleep(5); end'`,
    async (name) => {
      const { error, status } = await supabase().rpc(name);
      assertEquals([error?.code, status], ["57014", 500]);
    },
  );
});

Deno.test("the Data API gives each SQLSTATE PostgREST's status", async () => {
  const statuses: Record<string, number> = {
    ...{ P0001: 400, P0002: 500, P0004: 500, XX000: 500, LK403: 400 },
    ...{ "08006": 503, "09000": 500, "0L000": 403, "0P000": 403, "21000": 500 },
    ...{ "22023": 400, "23503": 409, "23505": 409, "25006": 405, "25001": 500 },
    ...{ "28000": 403, "2D000": 500, "38000": 500, "39000": 500, "3B000": 500 },
    ...{ "40000": 500, "42501": 401, "42883": 404, "42P01": 404, "42P17": 500 },
    ...{ "53000": 503, "53400": 500, "54000": 500, "55P03": 500, "57014": 500 },
    ...{ "57P01": 503, "58000": 500, PT418: 418, PT599: 599 },
  };
  await withFunction(
    "code text",
    `returns void language plpgsql as $$ begin
       raise exception 'message'
         using errcode = code, detail = 'detail', hint = 'hint';
     end $$`,
    async (name) => {
      for (const [code, expected] of Object.entries(statuses)) {
        const { error, status } = await supabase().rpc(name, { code });
        assertEquals([error?.code, status], [code, expected]);
        assertEquals([error?.message, error?.details, error?.hint], [
          "message",
          "detail",
          "hint",
        ]);
      }
    },
  );
});

Deno.test("the Data API repeats a transaction that failed to serialize", async () => {
  await withDatabase(stack.dbUrl, async (sql) => {
    const tries = `s_${crypto.randomUUID().replaceAll("-", "")}`;
    await sql.unsafe(`
      create sequence public.${tries};
      grant usage on sequence public.${tries} to anon;`);
    try {
      // A sequence keeps its value when the transaction is rolled back.
      await withFunction(
        "",
        `returns int language plpgsql as $$ begin
           if nextval('public.${tries}') < 3 then
             raise serialization_failure;
           end if;
           return currval('public.${tries}');
         end $$`,
        async (name) => {
          await sql`select setval(${`public.${tries}`}, 1, false)`;
          assertEquals((await supabase().rpc(name)).data, 3);
        },
      );
    } finally {
      await sql.unsafe(`drop sequence ${tries}`);
    }
  });
});

Deno.test("the Data API finishes a request whose caller has hung up", async () => {
  await withDatabase(stack.dbUrl, async (sql) => {
    const table = `t_${crypto.randomUUID().replaceAll("-", "")}`;
    await sql.unsafe(`create table public.${table} (id int)`);
    const rows = async () =>
      (await sql.unsafe(`select from public.${table}`)).length;
    try {
      await withFunction(
        "",
        `returns void language plpgsql security definer as $$ begin
           perform pg_sleep(0.3);
           insert into public.${table} values (1);
         end $$`,
        async (name) => {
          const before = await rows();
          const { error } = await supabase().rpc(name)
            .abortSignal(AbortSignal.timeout(100));
          assert(error !== null);
          assertEquals(await rows(), before);
          await until(
            async () => await rows() === before + 1,
            "the request that was given up",
          );
        },
      );
    } finally {
      await sql.unsafe(`drop table public.${table}`);
    }
  });
});

Deno.test("the gateway answers a browser's preflight request on every path", async () => {
  for (
    const path of ["auth/v1/token", "rest/v1/unknown", "functions/v1/login"]
  ) {
    const response = await fetch(`${stack.apiUrl}/${path}`, {
      method: "OPTIONS",
      headers: {
        origin: "https://app.example.com",
        "access-control-request-method": "POST",
        "access-control-request-headers": "apikey, authorization",
      },
    });
    assertEquals(response.ok, true, path);
    assertEquals(response.headers.get("access-control-allow-origin"), "*");
  }
});

/** Creates a function for the length of a test, known to the schema cache. */
async function withFunction(
  parameters: string,
  definition: string,
  use: (name: string, sql: Sql) => Promise<void>,
) {
  const name = `f_${crypto.randomUUID().replaceAll("-", "")}`;
  await withDatabase(stack.dbUrl, async (sql: Sql) => {
    await sql.unsafe(
      `create function public.${name}(${parameters}) ${definition}`,
    );
    try {
      const [parameter] = parameters.split(" ");
      const args = parameter ? { [parameter]: null } : {};
      await until(
        async () =>
          (await supabase().rpc(name, args)).error?.code !== "PGRST202",
        "the schema cache to be reloaded",
      );
      await use(name, sql);
    } finally {
      await sql.unsafe(`drop function public.${name}`);
    }
  });
}
