/** cli/remove.sql takes Latchkey out of a database and nothing of the owner's. */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { api, newUser, rolledBack, savepoint, stack } from "../harness.ts";

// The pgTAP helpers that other tests leave in this database use Latchkey too.
const script = "drop schema if exists tests cascade;\n" +
  await Deno.readTextFile(
    new URL("../../cli/remove.sql", import.meta.url),
  );

/** What an owner may have built on Latchkey, and the script replaces. */
const NOTES = `
  create table public.remove_notes (user_id uuid not null, body text not null);
  alter table public.remove_notes enable row level security;
  grant select, insert on public.remove_notes to authenticated;
  create policy "Own notes" on public.remove_notes to authenticated
    using (user_id = (select auth.uid()) and (select latchkey.session_active()))
    with check (user_id = (select auth.uid()));
  create policy "Only active sessions" on public.remove_notes
    as restrictive to authenticated
    using ((select latchkey.session_active()))
    with check ((select latchkey.session_active()));
  create role remove_editor nologin;
  grant execute on function latchkey.session_active() to remove_editor;
`;

const POLICIES = `
  select polname, polpermissive, polcmd, polroles::regrole[]::text,
    pg_get_expr(polqual, polrelid) as using, pg_get_expr(polwithcheck, polrelid) as check
  from pg_policy where polrelid = 'public.remove_notes'::regclass order by polname`;

Deno.test("remove: keeps the owner's policies, which check the session with Supabase Auth afterwards", async () => {
  const user = await newUser();
  const { session_id } = await api.login(user);
  await rolledBack(stack.dbUrl, async (sql) => {
    await sql.unsafe(NOTES);
    await sql`insert into public.remove_notes values (${user.id}, 'mine')`;
    const before = await sql.unsafe(POLICIES);
    assertEquals(before.length, 2);

    await sql.unsafe(script);

    const after = await sql.unsafe(POLICIES);
    const expected = JSON.stringify(before)
      .replaceAll("latchkey.session_active()", "session_active()");
    assertEquals(JSON.stringify(after), expected);

    /** The notes that a session of the user sees. */
    const notes = async (session: string) => {
      const claims = JSON.stringify({
        sub: user.id,
        role: "authenticated",
        session_id: session,
      });
      await sql`select set_config('request.jwt.claims', ${claims}, true)`;
      await sql.unsafe("set local role authenticated");
      const found = await sql`select body from public.remove_notes`;
      await sql.unsafe("reset role");
      return found.map(({ body }) => body);
    };
    // Nobody could refresh this one any more, so it has ended.
    assertEquals(await notes(session_id), []);
    const fresh = crypto.randomUUID();
    await sql`
      insert into auth.sessions (id, user_id, created_at, updated_at)
      values (${fresh}, ${user.id}, now(), now())`;
    assertEquals(await notes(fresh), ["mine"]);
    assertEquals(await notes("no UUID"), []);
    const [{ may }] = await sql`
      select has_function_privilege('remove_editor', 'public.session_active()', 'execute') as may` as unknown as [
      { may: boolean },
    ];
    assertEquals(may, true);
  });
});

Deno.test("remove: leaves nothing of Latchkey behind", async () => {
  await rolledBack(stack.dbUrl, async (sql) => {
    await sql.unsafe(
      "alter role authenticator set pgrst.db_pre_request = 'latchkey.check_request'",
    );
    await sql.unsafe(script);
    const left = await sql`
      select 'schema' as kind, nspname::text as name from pg_namespace where nspname = 'latchkey'
      union all select 'role', rolname from pg_roles where rolname like 'latchkey%'
      union all select 'trigger', tgname from pg_trigger where tgname like 'latchkey%'
      union all select 'policy', polname from pg_policy where polname ilike '%latchkey%'
      union all select 'function', proname from pg_proc where prosrc ~ '\\mlatchkey\\.' or proname = 'session_active'
      union all select 'setting', array_to_string(setconfig, ',') from pg_db_role_setting
        where array_to_string(setconfig, ',') like '%latchkey%'`;
    assertEquals([...left], []);
    // Twice is the same as once.
    await sql.unsafe(script);
  });
});

const DEPENDANTS: Record<string, [sql: string, name: RegExp]> = {
  "a view": [
    "create view public.remove_view as select session_id from latchkey.sessions",
    /^- .*view remove_view|^- .*view public\.remove_view/m,
  ],
  "a foreign key": [
    "create table public.remove_key (session_id uuid references latchkey.refresh_tokens)",
    /^- constraint .* on table public\.remove_key$/m,
  ],
  "a function whose body PostgreSQL does not read": [
    `create function public.remove_function() returns boolean language plpgsql as $$
      begin return latchkey.session_active(); end $$`,
    /^- function public\.remove_function\(\), whose body names latchkey$/m,
  ],
  "a policy on the list of sessions": [
    `create table public.remove_table (id uuid);
     create policy "Listed" on public.remove_table
       using (latchkey.session_active() and id in (select session_id from latchkey.sessions))`,
    /^- policy Listed on table public\.remove_table$/m,
  ],
  "a default": [
    "create table public.remove_default (active boolean default latchkey.session_active())",
    /^- default value for column active of table public\.remove_default$/m,
  ],
  "a trigger": [
    `create table public.remove_trigger (id uuid);
     create trigger owned before insert on public.remove_trigger
       for each row execute function latchkey.session_revoked()`,
    /^- trigger owned on table public\.remove_trigger$/m,
  ],
};

for (const [what, [sql, name]] of Object.entries(DEPENDANTS)) {
  Deno.test(`remove: stops at ${what}: it names it and changes nothing`, async () => {
    await rolledBack(stack.dbUrl, async (transaction) => {
      await transaction.unsafe(NOTES);
      await transaction.unsafe(sql);
      const before = await transaction.unsafe(POLICIES);
      const error = await assertRejects(
        () => savepoint(transaction, () => transaction.unsafe(script)),
        Error,
        "Nothing was changed",
      );
      assertMatch(error.message, name);
      assertEquals(
        [...await transaction.unsafe(POLICIES)],
        [...before],
      );
    });
  });
}

Deno.test("remove: stops where the name of its function is taken", async () => {
  await rolledBack(stack.dbUrl, async (sql) => {
    await sql.unsafe(NOTES);
    await sql.unsafe(
      "create function public.session_active() returns boolean language sql return true",
    );
    await assertRejects(
      () => savepoint(sql, () => sql.unsafe(script)),
      Error,
      "public.session_active() exists already",
    );
  });
});
