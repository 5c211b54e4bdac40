/**
 * One setting closes the whole Data API to ended sessions, with the real
 * supabase-js. This setting and `strict` apply to the whole project, so this test
 * has its own stack.
 */
import { assertEquals } from "@std/assert";
import { createClient } from "@supabase/supabase-js";
import { connect } from "../../stack/sql.ts";
import { type Stack, startStack } from "../../stack/stack.ts";
import { type Session, until } from "../harness.ts";

/** A table of an app, whose policies do not check the session. */
const THINGS = `
  create table public.things (id bigint generated always as identity primary key);
  alter table public.things enable row level security;
  create policy "Everybody" on public.things using (true) with check (true);
  grant select, insert on public.things to anon, authenticated, service_role;
  create function public.answer() returns integer language sql immutable return 42;
  grant execute on function public.answer() to anon, authenticated, service_role;
  notify pgrst, 'reload schema';
`;

const CHALLENGE =
  'Bearer error="invalid_token", error_description="The session was ended. Sign in again."';

Deno.test("check_request: closes the Data API to ended sessions only", async (test) => {
  await using cleanup = new AsyncDisposableStack();
  const data = await Deno.makeTempDir({ prefix: "latchkey_check_request_" });
  cleanup.defer(() => Deno.remove(data, { recursive: true }));
  // As root, the database runs as another user, who must enter this folder.
  await Deno.chmod(data, 0o711);
  const stack = await startStack({ port: 0, dbPort: 0, data: `${data}/data` });
  cleanup.defer(() => stack.stop());
  const sql = connect(stack.dbUrl, { max: 1 });
  cleanup.defer(() => sql.end());
  await sql.unsafe(THINGS);

  const user = { email: "ann@example.com", password: "correct horse battery" };
  const unmanaged = anon(stack);
  await unmanaged.auth.signUp(user);
  const ended = await login(stack, user);
  const other = await login(stack, user);
  const over = signedIn(stack, ended);
  const active = signedIn(stack, other);
  const read = async (client: Client) => {
    const { status } = await client.from("things").select();
    return status;
  };
  await until(async () => await read(active) === 200, "the table");
  await active.schema("latchkey")
    .rpc("revoke_session", { session_id: ended.session_id });

  await test.step("without it, an ended session's token works until it expires", async () => {
    assertEquals(await read(over), 200);
  });

  await sql.unsafe(`
    alter role authenticator set pgrst.db_pre_request = 'latchkey.check_request';
    notify pgrst, 'reload config';
  `);
  await until(async () => await read(over) === 401, "the setting");

  await test.step("it refuses every request of an ended session, with the reason", async () => {
    const things = over.from("things");
    for (
      const { status, error } of [
        await things.select(),
        await things.insert({}),
        await over.rpc("answer"),
        await over.schema("latchkey").from("sessions").select(),
      ]
    ) {
      assertEquals(status, 401);
      const { code, message, details, hint } = error!;
      assertEquals({ code, message, details, hint }, {
        code: "token_revoked",
        message: "The session was ended. Sign in again.",
        details: "user",
        hint: null!,
      });
    }
    const response = await fetch(`${stack.apiUrl}/rest/v1/things`, {
      headers: {
        apikey: stack.keys.publishableKey,
        Authorization: `Bearer ${ended.access_token}`,
      },
    });
    await response.body?.cancel();
    assertEquals(response.headers.get("WWW-Authenticate"), CHALLENGE);
    assertEquals(response.headers.get("Access-Control-Allow-Origin"), "*");
    assertEquals((await sql`select from public.things`).length, 0);
  });

  await test.step("it says that a session has expired", async () => {
    const late = await login(stack, user);
    await sql`
      update latchkey.refresh_tokens set idle_expires_at = now()
      where session_id = ${late.session_id}`;
    const { error } = await signedIn(stack, late).from("things").select();
    assertEquals([error?.code, error?.details], ["token_revoked", "expired"]);
  });

  await test.step("it accepts all other requests", async () => {
    assertEquals(await read(active), 200);
    assertEquals(await read(anon(stack)), 200);
    assertEquals(await read(secret(stack)), 200);
    assertEquals(await read(unmanaged), 200);
    const { data } = await unmanaged.auth.getSession();
    await sql`delete from auth.sessions where id not in (
      select session_id from latchkey.refresh_tokens)`;
    const { access_token } = data.session!;
    assertEquals(await read(signedIn(stack, { access_token })), 200);
  });

  await test.step("with strict, it refuses sessions that Latchkey does not manage", async () => {
    await sql`update latchkey.settings set strict = true`;
    const { status, error } = await unmanaged.from("things").select();
    assertEquals([status, error?.code], [401, "invalid_jwt_claims"]);
    assertEquals(await read(active), 200);
    assertEquals(await read(over), 401);
    assertEquals(await read(anon(stack)), 200);
    assertEquals(await read(secret(stack)), 200);
  });

  await test.step("it can be turned off", async () => {
    await sql.unsafe(`
      alter role authenticator reset pgrst.db_pre_request;
      notify pgrst, 'reload config';
    `);
    await until(async () => await read(over) === 200, "the setting to go");
  });
});

type Client = ReturnType<typeof anon>;

function client(
  { apiUrl }: Stack,
  key: string,
  accessToken?: () => Promise<string>,
) {
  return createClient(
    apiUrl,
    key,
    accessToken ? { accessToken } : {
      auth: {
        persistSession: false,
        autoRefreshToken: false,
        storageKey: crypto.randomUUID(),
      },
    },
  );
}

function anon(stack: Stack) {
  return client(stack, stack.keys.publishableKey);
}

function secret(stack: Stack) {
  return client(stack, stack.keys.secretKey);
}

function signedIn(
  stack: Stack,
  { access_token }: Pick<Session, "access_token">,
) {
  return client(
    stack,
    stack.keys.publishableKey,
    () => Promise.resolve(access_token),
  );
}

async function login(
  { apiUrl, keys }: Stack,
  user: { email: string; password: string },
): Promise<Session> {
  const response = await fetch(`${apiUrl}/functions/v1/login`, {
    method: "POST",
    headers: {
      apikey: keys.publishableKey,
      "Content-Type": "application/json",
    },
    body: JSON.stringify(user),
  });
  return await response.json();
}
