/**
 * No SQL function runs code of its caller as another role.
 *
 * PostgreSQL looks for a type name in `pg_temp` first, unless search_path names
 * `pg_temp` later. There a caller may create a domain of that name, whose check
 * calls a function of the caller's: a cast in a security definer function would
 * run it as the owner.
 */
import { assertEquals } from "@std/assert";
import { DatabaseError, type Queries } from "../../stack/sql.ts";
import { rolledBack, stack } from "../harness.ts";

const ids = {
  user: crypto.randomUUID(),
  managed: crypto.randomUUID(),
  other: crypto.randomUUID(),
  unmanaged: crypto.randomUUID(),
};

/** What each parameter may be given, by its name, as SQL. */
const ARGUMENTS: Record<string, string[]> = {
  account: [
    `(select u from auth.users u where u.id = '${ids.user}')`,
    "'ann@example.com'",
  ],
  actor_ip: ["'192.0.2.1'"],
  address: ["'192.0.2.1'", "'2001:db8::1'"],
  adoption_nonce: [`'\\x${"00".repeat(17)}'`],
  aal: ["'aal1'"],
  amr: [`'[{"method": "password", "timestamp": 1}]'`],
  answer: ["'200'"],
  auth_session: [
    `(select s from auth.sessions s where s.id = '${ids.unmanaged}')`,
  ],
  authenticated_at: ["4000000000", "1"],
  authentication_method: ["'password'"],
  banned_until: ["'infinity'"],
  batch: ["10"],
  but_not: ["null"],
  caller_session_id: [`'${ids.managed}'`],
  claims: [`'{"exp": 1}'`],
  client: ["'Firefox on Linux'"],
  code: ["'token_revoked'"],
  country: ["'DE'"],
  current_session_id: [`'${ids.managed}'`],
  deadline: ["now() + '1 day'", "null"],
  details: ["null"],
  device_hash: ["sha256('device')"],
  device_name: ["'Laptop'"],
  ends: [
    `(select array_agg(latchkey.session_end(t)) from latchkey.refresh_tokens t
      where t.user_id = '${ids.user}')`,
  ],
  error: ["'invalid_token'"],
  event: [
    `(select jsonb_build_object('claims', jsonb_build_object(
      'aal', 'aal1', 'aud', 'authenticated', 'email', '', 'phone', '', 'exp', 2000000000,
      'iat', 1, 'is_anonymous', false, 'role', 'authenticated', 'session_id', '', 'sub', '')))`,
    "'session-revoked'",
    "'session_created'",
  ],
  events: [
    `(select array_agg(latchkey.session_end(t)) from latchkey.refresh_tokens t
      where t.user_id = '${ids.user}')`,
  ],
  expires_at: ["now() + '1 day'"],
  free_attempts: ["5"],
  generation: ["0", "1"],
  hook: ["'public.shadowed_hook'"],
  id: ["(select o.id from latchkey.outbox o limit 1)"],
  identifier: ["'192.0.2.1'"],
  idle_expires_at: ["now() + '1 day'"],
  ip: ["'192.0.2.1'"],
  issued_at: ["1"],
  issuer: ["'https://project.example/auth/v1'"],
  jkt: ["sha256('key')"],
  kind: ["'address'", "'account'"],
  message: ["'Ended.'"],
  most: ["10"],
  outcome: ["'failed'", "'delivered'"],
  parameters: ["''"],
  pause_seconds: ["60", "null"],
  payload: ["'{}'"],
  per_receiver: ["10"],
  private: ["true"],
  proof_id: ["substring(sha256('proof') for 16)"],
  proof_ids: ["sha256('proofs')"],
  proof_jkt: ["sha256('key')", "null"],
  proof_nonce_generation: ["0"],
  reason: ["'admin'"],
  receiver_id: ["null"],
  revoked_at: ["null"],
  revoked_by: ["'admin'"],
  revoked_by_ip: ["'192.0.2.1'"],
  revoked_by_session_id: [`'${ids.managed}'`],
  scope: ["null", "'others'", "'global'"],
  secret_hash: ["sha256('ann')"],
  session_id: [ids.managed, ids.other, ids.unmanaged].map((id) => `'${id}'`),
  session_ids: [
    `array['${ids.managed}', '${ids.unmanaged}']::pg_catalog.uuid[]`,
  ],
  settings: ["(select s from latchkey.settings s)"],
  succeeded: ["true", "false"],
  text: [`'${ids.managed}'`],
  token: [
    `(select t from latchkey.refresh_tokens t where t.session_id = '${ids.managed}')`,
  ],
  topic: ["'session:1'"],
  user_agent: ["'Firefox'"],
  user_id: [`'${ids.user}'`, "null"],
};

