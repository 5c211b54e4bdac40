import { join, toFileUrl } from "@std/path";
import { parse } from "@std/jsonc";
import type { FunctionSettings } from "./config.ts";
import { readIfExists } from "./files.ts";

type Imports = Record<string, string>;

/** What new functions import for their types: nothing when they run. */
const typesOnly: Imports = Object.fromEntries(
  ["", "@2"].map((version) => [
    `jsr:@supabase/functions-js${version}/edge-runtime.d.ts`,
    "data:text/javascript,",
  ]),
);

/**
 * One import map for functions that share a process. Each function has its own
 * imports in its own folder; the files that several functions share get those of
 * the first function that has them.
 *
 * @param folder the folder of the functions
 */
export async function importMap(
  folder: string,
  functions: FunctionSettings[],
): Promise<string> {
  const scopes: Record<string, Imports> = {};
  const shared: Imports = {
    ...typesOnly,
    ...await importsOf(join(folder, "import_map.json")),
  };
  for (const { name, importMap } of functions) {
    const own = join(folder, name);
    const imports = importMap
      ? await importsOf(importMap)
      : await importsOf(join(own, "deno.json")) ??
        await importsOf(join(own, "deno.jsonc"));
    if (!imports) continue;
    scopes[`${toFileUrl(own).href}/`] = imports;
    for (const [specifier, target] of Object.entries(imports)) {
      shared[specifier] ??= target;
    }
  }
  return JSON.stringify({ imports: shared, scopes });
}

/** The imports of a file, with absolute addresses; null without the file. */
async function importsOf(path: string): Promise<Imports | null> {
  const text = await readIfExists(path);
  if (text === null) return null;
  let imports: Imports;
  try {
    ({ imports = {} } = parse(text) as { imports?: Imports });
  } catch (error) {
    throw new Error(`${path} is not valid JSON: ${(error as Error).message}`);
  }
  return Object.fromEntries(
    Object.entries(imports).map(([specifier, target]) => [
      specifier,
      /^\.{0,2}\//.test(target)
        ? new URL(target, toFileUrl(path)).href
        : target,
    ]),
  );
}
