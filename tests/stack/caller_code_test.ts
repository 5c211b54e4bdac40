/**
 * No SQL function runs code of its caller as another role.
 *
 * PostgreSQL looks for a type name in `pg_temp` first, unless search_path names
 * `pg_temp` later. There a caller may create a domain of that name, whose check
 * calls a function of the caller's: a cast in a security definer function would
 * run it as the owner.
 */
import { assertEquals } from "@std/assert";
import { connect, type DatabaseError, type Queries } from "../../stack/sql.ts";
import { stack } from "../harness.ts";

const ids = {
  user: crypto.randomUUID(),
  managed: crypto.randomUUID(),
  other: crypto.randomUUID(),
  unmanaged: crypto.randomUUID(),
};

/** How a warning begins that the caller's code gives as another role. */
const EVIL = "The caller's code ran as";

/** What each parameter may be given, by its name, as SQL. */
const ARGUMENTS: Record<string, string[]> = {
  account: [
    `(select u from auth.users u where u.id = '${ids.user}')`,
    "'ann@example.com'",
  ],
  actor_ip: ["'192.0.2.1'"],
  actor_session_id: [`'${ids.managed}'`],
  address: ["'192.0.2.1'", "'2001:db8::1'"],
  adoption_nonce: [`'\\x${"00".repeat(17)}'`],
  aal: ["'aal1'"],
  amr: [`'[{"method": "password", "timestamp": 1}]'`],
  answer: ["'200'"],
  authentication_method: ["'password'"],
  batch: ["10"],
  caller_session_id: [`'${ids.managed}'`],
  claims: [`'{"exp": 1}'`],
  code: ["'token_revoked'"],
  current_session_id: [`'${ids.managed}'`],
  details: ["null"],
  device_name: ["'Laptop'"],
  error: ["'invalid_token'"],
  event: [
    `(select jsonb_build_object('claims', jsonb_build_object(
      'aal', 'aal1', 'aud', 'authenticated', 'email', '', 'phone', '', 'exp', 2000000000,
      'iat', 1, 'is_anonymous', false, 'role', 'authenticated', 'session_id', '', 'sub', '')))`,
    "'session-revoked'",
  ],
  free_attempts: ["5"],
  generation: ["0", "1"],
  hook: ["'public.shadowed_hook'"],
  id: ["(select o.id from latchkey.outbox o limit 1)"],
  identifier: ["'192.0.2.1'"],
  ip: ["'192.0.2.1'"],
  issued_at: ["1"],
  issuer: ["'https://project.example/auth/v1'"],
  kind: ["'address'", "'account'"],
  message: ["'Ended.'"],
  outcome: ["'failed'", "'delivered'"],
  parameters: ["''"],
  payload: ["'{}'"],
  per_receiver: ["10"],
  private: ["true"],
  reason: ["'admin'"],
  receiver_id: ["null"],
  scope: ["null", "'others'", "'global'"],
  secret_hash: ["sha256('ann')"],
  session_id: [ids.managed, ids.other, ids.unmanaged].map((id) => `'${id}'`),
  session_ids: [
    `array['${ids.managed}', '${ids.unmanaged}']::pg_catalog.uuid[]`,
  ],
  settings: ["(select s from latchkey.settings s)"],
  succeeded: ["true", "false"],
  token: [
    `(select t from latchkey.refresh_tokens t where t.session_id = '${ids.managed}')`,
  ],
  topic: ["'session:1'"],
  user_agent: ["'Firefox'"],
  user_id: [`'${ids.user}'`, "null"],
};

/** Statements that run the trigger functions, and the policies. */
const STATEMENTS = [
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
];

for (const hook of ["no hook", "a hook"]) {
  Deno.test(`with ${hook}, a caller's types in pg_temp never run the caller's code as another role`, async () => {
    const warnings: string[] = [];
    const connection = connect(stack.superuserUrl, {
      max: 1,
      onNotice: (message) => warnings.push(message),
    });
    const rolledBack = new Error("rolled back");
    try {
      await connection.begin(async (sql) => {
        await prepare(sql);
        if (hook === "no hook") {
          await sql`update latchkey.settings set custom_access_token_hook = null`;
        }
        const calls = [...await functionCalls(sql), ...STATEMENTS];
        await becomeAttacker(sql);

        const ran: string[] = [];
        const denied: string[] = [];
        for (const call of calls) {
          warnings.length = 0;
          const error = await attempt(sql, call);
          const roles = warnings.filter((text) => text.startsWith(EVIL));
          if (roles.length > 0) ran.push(`${roles[0]} in ${call}`);
          // A call that stops at a missing privilege would prove nothing.
          if (error?.code === "42501" && !/shadow/.test(error.message)) {
            denied.push(`${error.message} in ${call}`);
          }
        }
        assertEquals({ ran, denied }, { ran: [], denied: [] });
        throw rolledBack;
      });
    } catch (error) {
      if (error !== rolledBack) throw error;
    } finally {
      await connection.end();
    }
  });
}

/** Runs a statement and undoes it; returns the error that stopped it. */
async function attempt(
  sql: Queries,
  statement: string,
): Promise<DatabaseError | undefined> {
  await sql`savepoint before`;
  try {
    await sql.unsafe(statement);
  } catch (error) {
    return error as DatabaseError;
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
    insert into latchkey.outbox (receiver_id, session_id, user_id, reason, initiating_entity)
    select id, '${ids.managed}', '${ids.user}', 'admin', 'admin' from latchkey.receivers limit 1;

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

/** A call of every function, once for each combination of its arguments. */
async function functionCalls(sql: Queries): Promise<string[]> {
  const functions = await sql<{ name: string; arguments: string[] }[]>`
    select p.oid::regproc::text as name,
      coalesce(p.proargnames[1:p.pronargs], '{}') as arguments
    from pg_proc p
    where p.pronamespace in ('latchkey'::regnamespace, 'realtime'::regnamespace)
        and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
      or p.pronamespace = 'auth'::regnamespace and p.proname in ('jwt', 'uid', 'role', 'email')`;
  return functions.flatMap(({ name, arguments: names }) =>
    combinations(names).map((values) =>
      `select ${name}(${
        names.map((argument, i) => `${argument} => ${values[i]}`).join(", ")
      })`
    )
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

/** Shadows every type of pg_catalog by a domain whose check takes a note. */
async function becomeAttacker(sql: Queries) {
  const types = await sql<{ name: string }[]>`
    select quote_ident(typname) as name from pg_type
    where typnamespace = 'pg_catalog'::regnamespace
      and typtype in ('b', 'e', 'm', 'r') and typcategory <> 'A'`;
  await sql.unsafe(`
    set session authorization attacker;
    create function pg_temp.evil() returns pg_catalog.bool
    language plpgsql set search_path = pg_catalog as $$
    begin
      if current_user <> session_user then
        raise warning '${EVIL.replace("'", "''")} %', current_user;
      end if;
      return true;
    end $$;`);
  await sql.unsafe(
    types.map(({ name }) =>
      `create domain pg_temp.${name} as pg_catalog.${name} check (pg_temp.evil());`
    ).join("\n"),
  );
}
