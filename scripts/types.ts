/**
 * Writes the TypeScript types of schema `latchkey`, as `supabase gen types`
 * generates them from a migrated database.
 *
 * @module
 */
import { fetchCli } from "../stack/migrate.ts";
import { startStack } from "../stack/stack.ts";

/** The file that the functions import. */
export const typesFile = new URL(
  "../supabase/functions/_latchkey/database.types.ts",
  import.meta.url,
);

/** The partitions of months, which depend on the day and are not used by name. */
const MONTHS =
  /^( +)"?session_events_\d{4}_\d{2}"?: \{\n(?:(?!\1\}).*\n)*\1\}[;,]?\n/gm;

/** Generates the types from a migrated database, formatted like the other files. */
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

/** Returns what a program prints, or throws its error output. */
async function output(
  command: string,
  args: string[],
  input = "",
): Promise<string> {
  const process = new Deno.Command(command, {
    args,
    // The embedded database has no certificate, and the CLI would print a
    // warning into the types.
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
  // As root, the database runs as another user, who must enter this folder.
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