/** Statements that run the trigger functions, and the policies. */
const STATEMENTS: Call[] = [
  `update latchkey.refresh_tokens set revoked_at = now(), revoked_reason = 'admin'`,
  `delete from latchkey.refresh_tokens`,
  `delete from auth.sessions where user_id = '${ids.user}'`,
  `update auth.users set encrypted_password = 'new' where id = '${ids.user}'`,
  `update auth.users set banned_until = 'infinity' where id = '${ids.user}'`,
  `delete from auth.users where id = '${ids.user}'`,
  `update latchkey.settings set custom_access_token_hook = 'public.shadowed_hook'`,
  `select * from latchkey.sessions`,
  `select * from latchkey.session_events`,
  `select * from realtime.messages`,
].map((statement) => ({ statement, granted: true }));

for (const hook of ["no hook", "a hook"]) {
  Deno.test(`with ${hook}, a caller's types in pg_temp never run the caller's code as another role`, async () => {
    await rolledBack(stack.superuserUrl, async (sql) => {
      const calls = [...await functionCalls(sql), ...STATEMENTS];
      await prepare(sql);
      if (hook === "no hook") {
        await sql`update latchkey.settings set custom_access_token_hook = null`;
      }
      await becomeAttacker(sql);

      const ran: string[] = [];
      const denied: string[] = [];
      for (const { statement, granted } of calls) {
        const before = await timesRun(sql);
        const error = await attempt(sql, statement);
        if (await timesRun(sql) > before) ran.push(statement);
        // A call that stops at a missing privilege would prove nothing.
        if (
          granted && error?.code === "42501" && !/shadow/.test(error.message)
        ) {
          denied.push(`${error.message} in ${statement}`);
        }
      }
      assertEquals({ ran, denied }, { ran: [], denied: [] });
    });
  });
}

/** How often the caller's code ran as another role: no rollback undoes it. */
async function timesRun(sql: Queries): Promise<number> {
  const [row] = await sql`
    select case when is_called then last_value else 0 end::pg_catalog.int4 as times
    from pg_temp.ran`;
  return row!.times;
}

/** Runs a statement and undoes it; returns the error that stopped it. */
async function attempt(sql: Queries, statement: string) {
  await sql`savepoint before`;
  try {
    await sql.unsafe(statement);
  } catch (error) {
    if (error instanceof DatabaseError) return error;
    throw error;
  } finally {
    await sql`rollback to savepoint before`;
  }
}

