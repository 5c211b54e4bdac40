/**
 * Reads variables. A missing or malformed one stops the function at its start,
 * and the error names it: a half configured function must not answer requests.
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

/** Looks it up in the environment of the process. */
export const fromProcess: Get = (name) => process.env[name];

/** The value of a variable that has to be set. */
export function required(name: string, get: Get): string {
  return needed(get(name) || undefined, name);
}

/** A value that has to be there. */
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
    // The parser's message quotes the value, which is a secret.
    throw new ConfigurationError(name, "is not JSON");
  }
}
