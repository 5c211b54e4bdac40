import { assertEquals } from "@std/assert";
import type { Sql } from "./sql.ts";
import {
  newUser,
  stack,
  supabase,
  supabaseAdmin,
  until,
  withDatabase,
} from "../tests/harness.ts";

Deno.test("the Data API takes on the caller's role and claims", async () => {
  await withFunction(
    `returns jsonb language sql stable
     return jsonb_build_array(current_user, auth.uid())`,
    async (name) => {
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
    },
  );
});

Deno.test("the Data API never answers as anon to a bad token", async () => {
  const { publishableKey: apikey } = stack;
  const status = async (authorization: string) => {
    const response = await fetch(`${stack.apiUrl}/rest/v1/rpc/nothing`, {
      headers: { apikey, authorization },
    });
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await status("Bearer garbage"), 401);
  assertEquals(await status("Bearer a.b.c"), 401);
  assertEquals(await status(`Bearer ${apikey}`), 404);
});

Deno.test("the Data API hides schemas that config.toml does not expose", async () => {
  const { error } = await supabaseAdmin().schema("auth").from("users").select();
  assertEquals(error?.code, "PGRST106");
});

Deno.test("a table without grants stays closed to the API's roles", async () => {
  await withDatabase(stack.dbUrl, async (sql) => {
    const table = `t_${crypto.randomUUID().replaceAll("-", "")}`;
    await sql.unsafe(`create table ${table} (id int)`);
    await sql.unsafe(`alter table ${table} enable row level security`);
    try {
      const code = async () =>
        (await supabase().from(table).select()).error?.code;
      await until(async () => await code() !== "PGRST205", "the new table");
      assertEquals(await code(), "42501");
      assertEquals(
        (await supabaseAdmin().from(table).select()).error?.code,
        "42501",
      );
    } finally {
      await sql.unsafe(`drop table ${table}`);
    }
  });
});

Deno.test("the Data API passes JSON arguments on as they are", async () => {
  await withFunction(
    `(a jsonb) returns text language sql immutable
     return jsonb_typeof(a)`,
    async (name) => {
      const kind = async (a: unknown) =>
        (await supabase().rpc(name, { a })).data;
      assertEquals(await kind({ b: 1 }), "object");
      assertEquals(await kind([1]), "array");
    },
  );
});

Deno.test("a browser may ask before it sends", async () => {
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

/** Makes a function of the project for the length of a test. */
async function withFunction(
  definition: string,
  use: (name: string) => Promise<void>,
) {
  const name = `f_${crypto.randomUUID().replaceAll("-", "")}`;
  const withParameters = definition.startsWith("(")
    ? definition
    : `() ${definition}`;
  await withDatabase(stack.dbUrl, async (sql: Sql) => {
    await sql.unsafe(`create function public.${name}${withParameters}`);
    try {
      await until(
        async () =>
          (await supabase().rpc(name)).error?.code !== "PGRST202" ||
          definition.startsWith("("),
        "the new function",
      );
      await use(name);
    } finally {
      await sql.unsafe(`drop function public.${name}`);
    }
  });
}
