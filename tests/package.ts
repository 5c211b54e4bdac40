/**
 * The npm package, built and packed once for all files of a run.
 *
 * @module
 */
import { join } from "@std/path";
import { buildPackage } from "../scripts/build.ts";
import { exists } from "../stack/files.ts";

/** The built package. */
export interface BuiltPackage {
  /** Its folder, as for `npm publish`. */
  folder: string;
  /** Its file, as for `npm install`. */
  archive: string;
}

/** Builds and packs the package, unless another file of the run has. */
export async function builtPackage(): Promise<BuiltPackage> {
  const work = Deno.env.get("LATCHKEY_TEST_WORK");
  if (!work) {
    throw new Error(
      "These tests need a folder: run them with `deno task test`.",
    );
  }
  const folder = join(work, "package");
  const archive = join(work, "supabase-latchkey.tgz");
  using lock = await Deno.create(join(work, "package.lock"));
  await lock.lock(true);
  if (!await exists(archive)) {
    await buildPackage(folder);
    const { success, stdout, stderr } = await new Deno.Command("npm", {
      args: ["pack", "--silent", folder],
      cwd: work,
    }).output();
    const text = new TextDecoder();
    if (!success) throw new Error(`npm pack failed: ${text.decode(stderr)}`);
    await Deno.rename(join(work, text.decode(stdout).trim()), archive);
  }
  return { folder, archive };
}
