/**
 * Writes `supabase/migrations/<version>_latchkey.sql` from the files in
 * `supabase/schemas/`, in the order of config.toml's
 * `[db.migrations] schema_paths`.
 *
 * @module
 */
import { globSync } from "node:fs";
import { basename, join } from "@std/path";
import { parse } from "@std/toml";

const supabase = new URL("../supabase/", import.meta.url).pathname;
const migrations = join(supabase, "migrations");

/** The schema's files in the order in which they are applied, each once. */
export async function schemaFiles(folder = supabase): Promise<string[]> {
  const { db } = parse(
    await Deno.readTextFile(join(folder, "config.toml")),
  ) as { db: { migrations: { schema_paths: string[] } } };
  return [
    ...new Set(
      db.migrations.schema_paths.flatMap((pattern) =>
        globSync(join(folder, pattern)).sort()
      ),
    ),
  ];
}

/** The migration that creates what the schema's files declare. */
export async function generateMigration(): Promise<string> {
  const parts = await Promise.all((await schemaFiles()).map(async (file) => {
    const path = file.slice(supabase.length);
    return `-- ${path}\n\n${(await Deno.readTextFile(file)).trim()}\n`;
  }));
  return [
    "-- Generated from supabase/schemas/ by `deno task migration`: change the files\n-- there, then run the task.\n",
    ...parts,
  ].join("\n");
}

/** The paths of the migrations, the oldest first. */
export function migrationFiles(folder = supabase): string[] {
  return globSync(join(folder, "migrations", "*.sql")).sort();
}

if (import.meta.main) {
  const [file, ...others] = migrationFiles();
  if (others.length > 0) {
    console.error(
      `There is a migration after ${
        basename(file!)
      }: released migrations do not change. See CONTRIBUTING.md, "Releasing".`,
    );
    Deno.exit(1);
  }
  const version = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
  await Deno.writeTextFile(
    file ?? join(migrations, `${version}_latchkey.sql`),
    await generateMigration(),
  );
}
