import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { fetchCli } from "../stack/migrate.ts";
import { connect, type Sql } from "../stack/sql.ts";
import { startStack } from "../stack/stack.ts";
import { readLock } from "./lock_file.ts";
import {
  assertSameFiles,
  comparable,
  emptyProject,
  killAtEach,
  latchkey,
  ownProject,
  run,
  snapshot,
  writeFiles,
} from "./testing.ts";

const PROFILE = "supabase/functions/profile/index.ts";

/** A project of its own with Latchkey installed, and its files before that. */
async function installed(
  use: (project: string, before: Record<string, string>) => Promise<void>,
) {
  await ownProject(async (project) => {
    const before = await snapshot(project);
    const { code } = await latchkey(project, "init", "--prefix", "latchkey-");
    assertEquals(code, 0);
    await use(project, before);
  });
}

/** What stays of Latchkey, or is new, after a removal. */
async function leftovers(
  project: string,
  before: Record<string, string>,
): Promise<string[]> {
  const after = await snapshot(project);
  return Object.keys({ ...before, ...after })
    .filter((path) => before[path] !== after[path])
    .map((path) => path.replace(/\d{14}/, "N")).sort();
}

const EXPECTED_LEFTOVERS = [
  // git still has to ignore the signing key.
  "supabase/.gitignore",
  // A comma after the last schema.
  "supabase/config.toml",
  "supabase/migrations/N_latchkey.sql",
  "supabase/migrations/N_remove_latchkey.sql",
  "supabase/signing_keys.json",
];

Deno.test("remove: takes everything out but the history and the signing key", async () => {
  await installed(async (project, before) => {
    const { code, stdout, stderr } = await latchkey(project, "remove", "--yes");
    assertEquals([code, stderr], [0, ""]);
    assertMatch(
      stdout,
      /strict to false.*supabase\.auth again.*functions delete <name>, .*latchkey-login.*secrets unset.*exposed schemas.*db push/s,
    );
    assertMatch(
      stdout,
      /supabase\/signing_keys\.json stays, .* supabase\/\.gitignore stays,/,
    );
    assertEquals(await leftovers(project, before), EXPECTED_LEFTOVERS);
    assertEquals(
      await Deno.readTextFile(join(project, "supabase/config.toml")),
      before["supabase/config.toml"]!.replace(
        '"graphql_public" # for the app',
        '"graphql_public", # for the app',
      ),
    );
    const again = await latchkey(project, "remove", "--yes");
    assertEquals(again.code, 0);
    assertMatch(again.stdout, /not installed/);
  });
});

Deno.test("remove: config.toml of an empty project is as before", async () => {
  await emptyProject(async (project) => {
    const before = await snapshot(project);
    await latchkey(project, "init");
    await latchkey(project, "remove", "--yes");
    const after = await snapshot(project);
    assertEquals(after["supabase/config.toml"], before["supabase/config.toml"]);
    assertEquals(after["supabase/functions/.env"], undefined);
  });
});

Deno.test("remove: asks first, and --dry-run writes nothing", async () => {
  await installed(async (project) => {
    const before = await snapshot(project);
    const unsure = await latchkey(project, "remove");
    assertEquals(unsure.code, 1);
    assertMatch(unsure.stderr, /Pass --yes.*Nothing was changed/);
    const dry = await latchkey(project, "remove", "--dry-run");
    assertEquals(dry.code, 0);
    assertMatch(
      dry.stdout,
      /- supabase\/functions\/latchkey-login\/ \(3 files\)/,
    );
    const json = await latchkey(project, "remove", "--dry-run", "--json");
    assert(JSON.parse(json.stdout).changes.length > 20);
    assertSameFiles(await snapshot(project), before);
  });
});

Deno.test("remove: refuses to lose an owner's changes", async () => {
  await installed(async (project, original) => {
    const path = "supabase/functions/latchkey-profile/index.ts";
    await writeFiles(project, { [path]: "// Mine.\n" });
    const before = await snapshot(project);
    const { code, stderr } = await latchkey(project, "remove", "--yes");
    assertEquals(code, 1);
    assertMatch(
      stderr,
      /You changed .*--discard-changes.*\n.*latchkey-profile\/index/,
    );
    assertSameFiles(await snapshot(project), before);
    const discard = await latchkey(
      project,
      "remove",
      "--yes",
      "--discard-changes",
    );
    assertEquals(discard.code, 0);
    assertEquals(await leftovers(project, original), EXPECTED_LEFTOVERS);
  });
});

