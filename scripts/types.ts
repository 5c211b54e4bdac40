/**
 * Writes the TypeScript types of schema `latchkey`, as `supabase gen types`
 * makes them from a database that has the migrations.
 *
 * @module
 */
import { fetchCli } from "../stack/migrate.ts";
import { startStack } from "../stack/stack.ts";

/** Where the functions import them from. */
export const typesFile = new URL(
  "../supabase/functions/_latchkey/database.types.ts",
  import.meta.url,
);

/** Which months have a partition depends on the day; nobody reads them by name. */
const MONTHS =
  /^( +)"?session_events_\d{4}_\d{2}"?: \{\n(?:(?!\1\}).*\n)*\1\}[;,]?\n/gm;

/** The types of a migrated database, formatted like the rest of the tree. */
export async function generateTypes(dbUrl: string): Promise<string> {
  const types = await output(await fetchCli(), [
    "gen",
    "types",
    "typescript",
    "--remote",
    dbUrl,
    "--schema",
    "latchkey",
  ]);
  const formatted = await output(
    Deno.execPath(),
    ["fmt", "--ext", "ts", "-"],
    types,
  );
  return formatted.replace(MONTHS, "");
}

/** What a program prints, or its complaint as an error. */
async function output(
  command: string,
  args: string[],
  input = "",
): Promise<string> {
  const process = new Deno.Command(command, {
    args,
    // The embedded database has no certificate; the CLI would say so in the
    // middle of the types.
    env: { PGSSLMODE: "disable", SUPABASE_TELEMETRY_DISABLED: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { success, stdout, stderr } = await process.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) {
  const work = await Deno.makeTempDir({ prefix: "latchkey_types_" });
  // As root, the database runs as another user, who passes through here.
  await Deno.chmod(work, 0o711);
  const stack = await startStack({ port: 0, dbPort: 0, data: `${work}/data` });
  try {
    await Deno.writeTextFile(typesFile, await generateTypes(stack.dbUrl));
  } finally {
    await stack.stop();
    await Deno.remove(work, { recursive: true });
  }
  Deno.exit(0);
}
