/** The ground is a hosted project's, and the platform's own tools agree. */
import { assertEquals } from "@std/assert";
import { fetchCli } from "../../stack/migrate.ts";
import { generateTypes, typesFile } from "../../scripts/types.ts";
import { stack, withDatabase } from "../harness.ts";

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
    const files = [
      ...Deno.readDirSync(
        new URL("../../supabase/migrations", import.meta.url),
      ),
    ]
      .map(({ name }) => name.split("_")[0]!).sort();
    assertEquals(pushed.map(({ version }) => version), files);
  });
});

Deno.test("the platform's linter has nothing to say about our objects", async () => {
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