Deno.test("remove: refuses while the owner's functions import Latchkey's code", async () => {
  await installed(async (project) => {
    await writeFiles(project, {
      [PROFILE]:
        'import { requireSession } from "../_latchkey/require_session.ts";\n',
    });
    const before = await snapshot(project);
    const { code, stderr } = await latchkey(project, "remove", "--yes");
    assertEquals(code, 1);
    assertMatch(
      stderr,
      /import Latchkey's code.*\n.*functions\/profile\/index/,
    );
    assertSameFiles(await snapshot(project), before);
  });
});

Deno.test("remove: lists where the owner's SQL names Latchkey", async () => {
  await installed(async (project) => {
    await writeFiles(project, {
      "supabase/seed.sql": "select 1;\nselect latchkey.session_active();\n",
    });
    const { stdout } = await latchkey(project, "remove", "--dry-run");
    assertMatch(
      stdout,
      /supabase\/seed\.sql:2: select latchkey\.session_active/,
    );
  });
});

Deno.test("remove: killed at any operation, the next run completes it", async () => {
  let expected = {};
  // With this one, the number of a new migration does not depend on the time.
  const later = { "supabase/migrations/20991231000000_later.sql": "" };
  await installed(async (project) => {
    await writeFiles(project, later);
    await latchkey(project, "remove", "--yes");
    expected = await comparable(project);
  });
  const operations = await killAtEach(
    (use) =>
      installed(async (project) => {
        await writeFiles(project, later);
        await use(project);
      }),
    ["remove", "--yes"],
    async (project, message) => {
      const { code, stderr } = await latchkey(project, "remove", "--yes");
      assertEquals([code, stderr], [0, ""], message);
      assertSameFiles(await comparable(project), expected, message);
    },
  );
  assert(operations > 30, `only ${operations} operations`);
});

Deno.test("remove: refuses a database that it cannot reach", async () => {
  await installed(async (project) => {
    const before = await snapshot(project);
    const { code, stderr } = await latchkey(
      project,
      "remove",
      "--yes",
      "--db-url",
      "postgres://postgres:hunter2@127.0.0.1:1/postgres",
    );
    assertEquals(code, 1);
    assertMatch(
      stderr,
      /^Cannot reach the database of --db-url or DB_URL \(ECONNREFUSED\)/,
    );
    assertEquals(stderr.includes("hunter2"), false);
    assertSameFiles(await snapshot(project), before);
  });
});

// On a database ---------------------------------------------------------------

