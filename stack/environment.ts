import { parseEnv } from "node:util";
import { join } from "@std/path";
import { readIfExists } from "./files.ts";
import type { Secrets } from "./data_folder.ts";
import type { Keys } from "./keys.ts";

// The password with which an external Supabase Auth opens the database. The
// functions do not get it.
const authPasswordVariable = "LATCHKEY_AUTH_ADMIN_PASSWORD";

/**
 * The variables in supabase/functions/.env.
 *
 * @param onNote Called with the names that the platform would refuse.
 */
export async function readFunctionsEnv(
  projectRoot: string,
  onNote: (message: string) => void,
): Promise<Record<string, string>> {
  const path = join(projectRoot, "supabase", "functions", ".env");
  const variables = parseEnv(await readIfExists(path) ?? "");
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => {
      if (value === undefined) return [];
      if (!name.startsWith("SUPABASE_")) return [[name, value]];
      onNote(
        `${name} in supabase/functions/.env has no effect: the platform sets ` +
          "the variables whose names begin with SUPABASE_.",
      );
      return [];
    }),
  );
}

/** The caller's settings for Latchkey's functions. */
export function latchkeyVariables(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(Deno.env.toObject()).filter(([name]) =>
      name.startsWith("LATCHKEY_") && name !== authPasswordVariable
    ),
  );
}

/**
 * The data folder's keys, unless the environment contains others.
 *
 * @throws {Error} naming the variable that is malformed
 */
export function chooseKeys(stored: Keys, env: Record<string, string>): Keys {
  return {
    ...stored,
    signingKey: env.LATCHKEY_SIGNING_KEY
      ? parseSigningKey(env.LATCHKEY_SIGNING_KEY)
      : stored.signingKey,
    refreshTokenKeys: env.LATCHKEY_REFRESH_TOKEN_KEYS ??
      stored.refreshTokenKeys,
  };
}

/**
 * The data folder's passwords, unless the environment contains one for Auth.
 */
export function choosePasswords(
  stored: Secrets["passwords"],
): Secrets["passwords"] {
  const chosen = Deno.env.get(authPasswordVariable);
  return chosen ? { ...stored, supabase_auth_admin: chosen } : stored;
}

/** A text that says where the password of Auth's role is. */
export function authPasswordSource(dataFolder: string): string {
  return Deno.env.has(authPasswordVariable)
    ? `in ${authPasswordVariable}`
    : `in ${dataFolder}/keys.json, unless you set ${authPasswordVariable}`;
}

function parseSigningKey(text: string): Keys["signingKey"] {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("LATCHKEY_SIGNING_KEY must be a JWK, written as JSON.");
  }
}