/** A user with sessions, a hook, and the rights to reach every function. */
async function prepare(sql: Queries) {
  await sql.unsafe(`
    insert into auth.users (id, email, aud, role)
    values ('${ids.user}', '${ids.user}@example.com', 'authenticated', 'authenticated');
    insert into auth.sessions (id, user_id)
    select id, '${ids.user}' from unnest(array['${ids.managed}', '${ids.other}', '${ids.unmanaged}']::uuid[]) id;
    insert into latchkey.refresh_tokens (session_id, user_id, secret_hash, expires_at, idle_expires_at)
    select id, '${ids.user}', sha256('ann'), now() + interval '1 day', now() + interval '1 day'
    from unnest(array['${ids.managed}', '${ids.other}']::uuid[]) id;
    insert into latchkey.receivers (url, audience) values ('https://receiver.example', 'test');
    insert into latchkey.outbox (receiver_id, payload) select id, '{}' from latchkey.receivers limit 1;

    -- As Supabase's documentation shows a hook: with an empty search_path.
    create function public.shadowed_hook(event jsonb) returns jsonb
    language plpgsql set search_path = '' as $$
    declare
      claims jsonb := event -> 'claims';
      role text := claims ->> 'role';
    begin
      return jsonb_build_object('claims', claims || jsonb_build_object('role', role::text));
    end $$;
    alter function public.shadowed_hook(jsonb) owner to postgres;
    update latchkey.settings set
      custom_access_token_hook = 'public.shadowed_hook', sessions_per_user = 2,
      at_session_limit = 'end_oldest', revoke_max_age = '1 day', strict = true;

    select set_config('request.jwt.claims', '{"sub": "${ids.user}", "session_id": "${ids.managed}", "role": "authenticated"}', true);

    create role attacker login;
    grant anon, authenticated, service_role, latchkey_functions to attacker;
    grant all on all tables in schema latchkey, auth to attacker;
    grant all on realtime.messages to attacker;
    grant usage on schema latchkey, auth, realtime to attacker;
    grant execute on all functions in schema latchkey, auth, realtime to attacker;
    create policy "Attacker" on latchkey.settings to attacker using (true) with check (true);
    create policy "Attacker" on latchkey.refresh_tokens to attacker using (true) with check (true);
    create policy "Attacker" on latchkey.login_attempts to attacker using (true) with check (true);
    create policy "Attacker" on latchkey.session_events to attacker using (true) with check (true);
    create policy "Attacker" on latchkey.outbox to attacker using (true) with check (true);
    -- Makes upkeep() create a table as the owner, which runs the event triggers.
    drop table latchkey.session_events_${nextMonth()};`);
}

/** The month after this one, as partitions are named. */
function nextMonth(): string {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1))
    .toISOString().slice(0, 7).replace("-", "_");
}

interface Call {
  statement: string;
  /** Whether a role other than the owner may execute it. */
  granted: boolean;
}

/** A call of every function, once for each combination of its arguments. */
async function functionCalls(sql: Queries): Promise<Call[]> {
  const rows = await sql<
    { name: string; parameters: string[]; granted: boolean }[]
  >`
    select p.oid::regproc::text as name,
      coalesce(p.proargnames[1:p.pronargs], '{}') as parameters,
      exists (
        select from unnest(array[
          'anon', 'authenticated', 'service_role', 'latchkey_functions'
        ]) role
        where has_function_privilege(role, p.oid, 'execute')
      ) as granted
    from pg_proc p
    where p.pronamespace in ('latchkey'::regnamespace, 'realtime'::regnamespace)
        and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
      or p.pronamespace = 'auth'::regnamespace and p.proname in ('jwt', 'uid', 'role', 'email')`;
  return rows.flatMap(({ name, parameters, granted }) =>
    combinations(parameters).map((values) => ({
      statement: `select ${name}(${
        parameters.map((parameter, i) => `${parameter} => ${values[i]}`).join(
          ", ",
        )
      })`,
      granted,
    }))
  );
}

function combinations([name, ...rest]: string[]): string[][] {
  if (name === undefined) return [[]];
  const values = ARGUMENTS[name];
  if (!values) throw new Error(`Say in ARGUMENTS what ${name} may be given`);
  return values.flatMap((value) =>
    combinations(rest).map((others) => [value, ...others])
  );
}

/** Shadows every type of pg_catalog by a domain whose check counts its calls. */
async function becomeAttacker(sql: Queries) {
  const types = await sql<{ name: string }[]>`
    select quote_ident(typname) as name from pg_type
    where typnamespace = 'pg_catalog'::regnamespace
      and typtype in ('b', 'e', 'm', 'r') and typcategory <> 'A'`;
  await sql.unsafe(`
    set session authorization attacker;
    create temp sequence ran;
    grant all on sequence ran to public;
    create function pg_temp.evil() returns pg_catalog.bool
    language plpgsql set search_path = pg_catalog as $$
    begin
      if current_user <> session_user then
        perform nextval('pg_temp.ran');
      end if;
      return true;
    end $$;`);
  await sql.unsafe(
    types.map(({ name }) =>
      `create domain pg_temp.${name} as pg_catalog.${name} check (pg_temp.evil());`
    ).join("\n"),
  );
}
