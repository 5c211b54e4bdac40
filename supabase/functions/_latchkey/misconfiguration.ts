/**
 * Recognizes errors of the database that come from a mistake in the
 * installation. The log then says which setting is wrong and what to do,
 * instead of reporting a bug.
 *
 * @see https://docs.postgrest.org/en/stable/references/errors.html
 * @see https://www.postgresql.org/docs/17/errcodes-appendix.html
 * @module
 */

/** The error that the Data API or PostgreSQL reported. */
export interface DatabaseFailure {
  /** A SQLSTATE, or a code of PostgREST. */
  code: string | undefined;
  message: string;
  details?: string | null;
  /** The HTTP status of the Data API's answer; 0 if there was none. */
  status?: number;
  /** FATAL if PostgreSQL has ended the connection. */
  severity?: string;
}

/**
 * Says what the project's owner has to correct.
 *
 * @param name The SQL function that was called.
 * @returns A sentence for the log; `undefined` if the failure is not a mistake
 * in the installation.
 */
export function misconfiguration(
  name: string,
  { code, message, status, severity }: DatabaseFailure,
): string | undefined {
  switch (code) {
    case "PGRST106":
      return "The Data API does not expose schema latchkey. Add latchkey to [api] schemas in supabase/config.toml, or to the exposed schemas in the project's Data API settings.";
    case "PGRST202":
      return `The Data API finds no function latchkey.${name}. Apply Latchkey's migrations with supabase db push. If they are applied, run notify pgrst, 'reload schema'.`;
    case "3F000":
    case "42883":
      // If something that the function uses is missing, it is a bug of that
      // function.
      return message.includes(`latchkey.${name}(`) ||
          message === 'schema "latchkey" does not exist'
        ? `The database has no function latchkey.${name}. Apply Latchkey's migrations with supabase db push to the database of LATCHKEY_DB_URL.`
        : undefined;
    case "42501":
      return message.endsWith(" for schema latchkey") ||
          message.endsWith(` for function ${name}`)
        ? `The database role may not execute latchkey.${name}. Apply Latchkey's migrations, and use a key of SUPABASE_SECRET_KEYS or, in LATCHKEY_DB_URL, a role that is a member of latchkey_functions.`
        : undefined;
    case "28000":
    case "28P01":
      return severity === "FATAL"
        ? "The database refuses the user or the password in LATCHKEY_DB_URL."
        : undefined;
    case "3D000":
      return "The database that LATCHKEY_DB_URL names does not exist.";
    default:
      return status === 401
        ? "The Data API refuses the secret key. Set SUPABASE_SECRET_KEYS to a secret key of the project at SUPABASE_URL."
        : undefined;
  }
}
