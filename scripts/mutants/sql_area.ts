/**
 * The database: mutants of its declarations, and the pgTAP files as tests. Each
 * mutant gets a new database server, a copy of one that has Supabase's own
 * schemas, so that no mutant can leave anything to the next.
 *
 * @module
 */
import { existsSync, globSync } from "node:fs";
import { fromFileUrl, join, relative } from "@std/path";
import { openDataFolder } from "../../stack/data_folder.ts";
import {
  choosePort,
  type Database,
  type DatabaseOptions,
  startPostgres,
} from "../../stack/postgres.ts";
import { installServer } from "../../stack/postgres_files.ts";
import { connect } from "../../stack/sql.ts";
import { startStack } from "../../stack/stack.ts";
import { migrationFiles, schemaFiles } from "../migration.ts";
import {
  type Area,
  type AreaOptions,
  type Mutant,
  mutate,
  runTests,
} from "./mutant.ts";
import { sqlEdits } from "./sql_operators.ts";

const repository = fromFileUrl(new URL("../..", import.meta.url));

const LONGEST_MILLISECONDS = 300_000;

/** Prepares the database's area. */
export async function openSqlArea(
  { root, signal, progress }: AreaOptions,
): Promise<Area> {
  await using cleanup = new AsyncDisposableStack();
  const work = await Deno.makeTempDir({ prefix: "latchkey_mutants_" });
  cleanup.defer(() => Deno.remove(work, { recursive: true }));
  // The database server may run as another user, who must reach its folder.
  await Deno.chmod(work, 0o711);

  const supabase = join(root, "supabase");
  // Before there was supabase/schemas, the migrations were the source.
  const paths = existsSync(join(supabase, "schemas"))
    ? await schemaFiles(supabase)
    : migrationFiles(supabase);
  const sources = paths.map((path) => ({
    file: relative(root, path),
    text: Deno.readTextFileSync(path),
  }));
  // Without the helpers in supabase/tests itself, which the runner runs first.
  const tests = globSync(join(supabase, "tests/*/**/*.test.sql")).sort()
    .map((path) => ({
      file: relative(root, path),
      text: Deno.readTextFileSync(path),
    }));

  progress("sql: preparing a database without Latchkey");
  const template = await createTemplate(work, signal);
  const original = await onCopy(template, async (database) => {
    await apply(database, sources.map(({ text }) => text));
    return await describe(database);
  });

  const cleaning = cleanup.move();
  return {
    mutants: sources.flatMap(({ file, text }) =>
      sqlEdits(text).map((edit) => ({ ...edit, file, text }))
    ),
    async test(mutant) {
      const texts = sources.map(({ file, text }) =>
        file === mutant?.file ? mutate(mutant) : text
      );
      return await onCopy(template, async (database) => {
        try {
          await apply(database, texts);
        } catch {
          return { outcome: "invalid" };
        }
        if (mutant && await describe(database) === original) {
          return { outcome: "invalid" };
        }
        return await runTests({
          folder: root,
          files: ["tests/stack/pgtap_test.ts"],
          env: {
            LATCHKEY_TEST_DB_URL: database.urlFor("postgres", "postgres"),
            LATCHKEY_TEST_PGTAP: JSON.stringify(
              mutant ? relatedFirst(tests, mutant) : [],
            ),
          },
          milliseconds: LONGEST_MILLISECONDS,
          signal,
        });
      });
    },
    [Symbol.asyncDispose]: () => cleaning.disposeAsync(),
  };
}

/** A stopped server's files. */
type Template = Omit<DatabaseOptions, "port">;

/** Starts a stack for an empty project, which prepares the database. */
async function createTemplate(
  work: string,
  signal: AbortSignal,
): Promise<Template> {
  const project = join(work, "project");
  await Deno.mkdir(join(project, "supabase"), { recursive: true });
  await Deno.writeTextFile(join(project, "supabase", "config.toml"), "");
  const data = join(work, "template");
  const stack = await startStack({
    port: 0,
    dbPort: 0,
    data,
    projectRoot: project,
    signal,
    // The tests send messages, which needs partitions.
    realtime: { awake: true },
  });
  const superuserPassword = decodeURIComponent(
    new URL(stack.superuserUrl).password,
  );
  await stack.stop();
  // The data is thrown away, so it need not survive a power cut.
  await Deno.writeTextFile(
    join(data, "postgres", "postgresql.auto.conf"),
    "fsync = off\nfull_page_writes = off\nsynchronous_commit = off\n",
    { append: true },
  );
  const folder = await openDataFolder(repository, data);
  await folder.release();
  const files = await installServer(folder.serverRoot, () => {});
  return { files, folder: data, superuserPassword };
}

