/**
 * Builds the client's package into dist/client: ES modules for npm, types, and
 * the configuration for JSR; and prints what an app would load.
 *
 * @module
 */
const root = new URL("..", import.meta.url);
const out = new URL("dist/client/", root);
const VERSION = "0.1.0";
const LARGEST_BYTES = 6 * 1024;

await Deno.remove(out, { recursive: true }).catch(() => {});
await Deno.mkdir(out, { recursive: true });
for (const name of ["mod", "react"]) await bundle(name);
await declare();

const entry = (name: string) => ({
  types: `./${name}.d.ts`,
  default: `./${name}.js`,
});
await write("package.json", {
  name: "latchkey",
  version: VERSION,
  type: "module",
  sideEffects: false,
  engines: { node: ">=20" },
  exports: { ".": entry("mod"), "./react": entry("react") },
  types: "./mod.d.ts",
  peerDependencies: { "@supabase/supabase-js": "^2.50.0" },
  // Only its types are used.
  peerDependenciesMeta: { "@supabase/supabase-js": { optional: true } },
});
await write("jsr.json", {
  name: "@latchkey/client",
  version: VERSION,
  exports: { ".": "./mod.js", "./react": "./react.js" },
});

const bytes = await Deno.readFile(new URL("mod.js", out));
const gzipped = (await new Response(
  new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip")),
).arrayBuffer()).byteLength;
console.log(
  `dist/client/mod.js: ${bytes.length} bytes minified, ${gzipped} gzipped`,
);
if (gzipped > LARGEST_BYTES) {
  console.error(`That is more than ${LARGEST_BYTES}: make it smaller.`);
  Deno.exit(1);
}

async function bundle(name: string) {
  await run(Deno.execPath(), [
    "bundle",
    "--quiet",
    "--minify",
    "--no-lock",
    "--platform=browser",
    `--output=dist/client/${name}.js`,
    `client/${name}.ts`,
  ]);
}

/** Declarations, with imports that a bundler of the app resolves. */
async function declare() {
  await run(Deno.execPath(), [
    "run",
    "-A",
    "--no-lock",
    "npm:typescript@5.9.3/tsc",
    "--declaration",
    "--emitDeclarationOnly",
    "--allowImportingTsExtensions",
    "--rewriteRelativeImportExtensions",
    "--noCheck",
    "--skipLibCheck",
    "--target",
    "es2022",
    "--module",
    "nodenext",
    "--outDir",
    "dist/client",
    "client/mod.ts",
    "client/react.ts",
  ]);
  for await (const { name } of Deno.readDir(out)) {
    if (!name.endsWith(".d.ts")) continue;
    const file = new URL(name, out);
    const text = await Deno.readTextFile(file);
    await Deno.writeTextFile(
      file,
      text.replaceAll(/(from\s+"\.\/[\w]+)\.ts"/g, '$1.js"'),
    );
  }
}

async function run(command: string, args: string[]) {
  const { success } = await new Deno.Command(command, { args, cwd: root })
    .spawn().status;
  if (!success) Deno.exit(1);
}

async function write(name: string, content: unknown) {
  await Deno.writeTextFile(
    new URL(name, out),
    JSON.stringify(content, null, 2) + "\n",
  );
}
