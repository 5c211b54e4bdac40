/**
 * Builds the npm package into dist/supabase-latchkey, or into the folder that
 * is given, and prints the size of each entry. To publish, run `npm publish` in
 * that folder. What the package contains is described in package/.
 *
 * @module
 */
import { fromFileUrl, join, resolve } from "@std/path";
import configuration from "../deno.json" with { type: "json" };
import manifest from "../package/package.json" with { type: "json" };
import { buildCommand } from "./build_command.ts";
import { buildRegistry } from "./registry.ts";

/** The largest size of the browser client, minified and gzipped. */
export const LARGEST_CLIENT_BYTES = 8 * 1024;

const root = fromFileUrl(new URL("..", import.meta.url));

/** Bytes that an app loads for an entry. */
export interface Size {
  minified: number;
  gzipped: number;
}

/**
 * Builds the package.
 *
 * @returns The size of each entry by the name of its file, such as `index.js`.
 * @throws {Error} A command has failed and printed why, or the client is too
 * large.
 */
export async function buildPackage(
  out: string,
): Promise<Record<string, Size>> {
  const source = join(root, "package");
  await Deno.remove(out, { recursive: true }).catch(() => {});
  await installTools(source);
  await npm(source, "exec", "--", "tsdown", "--out-dir", resolve(out));
  const { name, devDependencies: _, scripts: __, ...rest } = manifest;
  const { version } = configuration;
  await Deno.writeTextFile(
    join(out, "package.json"),
    JSON.stringify({ name, version, ...rest }, null, 2) + "\n",
  );
  await Deno.copyFile(join(source, "README.md"), join(out, "README.md"));
  await Deno.copyFile(join(root, "LICENSE"), join(out, "LICENSE"));

  const sizes: Record<string, Size> = {};
  for await (const { name } of Deno.readDir(out)) {
    if (name.endsWith(".js")) sizes[name] = await measure(join(out, name));
  }
  const { gzipped } = sizes["index.js"]!;
  if (gzipped > LARGEST_CLIENT_BYTES) {
    throw new Error(
      `The client has ${gzipped} bytes gzipped, more than ` +
        `${LARGEST_CLIENT_BYTES}. Make it smaller.`,
    );
  }
  await buildCommand(out);
  await buildRegistry(join(out, "registry"));
  return sizes;
}

/**
 * Installs the build's tools as the lock file says, unless they are there. Of
 * several builds at the same time one does, and the others wait.
 */
async function installTools(source: string) {
  using lock = await Deno.open(join(source, "package-lock.json"));
  await lock.lock(true);
  const changedAt = async (path: string) =>
    (await Deno.stat(join(source, path)).catch(() => null))?.mtime?.getTime();
  const installed = await changedAt("node_modules/.package-lock.json");
  const locked = await changedAt("package-lock.json");
  if (installed && installed >= locked!) return;
  await npm(source, "ci", "--no-audit", "--no-fund");
}

async function npm(cwd: string, ...args: string[]) {
  const { success, stdout, stderr } = await new Deno.Command("npm", {
    args,
    cwd,
  }).output();
  if (success) return;
  const text = new TextDecoder();
  throw new Error(
    `npm ${args.join(" ")} failed:\n${text.decode(stdout)}${
      text.decode(stderr)
    }`,
  );
}

async function measure(file: string): Promise<Size> {
  const bytes = await Deno.readFile(file);
  const gzipped = new Blob([bytes]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return {
    minified: bytes.length,
    gzipped: (await new Response(gzipped).arrayBuffer()).byteLength,
  };
}

if (import.meta.main) {
  const out = Deno.args[0] ?? join(root, "dist/supabase-latchkey");
  for (
    const [name, { minified, gzipped }] of Object.entries(
      await buildPackage(out),
    ).sort()
  ) {
    console.log(`${name}: ${minified} bytes minified, ${gzipped} gzipped`);
  }
}
