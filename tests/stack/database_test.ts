/**
 * The migration is what the schema's files declare, and the platform's own tools
 * accept it.
 */
import { globSync } from "node:fs";
import { assert, assertEquals } from "@std/assert";
import { basename } from "@std/path";
import { fetchCli } from "../../stack/migrate.ts";
import {
  generateMigration,
  migrationFiles,
  schemaFiles,
} from "../../scripts/migration.ts";
import { generateTypes, typesFile } from "../../scripts/types.ts";
import { stack, withDatabase } from "../harness.ts";
import { catalogue, declaredCatalogue } from "./catalogue.ts";

const schemas = new URL("../../supabase/schemas", import.meta.url).pathname;

Deno.test("config.toml names every file of supabase/schemas", async () => {
  assertEquals(
    (await schemaFiles()).sort(),
    globSync(`${schemas}/**/*.sql`).sort(),
  );
});

Deno.test("the migration is generated from supabase/schemas: run `deno task migration`", async () => {
  const [file, ...others] = migrationFiles();
  assertEquals(others, []);
  assert(
    await Deno.readTextFile(file!) === await generateMigration(),
    `${file} and supabase/schemas differ`,
  );
});

Deno.test("migrations create exactly what supabase/schemas declares", async () => {
  await withDatabase(stack.dbUrl, async (sql) => {
    const migrated = await catalogue(sql);
    const declared = await declaredCatalogue(sql, await schemaFiles());
    const only = (some: string[], others: string[]) =>
      some.filter((line) => !others.includes(line));
    assertEquals(
      {
        migrated: only(migrated, declared),
        declared: only(declared, migrated),
      },
      { migrated: [], declared: [] },
    );
  });
});

Deno.test("the migrations were pushed by the Supabase CLI, as a role that is no superuser", async () => {
  await withDatabase(stack.superuserUrl, async (sql) => {
    const [role] = await sql`
      select rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = 'postgres'`;
    assertEquals({ ...role }, {
      rolsuper: false,
      rolbypassrls: true,
      rolcreaterole: true,
    });
    const owners = await sql`
      select distinct r.rolname from pg_proc p
      join pg_roles r on r.oid = p.proowner
      where p.pronamespace = 'latchkey'::regnamespace`;
    assertEquals(owners.map(({ rolname }) => rolname), ["postgres"]);
    const pushed = await sql`
      select version from supabase_migrations.schema_migrations order by version`;
    assertEquals(
      pushed.map(({ version }) => version),
      migrationFiles().map((file) => basename(file).split("_")[0]),
    );
  });
});

Deno.test("the platform's linter reports no problem in Latchkey's objects", async () => {
  const { stdout, stderr } = await new Deno.Command(await fetchCli(), {
    args: [
      "db",
      "advisors",
      "--remote",
      stack.dbUrl,
      "--output-format",
      "json",
    ],
    env: { PGSSLMODE: "disable", SUPABASE_TELEMETRY_DISABLED: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  if (!text.startsWith("{")) {
    throw new Error(text + new TextDecoder().decode(stderr));
  }
  const findings: { detail: string }[] = JSON.parse(text).results;
  // Tables that other tests made for themselves are theirs.
  const ours = findings.filter(({ detail }) => !detail.includes("public."));
  assertEquals(ours.map(({ detail }) => detail), []);
});

Deno.test("the committed types are those of the schema", async () => {
  assertEquals(
    await Deno.readTextFile(typesFile),
    await generateTypes(stack.dbUrl),
  );
});
