import { parseEnv } from "node:util";
import { exists, readIfExists } from "./local/files.ts";

/** The variables of a `.env` file; none where there is no file. */
export async function readEnvFile(
  path: string,
): Promise<Record<string, string | undefined>> {
  return parseEnv(await readIfExists(path) ?? "");
}

/**
 * The text of a `.env` file with some variables set. Whatever else the file
 * holds, comments included, stays as it is.
 *
 * Values stand in single quotes, which every reader of such files takes
 * literally.
 *
 * @throws {Error} for a value that single quotes cannot hold
 */
export function setInEnvFile(
  text: string,
  variables: Record<string, string>,
): string {
  const lines = text === "" ? [] : text.replace(/\n$/, "").split("\n");
  for (const [name, value] of Object.entries(variables)) {
    if (/['\n]/.test(value)) {
      throw new Error(
        `The value of ${name} has a quote or a line break in it.`,
      );
    }
    const line = `${name}='${value}'`;
    const isOurs = (line: string) =>
      line.replace(/^\s*(?:export\s+)?/, "").startsWith(`${name}=`);
    const at = lines.findIndex(isOurs);
    if (at < 0) lines.push(line);
    else lines[at] = line;
  }
  return lines.join("\n") + "\n";
}

/**
 * Writes a file that only its owner may read. The new text takes the place of
 * the old in one step, so that a crash leaves one or the other.
 */
export async function writeSecretFile(
  path: string,
  text: string,
): Promise<void> {
  const draft = `${path}.new`;
  if (await exists(draft)) await Deno.remove(draft);
  await Deno.writeTextFile(draft, text, { createNew: true, mode: 0o600 });
  await Deno.rename(draft, path);
}
