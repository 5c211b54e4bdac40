/**
 * The file with the variables of a project's functions.
 *
 * @module
 */
import { parseEnv } from "node:util";
import { CommandError } from "./errors.ts";
import { readIfExists } from "./files.ts";

/** The file in which a project keeps the variables of its functions. */
export const ENV_FILE = "supabase/functions/.env";

/** The variables of a `.env` file; none if there is no file. */
export function readEnvFile(
  path: string,
): Record<string, string | undefined> {
  return parseEnv(readIfExists(path) ?? "");
}

/**
 * Sets some variables in the text of a `.env` file. The rest of the text,
 * including comments, stays unchanged.
 *
 * Values are in single quotes, because every parser of such files reads them
 * literally.
 *
 * @param text The file's text; empty if there is no file.
 * @param variables Values by name; undefined removes a variable.
 * @throws {CommandError} A value cannot be written in single quotes.
 */
export function setInEnvFile(
  text: string,
  variables: Record<string, string | undefined>,
): string {
  const lines = text === "" ? [] : text.replace(/\n$/, "").split("\n");
  for (const [name, value] of Object.entries(variables)) {
    if (value !== undefined && /['\n]/.test(value)) {
      throw new CommandError(
        `The value of ${name} has a quote or a line break in it.`,
      );
    }
    const at = lines.findIndex((line) =>
      line.replace(/^\s*(?:export\s+)?/, "").startsWith(`${name}=`)
    );
    const line = `${name}='${value}'`;
    if (value === undefined) { if (at >= 0) lines.splice(at, 1); }
    else if (at < 0) lines.push(line);
    else lines[at] = line;
  }
  return lines.length === 0 ? "" : lines.join("\n") + "\n";
}
