/**
 * The client: mutants of its modules, and its own tests.
 *
 * @module
 */
import { globSync } from "node:fs";
import { dirname, join, relative } from "@std/path";
import { type Area, type AreaOptions, mutate, runTests } from "./mutant.ts";
import { typescriptEdits } from "./typescript_operators.ts";

const LONGEST_MILLISECONDS = 300_000;

/** Files of the client that are not part of the product. */
const TESTING = /_test\.ts$|\/testing\.ts$/;

/** Prepares the client's area, in a copy of the tree. */
export async function openClientArea(
  { root, signal }: AreaOptions,
): Promise<Area> {
  await using cleanup = new AsyncDisposableStack();
  const copy = await Deno.makeTempDir({ prefix: "latchkey_mutants_" });
  cleanup.defer(() => Deno.remove(copy, { recursive: true }));
  await copyTree(root, copy);

  const paths = globSync(join(copy, "client", "*.ts")).sort();
  const sources = paths
    .filter((path) => !TESTING.test(path))
    .map((path) => ({
      file: relative(copy, path),
      text: Deno.readTextFileSync(path),
    }));
  const tests = paths.filter((path) => path.endsWith("_test.ts"))
    .map((path) => relative(copy, path))
    // The soak test takes longest.
    .sort((a, b) => Number(a.includes("soak")) - Number(b.includes("soak")));

  const cleaning = cleanup.move();
  return {
    mutants: sources.flatMap(({ file, text }) =>
      typescriptEdits(text).map((edit) => ({ ...edit, file, text }))
    ),
    async test(mutant) {
      if (mutant) {
        await Deno.writeTextFile(join(copy, mutant.file), mutate(mutant));
      }
      try {
        if (!await compiles(copy, sources.map(({ file }) => file))) {
          return { outcome: "invalid" };
        }
        return await runTests({
          folder: copy,
          files: tests,
          milliseconds: LONGEST_MILLISECONDS,
          signal,
        });
      } finally {
        if (mutant) {
          await Deno.writeTextFile(join(copy, mutant.file), mutant.text);
        }
      }
    },
    [Symbol.asyncDispose]: () => cleaning.disposeAsync(),
  };
}

/** Copies the files that git knows or would add. */
async function copyTree(from: string, to: string) {
  const { success, stdout, stderr } = await new Deno.Command("git", {
    args: ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    cwd: from,
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(decoder.decode(stderr));
  for (const file of decoder.decode(stdout).split("\0").filter(Boolean)) {
    await Deno.mkdir(join(to, dirname(file)), { recursive: true });
    // A file that git knows may have been removed.
    await Deno.copyFile(join(from, file), join(to, file)).catch(() => {});
  }
}

async function compiles(folder: string, files: string[]): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", ...files],
    cwd: folder,
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}
