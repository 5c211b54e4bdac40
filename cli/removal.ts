/**
 * Tries the migration that removes Latchkey, so that the project's owner can
 * see beforehand what it will do.
 *
 * @module
 */
import { connect, type Queries } from "../stack/sql.ts";
import { CommandError } from "./errors.ts";

/**
 * Runs the migration in a transaction and rolls it back.
 *
 * @param databaseUrl A connection string of the role postgres.
 * @param sql The migration.
 * @returns The owner's policies that it rewrites.
 * @throws {CommandError} The database cannot be reached, or the migration would
 * stop. The message says at what.
 */
export async function tryRemoval(
  databaseUrl: string,
  sql: string,
): Promise<string[]> {
  const database = connect(databaseUrl, { max: 1 });
  let rewritten: string[] = [];
  try {
    await database.begin(async (transaction) => {
      // The migration locks Supabase Auth's tables, and sign-ins must not wait
      // long.
      await transaction.unsafe("set local lock_timeout = '2s'");
      const before = await policies(transaction);
      await transaction.unsafe(sql);
      const after = await policies(transaction);
      rewritten = [...before].filter(([name, definition]) =>
        after.has(name) && after.get(name) !== definition
      ).map(([name]) => name);
      throw new RollBack();
    });
  } catch (error) {
    if (!(error instanceof RollBack)) throw explained(error);
  } finally {
    await database.end();
  }
  return rewritten;
}

/** Ends the transaction. */
class RollBack extends Error {}

/** The definition of each policy, by its name and table. */
async function policies(sql: Queries): Promise<Map<string, string>> {
  const rows = await sql<{ name: string; definition: string }[]>`
    select format('"%s" on %s.%s', policyname, schemaname, tablename) as name,
      concat_ws(' ', qual, with_check) as definition
    from pg_policies`;
  return new Map(rows.map(({ name, definition }) => [name, definition]));
}

function explained(error: unknown): CommandError {
  const { code = "", message } = error as Error & { code?: string };
  if (code === "P0001") return new CommandError(message);
  if (code === "55P03") {
    return new CommandError(
      "The migration could not be tried, because the database's tables are " +
        "locked. Run the command again. Nothing was changed.",
    );
  }
  // A code of five characters is a SQLSTATE, so the database answered. The
  // messages of other errors may quote the connection string.
  return new CommandError(
    /^[0-9A-Z]{5}$/.test(code)
      ? `The migration would fail: ${message}. Nothing was changed.`
      : `Cannot reach the database of --db-url or DB_URL${
        code ? ` (${code})` : ""
      }. Check the URL and the network. Nothing was changed.`,
  );
}
