/**
 * What Latchkey installs in a project: functions, migrations and settings. They
 * are the files of this repository, or of the package that was built from it.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { functionBlocks, renameBlock } from "./config_toml.ts";
import { listFiles, listFolder } from "./files.ts";

/** The folder of the functions, relative to a project. */
export const FUNCTIONS = "supabase/functions";

/** The folder of the migrations, relative to a project. */
export const MIGRATIONS = "supabase/migrations";

/** The code that Latchkey's functions share. */
export const SHARED = "_latchkey";

/** A file of a Supabase project. */
export interface ProjectFile {
  /** Relative to the project's folder, with slashes. */
  path: string;
  text: string;
}

/** What a version of Latchkey installs in a project. */
export interface Template {
  version: string;
  /** Names of the functions, without a prefix. */
  functions: string[];
  /**
   * The files of the functions, with the prefix, and the files that they share.
   */
  files: ProjectFile[];
  /** The migrations by their names in a release, in order. */
  migrations: { name: string; text: string }[];
  /** The blocks of config.toml by the function's name, with the prefix. */
  blocks: Map<string, string>;
}

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Reads what this version installs in a project.
 *
 * @param prefix The prefix of each function's name.
 * @param folder The repository, or the copy of it in the package.
 */
export function readTemplate(prefix = "", folder: string = root): Template {
  const read = (path: string) => readFileSync(join(folder, path), "utf8");
  const functions = listFolder(join(folder, FUNCTIONS))
    .filter((name) => /^[a-z]/.test(name));
  const files = [SHARED, ...functions].flatMap((name) =>
    listFiles(join(folder, FUNCTIONS, name)).filter(isProduct).map((file) => ({
      path: `${FUNCTIONS}/${name === SHARED ? "" : prefix}${name}/${file}`,
      text: read(`${FUNCTIONS}/${name}/${file}`),
    }))
  );
  const blocks = functionBlocks(read("supabase/config.toml"));
  return {
    version: JSON.parse(read("deno.json")).version,
    functions,
    files,
    migrations: listFolder(join(folder, MIGRATIONS)).map((name) => ({
      name,
      text: read(`${MIGRATIONS}/${name}`),
    })),
    blocks: new Map(functions.map((name) => [
      prefix + name,
      renameBlock(blocks.get(name)!, name, prefix + name),
    ])),
  };
}

/** Tests, and files that only tests use, are not installed. */
function isProduct(file: string): boolean {
  return !/(^|\/)(\.|testing\.ts$)|_test\.ts$/.test(file);
}
