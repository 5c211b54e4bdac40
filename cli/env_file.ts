import { fromFileUrl, join, resolve } from "@std/path";
import { parseEnv } from "node:util";
import { exists, readIfExists } from "../stack/files.ts";

/** Where a project keeps the variables of its functions. */
export const ENV_FILE = "supabase/functions/.env";

/** A folder that holds no Supabase project. */
export class NoProjectError extends Error {
  override name = "NoProjectError";
}

/**
 * The project that a command works on.
 *
 * @param folder What `--project` names; without it, the project is this one.
 * @throws {NoProjectError} There is no folder `supabase` in it.
 */
export async function findProjectFolder(folder?: string): Promise<string> {
  if (folder === undefined) return fromFileUrl(new URL("..", import.meta.url));
  // `deno task` changes into this project; the caller's folder is in INIT_CWD.
  const project = resolve(Deno.env.get("INIT_CWD") ?? ".", folder);
  if (folder === "" || !await exists(join(project, "supabase"))) {
    throw new NoProjectError(
      "--project takes the folder of a Supabase project, the one that has " +
        'the folder "supabase" in it.',
    );
  }
  return project;
}

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
