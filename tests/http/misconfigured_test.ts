/**
 * After an installation mistake, the answer is `server_misconfigured`, and the log
 * line says which setting is wrong and what to do.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { checkCaller } from "../../supabase/functions/_latchkey/caller.ts";
import { openDatabase } from "../../supabase/functions/_latchkey/database.ts";
import { endpoint } from "../../supabase/functions/_latchkey/endpoint.ts";
import { Refusal } from "../../supabase/functions/_latchkey/outcomes.ts";
import { testContext } from "../../supabase/functions/_latchkey/testing.ts";
import { accessTokens, stack, withDatabase } from "../harness.ts";

const NOBODY = "0198f2c4-5b6d-7e8f-9a0b-1c2d3e4f5a6b";
const SECRET = "sb_secret_hush-hush";

type Project = Parameters<typeof openDatabase>[0];

/** The answer and the log of a protected function in such a project. */
async function ask(project: Partial<Project>) {
  const context = {
    ...await testContext(),
    accessTokens,
    database: openDatabase({
      url: stack.apiUrl,
      secretKeys: [stack.secretKey],
      ...project,
    }),
  };
  const { fetch } = endpoint("guarded", "GET", async (request, context) => {
    const caller = await checkCaller(request, { live: true }, context);
    return caller instanceof Refusal ? caller : { user: caller.userId };
  }, context);
  const token = await accessTokens.issue({
    sub: NOBODY,
    session_id: NOBODY,
    aud: "authenticated",
    role: "authenticated",
    exp: Math.floor(Date.now() / 1000) + 60,
  });
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => lines.push(line);
  try {
    const response = await fetch(
      new Request("http://x/guarded", {
        headers: { Authorization: `Bearer ${token}` },
      }),
    );
    const body = await response.json();
    return { status: response.status, body, line: JSON.parse(lines[0]!) };
  } finally {
    console.log = log;
  }
}

async function assertNamed(project: Partial<Project>, words: RegExp) {
  const { status, body, line } = await ask(project);
  assertEquals([status, body.error, body.code], [
    500,
    "server_error",
    "server_misconfigured",
  ]);
  assertEquals(line.outcome, "server_misconfigured");
  assertMatch(line.cause, words);
  // The caller learns nothing about the project's settings.
  assert(!/latchkey\.|LATCHKEY|SUPABASE|PGRST/.test(JSON.stringify(body)));
  assert(!JSON.stringify([body, line]).includes("hush-hush"));
}

/** Answers as PostgREST 14 does. */
async function withPostgrest(
  status: number,
  error: unknown,
  use: (url: string) => Promise<void>,
) {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => Response.json(error, { status }),
  );
  await use(`http://127.0.0.1:${server.addr.port}`);
}

const failure = (code: string, message: string) => ({
  code,
  message,
  details: null,
  hint: null,
});

for (
  const [mistake, status, error, words] of [
    [
      "schema latchkey is not exposed",
      406,
      failure("PGRST106", "Invalid schema: latchkey"),
      /does not expose schema latchkey\. Add latchkey to \[api\] schemas/,
    ],
    [
      "the migrations were not applied",
      404,
      failure(
        "PGRST202",
        "Could not find the function latchkey.session_state(session_id, user_id) in the schema cache",
      ),
      /no function latchkey\.session_state\. Apply Latchkey's migrations/,
    ],
    [
      "the key's role has no grant",
      403,
      failure("42501", "permission denied for function session_state"),
      /may not execute latchkey\.session_state/,
    ],
  ] as const
) {
  Deno.test(`server_misconfigured over the Data API: ${mistake}`, async () => {
    await withPostgrest(
      status,
      error,
      (url) => assertNamed({ url, secretKeys: [SECRET] }, words),
    );
  });
}

Deno.test("server_misconfigured over the Data API: the secret key is another project's", async () => {
  await assertNamed({ secretKeys: [SECRET] }, /Set SUPABASE_SECRET_KEYS/);
});

function databaseUrl(changes: Partial<URL>): string {
  return Object.assign(new URL(stack.dbUrl), changes).href;
}

Deno.test("server_misconfigured over a connection: the migrations were not applied", async () => {
  const name = `empty_${crypto.randomUUID().replaceAll("-", "")}`;
  await withDatabase(stack.dbUrl, async (sql) => {
    await sql.unsafe(`create database ${name}`);
    try {
      await assertNamed(
        { databaseUrl: databaseUrl({ pathname: `/${name}` }) },
        /no function latchkey\.session_state\. Apply Latchkey's migrations/,
      );
    } finally {
      await sql.unsafe(`drop database ${name} with (force)`);
    }
  });
});

Deno.test("server_misconfigured over a connection: no such database, role or grant", async () => {
  await assertNamed(
    { databaseUrl: databaseUrl({ pathname: "/nowhere" }) },
    /database that LATCHKEY_DB_URL names does not exist/,
  );
  await assertNamed(
    { databaseUrl: databaseUrl({ username: "unknown" }) },
    /refuses the user or the password in LATCHKEY_DB_URL/,
  );
  const role = `stranger_${crypto.randomUUID().replaceAll("-", "")}`;
  await withDatabase(stack.dbUrl, async (sql) => {
    await sql.unsafe(`create role ${role} login password 'hush-hush'`);
    try {
      await assertNamed(
        { databaseUrl: databaseUrl({ username: role, password: "hush-hush" }) },
        /may not execute latchkey\.session_state.*member of latchkey_functions/,
      );
    } finally {
      await sql.unsafe(`drop role ${role}`);
    }
  });
});
