import { join } from "@std/path";
import type { Sql } from "./sql.ts";
import { exists } from "./files.ts";
import { download } from "./requirements.ts";

/**
 * The version of the Supabase CLI that applies the migrations, as on a hosted
 * project.
 */
export const cliVersion = "3.1.0";

/**
 * Downloads the Supabase CLI, once, and returns its path. This is the program
 * itself, from its package for this platform. The package `supabase` only finds
 * and runs it, and requires the packages of all platforms.
 */
export async function fetchCli(): Promise<string> {
  const os = Deno.build.os === "darwin" ? "darwin" : "linux";
  const arch = Deno.build.arch === "aarch64" ? "arm64" : "x64";
  const manifest = `npm:@supabase/cli-${os}-${arch}@${cliVersion}/package.json`;
  // The import makes Deno fetch the package.
  await download(
    "The Supabase CLI",
    () => import(manifest, { with: { type: "json" } }),
  );
  return new URL("bin/supabase", import.meta.resolve(manifest)).pathname;
}

/**
 * Applies the project's migrations with `supabase db push`, as the role
 * postgres, unless the database already has exactly those migrations. A new
 * database also gets the project's roles and seed data.
 *
 * @param options.databaseUrl a connection string of the role postgres
 * @throws {Error} The CLI fails. The message is the CLI's own.
 */
export async function migrate(options: {
  /** Path of the CLI, from `fetchCli`. */
  cli: string;
  projectRoot: string;
  databaseUrl: string;
  /** Whether a new database gets the seed data. */
  seed: boolean;
  sql: Sql;
  onProgress: (message: string) => void;
  signal: AbortSignal;
}): Promise<void> {
  const wanted = await localVersions(options.projectRoot);
  const applied = await appliedVersions(options.sql);
  const isNew = applied === null;
  if (wanted.join() === applied?.join()) return;
  options.onProgress("Applying migrations with the Supabase CLI");
  const { success, stdout, stderr } = await new Deno.Command(
    options.cli,
    {
      args: [
        ...["db", "push", "--yes"],
        ...isNew ? ["--include-roles"] : [],
        ...isNew && options.seed ? ["--include-seed"] : [],
        // The CLI would refuse a migration that is older than one that it has
        // applied.
        ...["--include-all", "--skip-vault"],
        ...["--db-url", options.databaseUrl],
        ...["--workdir", options.projectRoot],
      ],
      cwd: options.projectRoot,
      env: { SUPABASE_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" },
      stdin: "null",
      signal: options.signal,
    },
  ).output();
  if (!success) {
    const decoder = new TextDecoder();
    const output = decoder.decode(stdout) + decoder.decode(stderr);
    throw new Error(
      "The migrations could not be applied. The Supabase CLI says:\n" +
        output + advice(output),
    );
  }
}

async function localVersions(projectRoot: string): Promise<string[]> {
  const folder = join(projectRoot, "supabase", "migrations");
  if (!await exists(folder)) return [];
  return (await Array.fromAsync(Deno.readDir(folder)))
    .map((entry) => entry.name.match(/^(\d+)_.*\.sql$/)?.[1])
    .filter((version) => version !== undefined)
    .sort();
}

/** Advice for failures that the local stack causes. */
function advice(output: string): string {
  const extension = output.match(/extension "([^"]+)" is not available/)?.[1];
  if (extension) {
    return `The local database has only PostgreSQL's own extensions and pgTAP, ` +
      `not ${extension}. Let the migration ask first: if exists (select from ` +
      `pg_available_extensions where name = '${extension}') then …`;
  }
  if (/storage\.(objects|buckets)/.test(output)) {
    return "The local stack has no Storage, so schema storage is empty. Let " +
      "the migration ask first: if to_regclass('storage.objects') is not null " +
      "then …";
  }
  return "";
}

/**
 * The versions of the migrations in the database; null if none was ever
 * applied.
 */
async function appliedVersions(sql: Sql): Promise<string[] | null> {
  const [{ present }] = await sql<[{ present: boolean }]>`
    select to_regclass('supabase_migrations.schema_migrations') is not null
      as present`;
  if (!present) return null;
  const rows = await sql<{ version: string }[]>`
    select version from supabase_migrations.schema_migrations order by version`;
  return rows.map((row) => row.version);
}
