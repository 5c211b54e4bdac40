/**
 * Reads variables. A missing or malformed variable stops the function at its
 * start, because an incompletely configured function must not answer requests.
 * The error names the variable.
 *
 * @module
 */
import process from "node:process";

/** A variable that is missing or malformed. */
export class ConfigurationError extends Error {
  override name = "ConfigurationError";

  /**
   * @param variable Its name.
   * @param problem What is wrong with it. Never quotes its value.
   */
  constructor(readonly variable: string, readonly problem: string) {
    super(
      `${variable} ${problem}. Run "npx supabase-latchkey keys" to create Latchkey's secrets.`,
    );
  }
}

/** Looks up a variable. */
export type Get = (name: string) => string | undefined;

/** Looks up a variable in the environment of the process. */
export const fromProcess: Get = (name) => process.env[name];

/** The value of a required variable. */
export function required(name: string, get: Get): string {
  return needed(get(name) || undefined, name);
}

/** A required value. */
export function needed<T>(
  value: T | undefined,
  name: string,
  problem = "is not set",
): T {
  if (value === undefined) throw new ConfigurationError(name, problem);
  return value;
}

/** A value parsed as JSON. */
export function json(name: string, value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    // Not the parser's message, because it quotes the value, which is a secret.
    throw new ConfigurationError(name, "is not JSON");
  }
}
