/**
 * Builds and packs the npm package as docs/client.md says.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";

const root = fromFileUrl(new URL("../..", import.meta.url));

/** The text of docs/client.md. */
export const guide = await Deno.readTextFile(join(root, "docs/client.md"));

const LONGEST_COMMAND_MILLISECONDS = 300_000;

/** What a command printed. */
export interface Output {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command line. */
export async function run(cwd: string, line: string): Promise<Output> {
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", line],
    cwd,
    // Other test files set variables of the functions in this process.
    clearEnv: true,
    env: {
      ...Object.fromEntries(
        Object.entries(Deno.env.toObject()).filter(([name]) =>
          !/^(SUPABASE|LATCHKEY)_/.test(name)
        ),
      ),
      npm_config_audit: "false",
      npm_config_fund: "false",
    },
    signal: AbortSignal.timeout(LONGEST_COMMAND_MILLISECONDS),
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Runs a command line that must succeed; returns what it printed. */
export async function runOk(cwd: string, line: string): Promise<string> {
  const { code, stdout, stderr } = await run(cwd, line);
  assertEquals(code, 0, `${line}\n${stdout}\n${stderr}`);
  return stdout;
}

/** The commands of the guide's section “Install”. */
export function installCommands(): [
  build: string,
  pack: string,
  install: string,
] {
  const section = guide.match(/^## Install\n([^]*?)^## /m)![1]!;
  const lines = [...section.matchAll(/```sh\n([^]*?)```/g)]
    .flatMap(([, block]) => block!.trim().split("\n"));
  assertEquals(lines.length, 3, lines.join("\n"));
  return lines as ReturnType<typeof installCommands>;
}

/** The packed file, made by the guide's commands in an empty folder. */
export async function pack(work: string): Promise<string> {
  const [build, pack] = installCommands();
  const out = join(work, "built");
  await runOk(root, `${build} ${out}`);
  await runOk(work, pack.replace("./dist/supabase-latchkey", out));
  for await (const { name } of Deno.readDir(work)) {
    if (name.endsWith(".tgz")) return join(work, name);
  }
  throw new Error(`${pack} has made no file.`);
}

/** Makes something once for all tests. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => made ??= make();
}
/** Writes files into a folder. */
export async function write(folder: string, files: Record<string, string>) {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    await Deno.mkdir(join(path, ".."), { recursive: true });
    await Deno.writeTextFile(path, text);
  }
}
