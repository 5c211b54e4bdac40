/**
 * Versions of Node.js, from npm.
 *
 * @module
 */
import { join } from "@std/path";

/**
 * Installs a version of Node.js and returns the path of its program.
 *
 * @param folder Gets a folder for this version.
 * @throws {Error} npm failed. The message has its output.
 */
export async function installNode(
  folder: string,
  version: string,
): Promise<string> {
  const { os, arch } = Deno.build;
  const name = `node-${os}-${arch === "aarch64" ? "arm64" : "x64"}`;
  const own = join(folder, `node-${version}`);
  await Deno.mkdir(own);
  // The package `node` would run another npm to get this one.
  const { success, stderr } = await new Deno.Command("npm", {
    args: [
      ...["install", "--no-audit", "--no-fund", "--prefix", own],
      `${name}@${version}`,
    ],
    cwd: own,
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return join(own, "node_modules", name, "bin/node");
}
