/**
 * Builds the command `supabase-latchkey` into the npm package:
 *
 * ```
 * command.js                what npm runs: checks the version of Node.js
 * tools/cli/main.js         the command, with its libraries
 * tools/cli/start.ts        `start`, which runs on Deno, and its modules
 * tools/stack/              the local stack
 * tools/supabase/           what `init` puts into a project
 * tools/deno.json           the libraries of `start`, with deno.lock
 * ```
 *
 * `tools` has the layout of this repository, so that relative paths hold in both.
 *
 * @module
 */
import { dirname, fromFileUrl, join, relative } from "@std/path";
import { listFiles } from "../cli/files.ts";
import { readTemplate } from "../cli/template.ts";
import config from "../deno.json" with { type: "json" };

const root = fromFileUrl(new URL("..", import.meta.url));

/** What `start` runs on Deno. */
const START = "cli/start.ts";

/**
 * Builds the command.
 *
 * @param out The folder of the package.
 * @throws {Error} A command failed and printed why.
 */
export async function buildCommand(out: string): Promise<void> {
  const tools = join(out, "tools");
  await Deno.remove(tools, { recursive: true }).catch(() => {});
  await Deno.mkdir(join(tools, "cli"), { recursive: true });
  await Deno.copyFile(join(root, "cli/command.js"), join(out, "command.js"));
  await deno(
    root,
    "bundle",
    "--quiet",
    "--platform=deno",
    "--minify",
    `--output=${join(tools, "cli/main.js")}`,
    "cli/main.ts",
  );
  const { files, migrations } = readTemplate();
  const paths = [
    "cli/remove.sql",
    "supabase/config.toml",
    ...files.map(({ path }) => path),
    ...migrations.map(({ name }) => `supabase/migrations/${name}`),
    ...await modules(),
    ...stackFiles(),
  ];
  for (const path of new Set(paths)) {
    await Deno.mkdir(dirname(join(tools, path)), { recursive: true });
    await Deno.copyFile(join(root, path), join(tools, path));
  }
  await writeConfig(tools, paths.filter((path) => path.endsWith(".ts")));
}

/** The repository's modules that `start` imports. */
async function modules(): Promise<string[]> {
  const { modules } = JSON.parse(await deno(root, "info", "--json", START));
  return (modules as { specifier: string }[])
    .filter(({ specifier }) => specifier.startsWith("file:"))
    .map(({ specifier }) => relative(root, fromFileUrl(specifier)));
}

/** The local stack, with the programs and the SQL that it runs. */
function stackFiles(): string[] {
  return listFiles(join(root, "stack"))
    .filter((path) =>
      /\.(ts|sql)$/.test(path) && !/_test(_db)?\.ts$/.test(path)
    )
    .map((path) => `stack/${path}`);
}

/** The libraries of the modules, and the exact versions of theirs. */
async function writeConfig(tools: string, paths: string[]) {
  const texts = await Promise.all(
    paths.map((path) => Deno.readTextFile(join(tools, path))),
  );
  const imports = Object.fromEntries(
    Object.entries(config.imports).filter(([name, target]) =>
      (target.startsWith("npm:") || paths.includes(target.slice(2))) &&
      texts.some((text) =>
        text.includes(name.endsWith("/") ? `"${name}` : `"${name}"`)
      )
    ),
  );
  await Deno.writeTextFile(
    join(tools, "deno.json"),
    JSON.stringify(
      { version: config.version, imports, nodeModulesDir: "none" },
      null,
      2,
    ) + "\n",
  );
  await Deno.copyFile(join(root, "deno.lock"), join(tools, "deno.lock"));
  await deno(
    tools,
    "cache",
    "--quiet",
    "--config=deno.json",
    "--lock=deno.lock",
    START,
  );
}

async function deno(cwd: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  if (success) return text.decode(stdout);
  throw new Error(`deno ${args.join(" ")} failed:\n${text.decode(stderr)}`);
}
