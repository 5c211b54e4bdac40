/**
 * Builds the client's package and prints what an app would load:
 *
 * ```
 * mod.js, react.js   for npm: one minified ES module per entry
 * types/             their declarations
 * src/               for JSR, which takes TypeScript and makes the rest itself;
 *                    and for debuggers, by the source maps
 * ```
 *
 * An argument names another folder than dist/client. To publish, run there
 * `npm publish`, or `npx jsr publish --allow-dirty`.
 *
 * @module
 */
import { basename, fromFileUrl, join, resolve } from "@std/path";
import { minify } from "terser";

const VERSION = "0.1.0";
const LARGEST_BYTES = 8 * 1024;
const SUPABASE_JS = "^2.50.0";
const REACT = ">=18";
const ENTRIES = ["mod", "react"];

const root = fromFileUrl(new URL("..", import.meta.url));
const out: string = resolve(Deno.args[0] ?? join(root, "dist/client"));

await Deno.remove(out, { recursive: true }).catch(() => {});
await copySources();
await bundle();
await declare();
await describe();
await reportSize();

async function copySources() {
  await Deno.mkdir(join(out, "src"), { recursive: true });
  for await (const { name } of Deno.readDir(join(root, "client"))) {
    if (!name.endsWith(".ts") || /(_test|^testing)\.ts$/.test(name)) continue;
    await Deno.copyFile(join(root, "client", name), join(out, "src", name));
  }
}

async function bundle() {
  await deno(
    "bundle",
    "--quiet",
    "--no-lock",
    // The map of imports would pull the app's React in.
    "--no-config",
    "--external=react",
    "--platform=browser",
    "--sourcemap=linked",
    `--outdir=${out}`,
    ...ENTRIES.map((name) => join(out, "src", `${name}.ts`)),
  );
  for (const name of ENTRIES) await minifyEntry(join(out, `${name}.js`));
}

/** A thirtieth smaller than by the bundler's own minifier. */
async function minifyEntry(file: string) {
  const { code, map } = await minify(await Deno.readTextFile(file), {
    module: true,
    ecma: 2020,
    compress: { passes: 3 },
    sourceMap: {
      content: await Deno.readTextFile(`${file}.map`),
      filename: basename(file),
      url: `${basename(file)}.map`,
    },
  });
  await Deno.writeTextFile(file, code!);
  await Deno.writeTextFile(`${file}.map`, String(map));
}

async function declare() {
  await deno(
    "run",
    "-A",
    "typescript/tsc",
    "--declaration",
    "--emitDeclarationOnly",
    "--allowImportingTsExtensions",
    // `deno check` has done it.
    "--noCheck",
    "--target",
    "es2022",
    "--module",
    "nodenext",
    "--outDir",
    join(out, "types"),
    ...ENTRIES.map((name) => join(out, "src", `${name}.ts`)),
  );
  for await (const { name } of Deno.readDir(join(out, "types"))) {
    const file = join(out, "types", name);
    const text = await Deno.readTextFile(file);
    await Deno.writeTextFile(
      file,
      text.replaceAll(/(from\s+"\.\/\w+)\.ts"/g, '$1.js"'),
    );
  }
}

async function describe() {
  const entry = (name: string) => ({
    types: `./types/${name}.d.ts`,
    default: `./${name}.js`,
  });
  await write("package.json", {
    name: "latchkey",
    version: VERSION,
    description: "Revocable sessions for Supabase: the client",
    license: "Apache-2.0",
    type: "module",
    sideEffects: false,
    engines: { node: ">=20" },
    exports: { ".": entry("mod"), "./react": entry("react") },
    files: ["*.js", "*.js.map", "src", "types"],
    // Of supabase-js only the types are used, but without them a session has
    // none. It is in every app that this is for.
    peerDependencies: { "@supabase/supabase-js": SUPABASE_JS, react: REACT },
    peerDependenciesMeta: { react: { optional: true } },
  });
  await write("jsr.json", {
    name: "@latchkey/client",
    version: VERSION,
    license: "Apache-2.0",
    exports: { ".": "./src/mod.ts", "./react": "./src/react.ts" },
    imports: {
      "@supabase/supabase-js": `npm:@supabase/supabase-js@${SUPABASE_JS}`,
      // One major: JSR resolves it, where npm takes what the app has.
      "@types/react": "npm:@types/react@^19.0.0",
      "react": "npm:react@^19.0.0",
    },
    // Beside a package.json, `deno publish` looks for npm's installed packages.
    nodeModulesDir: "none",
    publish: { include: ["src", "README.md", "LICENSE", "jsr.json"] },
  });
  await Deno.copyFile(join(root, "LICENSE"), join(out, "LICENSE"));
  const page = await Deno.readTextFile(join(root, "docs/client.md"));
  await Deno.writeTextFile(
    join(out, "README.md"),
    // The package has no other page to link to.
    page.replaceAll(/\[([^\]]+)\]\((?!https?:)[^)]*\)/g, "$1"),
  );
}

async function reportSize() {
  const bytes = await Deno.readFile(join(out, "mod.js"));
  const gzipped = (await new Response(
    new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip")),
  ).arrayBuffer()).byteLength;
  console.log(
    `${
      join(out, "mod.js")
    }: ${bytes.length} bytes minified, ${gzipped} gzipped`,
  );
  if (gzipped > LARGEST_BYTES) {
    console.error(`That is more than ${LARGEST_BYTES}: make it smaller.`);
    Deno.exit(1);
  }
}

async function deno(...args: string[]) {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: root,
  }).spawn().status;
  if (!success) Deno.exit(1);
}

async function write(name: string, content: unknown) {
  await Deno.writeTextFile(
    join(out, name),
    JSON.stringify(content, null, 2) + "\n",
  );
}