/** Runs a copy of the server for as long as `use` takes. */
async function onCopy<T>(
  template: Template,
  use: (database: Database) => Promise<T>,
): Promise<T> {
  const folder = `${template.folder}-copy`;
  await Deno.mkdir(folder);
  try {
    await copy(join(template.folder, "postgres"), join(folder, "postgres"));
    const port = choosePort(0);
    const database = await startPostgres({ ...template, folder, port });
    try {
      return await use(database);
    } finally {
      await database.kill();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Copies a folder with owners and permissions. */
async function copy(from: string, to: string) {
  const { success, stderr } = await new Deno.Command("cp", {
    args: ["-a", from, to],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Applies SQL as the role that applies migrations, one text after the other. */
async function apply(database: Database, texts: string[]) {
  const sql = connect(database.urlFor("postgres", "postgres"), { max: 1 });
  try {
    for (const text of texts) await sql.unsafe(text);
  } finally {
    await sql.end();
  }
}

/**
 * Everything that the SQL can define, as text. A mutant that leaves it the same
 * has no effect.
 */
async function describe(database: Database): Promise<string> {
  const sql = connect(database.superuserUrl, { max: 1 });
  try {
    const rows = await sql.unsafe<{ line: string }[]>(DESCRIPTION);
    return rows.map(({ line }) => line).sort().join("\n");
  } finally {
    await sql.end();
  }
}

const DESCRIPTION = `
  with ours as (
    select oid from pg_namespace where nspname = 'latchkey'
  )
  select concat_ws(' ', 'schema', nspname, nspacl) as line from pg_namespace
  union all
  select concat_ws(' ', pg_get_functiondef(p.oid), proacl, proowner)
  from pg_proc p join ours on pronamespace = ours.oid
  union all
  select concat_ws(' ', 'relation', relname, relkind, relacl, relowner,
    reloptions, relrowsecurity, relforcerowsecurity)
  from pg_class join ours on relnamespace = ours.oid
  union all
  select concat_ws(' ', 'column', attrelid::regclass, attnum, attname,
    format_type(atttypid, atttypmod), attnotnull, attacl,
    pg_get_expr(adbin, adrelid))
  from pg_attribute a
  join pg_class c on c.oid = attrelid join ours on relnamespace = ours.oid
  left join pg_attrdef on adrelid = attrelid and adnum = attnum
  where attnum > 0
  union all
  select concat_ws(' ', 'constraint', conrelid::regclass, conname,
    pg_get_constraintdef(c.oid))
  from pg_constraint c join ours on connamespace = ours.oid
  union all
  select indexdef from pg_indexes where schemaname = 'latchkey'
  union all
  select concat_ws(' ', pg_get_triggerdef(oid), tgenabled) from pg_trigger
  where not tgisinternal
  union all
  select pg_policies::text from pg_policies
  union all
  select concat_ws(' ', viewname, definition) from pg_views
  where schemaname = 'latchkey'
  union all
  select concat_ws(' ', 'type', typname, typacl) from pg_type
  join ours on typnamespace = ours.oid
  union all
  select concat_ws(' ', 'label', enumtypid::regtype, enumsortorder, enumlabel)
  from pg_enum
  union all
  select concat_ws(' ', 'default', defaclrole::regrole, defaclobjtype,
    defaclacl)
  from pg_default_acl
  union all
  select concat_ws(' ', 'role', rolname, rolsuper, rolinherit, rolcanlogin,
    rolbypassrls, rolconfig)
  from pg_roles
  union all
  select concat_ws(' ', 'member', roleid::regrole, member::regrole,
    inherit_option, set_option)
  from pg_auth_members
  union all
  select concat_ws(' ', 'setting', s.*::text) from latchkey.settings s`;

/** The tests in the order in which they are likely to fail. */
function relatedFirst(
  tests: { file: string; text: string }[],
  { file, text, start }: Mutant,
): string[] {
  const name = text.slice(0, start)
    .matchAll(/^create[\w ]* latchkey\.(\w+)/gm).toArray().at(-1)?.[1] ??
    file.match(/(\w+)\.sql$/)![1]!;
  const distance = (test: { file: string; text: string }) =>
    test.file.includes(`/${name}/`) ? 0 : test.text.includes(name) ? 1 : 2;
  return tests.toSorted((a, b) => distance(a) - distance(b))
    .map(({ file }) => file);
}
