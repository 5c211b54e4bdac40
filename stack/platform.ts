import type { Sql } from "./sql.ts";
import type { Secrets } from "./data_folder.ts";

/**
 * Prepares an empty database to look like a hosted project's, once, and gives
 * its login roles this stack's passwords.
 *
 * @param sql a connection as the superuser
 */
export async function preparePlatform(
  sql: Sql,
  passwords: Secrets["passwords"],
): Promise<void> {
  const [{ prepared }] = await sql<[{ prepared: boolean }]>`
    select to_regnamespace('realtime') is not null as prepared`;
  if (!prepared) {
    await sql.begin(async (tx) => {
      await tx.unsafe(await readSql("platform.sql"));
      await tx.unsafe(await readSql("realtime.sql"));
    });
  }
  // The Supabase CLI's local password. It is safe because the server listens
  // only on the loopback address.
  await setPassword(sql, "postgres", "postgres");
  await setPassword(sql, "authenticator", passwords.authenticator);
  await setPassword(sql, "supabase_auth_admin", passwords.supabase_auth_admin);
}

/** The text of an SQL file in this folder. */
export function readSql(name: string): Promise<string> {
  return Deno.readTextFile(new URL(name, import.meta.url));
}

async function setPassword(sql: Sql, role: string, password: string) {
  // `alter role` takes no parameters, so the server quotes the text itself.
  const [{ statement }] = await sql<[{ statement: string }]>`
    select format('alter role %I password %L', ${role}::text, ${password}::text)
      as statement`;
  await sql.unsafe(statement);
}
