/**
 * Validates the shadcn registry in registry/ and builds it into dist/registry,
 * or into the folder that is given. `deno task build` puts it into the package.
 *
 * @module
 */
import { fromFileUrl, join, resolve } from "@std/path";

/** The shadcn CLI. */
export const SHADCN = "shadcn@4.23.0";

const root = fromFileUrl(new URL("..", import.meta.url));

/**
 * Builds one JSON file per component.
 *
 * @throws {Error} The registry is invalid.
 */
export async function buildRegistry(out: string): Promise<void> {
  await shadcn("registry", "validate", "registry.json");
  await shadcn("build", "registry.json", "--output", resolve(out));
}

async function shadcn(...args: string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command("npx", {
    args: ["-y", SHADCN, ...args],
    cwd: join(root, "registry"),
    stdin: "null",
  }).output();
  if (success) return;
  const text = new TextDecoder();
  throw new Error(
    `shadcn ${args.join(" ")} failed:\n${text.decode(stdout)}${
      text.decode(stderr)
    }`,
  );
}

if (import.meta.main) {
  await buildRegistry(Deno.args[0] ?? join(root, "dist/registry"));
}