/** Applies the project's migrations as `supabase db push` does. */
async function push(project: string, dbUrl: string) {
  const { code, stdout, stderr } = await run(await fetchCli(), {
    args: ["db", "push", "--yes", "--db-url", dbUrl, "--workdir", project],
    cwd: project,
    env: { SUPABASE_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" },
  });
  assertEquals(code, 0, stdout + stderr);
}

/** Everything in the catalogue that a migration can make, in words. */
async function catalogue(sql: Sql): Promise<string[]> {
  const rows = await sql<{ line: string }[]>`
    select 'schema ' || nspname || ' ' || coalesce(nspacl::text, '') as line
    from pg_namespace where nspname !~ '^pg_(toast_)?temp'
    union all
    select 'role ' || rolname || ' ' || coalesce(array_to_string((
      select setconfig from pg_db_role_setting where setrole = r.oid and setdatabase = 0
    ), ' '), '') from pg_roles r
    union all
    select 'relation ' || c.relkind::text || ' ' || n.nspname || '.' || c.relname || ' ' || coalesce(c.relacl::text, '')
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'supabase_migrations')
    union all
    select 'function ' || p.oid::regprocedure || ' ' || md5(pg_get_functiondef(p.oid)) || coalesce(p.proacl::text, '')
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname not in ('pg_catalog', 'information_schema') and p.prokind in ('f', 'p')
    union all
    select 'trigger ' || tgrelid::regclass || ' ' || tgname from pg_trigger where not tgisinternal
    union all
    select 'type ' || t.oid::regtype from pg_type t join pg_namespace n on n.oid = t.typnamespace
    where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    union all
    select 'policy ' || schemaname || '.' || tablename || ' ' || policyname || ' ' || coalesce(qual, '') || ' ' || coalesce(with_check, '')
    from pg_policies
    union all
    select 'constraint ' || conrelid::regclass || ' ' || conname from pg_constraint where conrelid <> 0
    union all
    select 'default ' || defaclrole::regrole || ' ' || coalesce(defaclnamespace::regnamespace::text, '') || ' ' || defaclacl::text from pg_default_acl`;
  return rows.map(({ line }) => line)
    // Realtime makes its partitions day by day.
    .filter((line) => !line.includes("realtime.messages_")).sort();
}

Deno.test("remove: db push gives back the database as it was, with its users", async () => {
  await emptyProject(async (project) => {
    const data = await Deno.makeTempDir({ prefix: "latchkey_cli_" });
    await Deno.chmod(data, 0o755);
    await writeFiles(project, {
      "supabase/migrations/20240101000000_notes.sql":
        `create table public.notes (id int primary key, user_id uuid default auth.uid());
alter table public.notes enable row level security;
create policy "own notes" on public.notes for all to authenticated
  using (user_id = (select auth.uid()));
`,
    });
    const stack = await startStack({
      port: 0,
      dbPort: 0,
      data: join(data, "stack"),
      projectRoot: project,
      onLog: () => {},
    });
    const sql = connect(stack.superuserUrl, { max: 1 });
    try {
      const signUp = await fetch(`${stack.apiUrl}/auth/v1/signup`, {
        method: "POST",
        headers: {
          apikey: stack.publishableKey,
          "content-type": "application/json",
        },
        body: JSON.stringify({
          email: "ada@example.com",
          password: "correct horse battery",
        }),
      });
      assertEquals(signUp.status, 200, await signUp.text());
      const before = await catalogue(sql);

      const init = await latchkey(project, "init");
      assertEquals([init.code, init.stderr], [0, ""], "init");
      await push(project, stack.dbUrl);
      const [{ n }] = await sql<[{ n: number }]>`
        select count(*)::int as n from pg_class
        where relnamespace = 'latchkey'::regnamespace`;
      assert(n > 0);

      const tried = await latchkey(
        project,
        ...["remove", "--dry-run", "--db-url", stack.dbUrl],
      );
      assertMatch(
        tried.stdout,
        /Tried .* database of --db-url and rolled it back\. It rewrites none/,
      );

      // The owner guards a table, and makes a view that the removal cannot keep.
      await sql.unsafe(`
        alter policy "own notes" on public.notes using (
          user_id = (select auth.uid()) and (select latchkey.session_active())
        );
        create view public.devices as select device_name from latchkey.sessions;
      `);
      const files = await snapshot(project);
      const blocked = await latchkey(
        project,
        "remove",
        "--yes",
        "--db-url",
        stack.dbUrl,
      );
      assertEquals(blocked.code, 1, blocked.stdout);
      assertMatch(
        blocked.stderr,
        /use Latchkey\. Change or drop them.*\n.*devices/,
      );
      assertSameFiles(await snapshot(project), files);
      await sql.unsafe("drop view public.devices");

      const removal = await latchkey(
        project,
        "remove",
        "--yes",
        "--db-url",
        stack.dbUrl,
      );
      assertEquals([removal.code, removal.stderr], [0, ""], "remove");
      assertMatch(
        removal.stdout,
        /rewrites your policy "own notes" on public\.notes/,
      );
      assertEquals(readLock(project), null);
      // Trying it has changed nothing.
      assertEquals(
        (await sql`select to_regnamespace('latchkey') as s`)[0]!.s,
        "latchkey",
      );

      await push(project, stack.dbUrl);
      const after = await catalogue(sql);
      // The policy calls a function of the project instead.
      const isPolicy = (line: string) => line.startsWith("policy public.notes");
      const isNew = (line: string) =>
        line.startsWith("function session_active()");
      assertEquals(
        after.filter((line) => !isPolicy(line) && !isNew(line)),
        before.filter((line) => !isPolicy(line)),
        "catalogue",
      );
      assertEquals(after.filter(isNew).length, 1);
      assertMatch(
        after.filter(isPolicy).join(),
        /user_id = .*auth\.uid\(\).* AND .*(?<!latchkey\.)session_active\(\)/,
      );
      const [{ may }] = await sql<[{ may: boolean }]>`
        select has_function_privilege('authenticated', 'public.session_active()', 'execute') as may`;
      assertEquals(may, true);
      const [user] = await sql`select email from auth.users`;
      assertEquals(user!.email, "ada@example.com");
      // The project's own migrations still apply, to this database and others.
      await push(project, stack.dbUrl);
    } finally {
      await sql.end();
      await stack.stop();
      await Deno.remove(data, { recursive: true });
    }
  });
});
