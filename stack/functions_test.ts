/** Functions as the hosted edge runtime runs them, with files of a test's own. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { dirname, join } from "@std/path";
import { until } from "../tests/harness.ts";
import { readConfig } from "./config.ts";
import { type FunctionsOptions, startFunctions } from "./functions.ts";
import { processes, signal } from "./processes.ts";
import { watchFunctions } from "./watch.ts";

/** A project with files below supabase/, and what its functions log. */
async function project(files: Record<string, string>) {
  // With a space, as in many people's paths.
  const root = await Deno.makeTempDir({ prefix: "latchkey functions " });
  const write = async (path: string, text: string) => {
    const file = join(root, "supabase", path);
    await Deno.mkdir(dirname(file), { recursive: true });
    await Deno.writeTextFile(file, text);
  };
  await write("config.toml", "");
  for (const [path, text] of Object.entries(files)) await write(path, text);
  const log: string[] = [];
  const settings = async () => (await readConfig(root)).functions;
  return {
    root,
    write,
    log,
    settings,
    async start(options: Partial<FunctionsOptions> = {}) {
      const functions = await startFunctions({
        functions: await settings(),
        projectRoot: root,
        env: {},
        onLog: (line) => log.push(line),
        isolates: 1,
        ...options,
      });
      const get = async (name: string) => {
        // A connection of its own: the kernel chooses a process for each.
        using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
        const answer = await fetch(`${functions.url}/${name}`, { client });
        return { status: answer.status, text: await answer.text() };
      };
      return {
        ...functions,
        get,
        [Symbol.asyncDispose]: functions.close,
      };
    },
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

/** Process ids of the functions of one project. */
async function pids(root: string): Promise<number[]> {
  return (await processes())
    .filter(({ command }) =>
      command.includes("functions_process.ts") &&
      command.includes(`--allow-read=${root}`)
    )
    .map(({ pid }) => pid);
}

Deno.test("functions run on the edge runtime's Deno, types not checked, each with its own imports", async () => {
  await using files = await project({
    "functions/_shared/word.ts": `export { word } from "word";`,
    "functions/exported/index.ts": `
      import { word } from "word";
      const number: number = "no number";
      export default { fetch: () => new Response(word + Deno.version.deno) };`,
    "functions/exported/deno.json": `{"imports": {"word": "./one.ts"}}`,
    "functions/exported/one.ts": `export const word = "one ";`,
    "functions/served/index.ts": `
      import { word } from "word";
      Deno.serve({ port: 8000 }, () => new Response(word));`,
    "functions/served/deno.jsonc":
      `{"imports": {"word": "./two.ts"}} // a comment`,
    "functions/served/two.ts": `export const word = "two";`,
  });
  await using functions = await files.start();
  assertEquals((await functions.get("exported")).text, "one 2.1.4");
  assertEquals((await functions.get("served")).text, "two");
  assertEquals((await functions.get("missing")).status, 404);
  assertEquals((await functions.get("_shared")).status, 404);
});

Deno.test("functions run in as many processes as they are given", async () => {
  await using files = await project({
    "functions/pid/index.ts":
      `Deno.serve(() => new Response(String(Deno.pid)));`,
  });
  await using functions = await files.start({ isolates: 2 });
  const seen = new Set<string>();
  await until(async () => {
    seen.add((await functions.get("pid")).text);
    return seen.size === 2;
  }, "both processes");
});

Deno.test("a process of the functions that is killed starts again, and the log says why", async () => {
  await using files = await project({
    "functions/f/index.ts": `
      Deno.serve((request) => {
        if (request.url.endsWith("?crash")) {
          setTimeout(() => { throw new Error("out of luck"); });
        }
        return new Response("here");
      });`,
  });
  await using functions = await files.start();
  const here = async () => {
    try {
      return (await functions.get("f")).text === "here";
    } catch {
      return false;
    }
  };
  const [pid] = await pids(files.root);
  signal(pid!, "SIGKILL");
  await until(() => files.log.length > 0, "a line in the log");
  assertEquals(files.log, [
    "A process of the functions ended by SIGKILL. It starts again in 0.5 s.",
  ]);
  const answer = await functions.fetch(
    new Request("http://x/functions/v1/f"),
    "127.0.0.1",
  );
  assertEquals(answer.status, 503);
  await answer.body?.cancel();
  await until(here, "the function after a kill");
  assert((await pids(files.root))[0] !== pid);

  await functions.get("f?crash");
  await until(
    () => files.log.some((line) => line.includes("starts again in 1 s")),
    "a longer pause",
  );
  assertMatch(
    files.log.at(-1)!,
    /ended with exit code 1 \(error: Uncaught .*out of luck\)/,
  );
  await until(here, "the function after a crash");
  await functions.close();
  assertEquals(await pids(files.root), []);
});

Deno.test("a function that cannot be loaded is named, or answers 503 beside the others", async () => {
  await using files = await project({
    "functions/good/index.ts": `Deno.serve(() => new Response("good"));`,
    "functions/bad/index.ts": `export const nothing = 1;`,
  });
  await assertRejects(() => files.start(), Error, "bad");
  await using functions = await files.start({ tolerant: true });
  assertEquals((await functions.get("good")).text, "good");
  const { status, text } = await functions.get("bad");
  assertEquals([status, JSON.parse(text).code], [503, "BOOT_ERROR"]);
  assertMatch(files.log.join("\n"), /\[bad\] Error: .* has no handler/);
});

Deno.test("a changed function is loaded again within a second, and a new one is found", async () => {
  await using files = await project({
    "functions/f/index.ts": `Deno.serve(() => new Response("old"));`,
  });
  const startedAt = performance.now();
  await using functions = await files.start({ tolerant: true });
  const start = performance.now() - startedAt;
  const answers = async (name: string, text: string) => {
    try {
      return (await functions.get(name)).text === text;
    } catch {
      // The process that is replaced may close a connection that it has not
      // accepted yet.
      return false;
    }
  };
  const watcher = watchFunctions(
    files.root,
    async () => functions.reload(await files.settings()),
    (line) => files.log.push(line),
  );
  try {
    const times: number[] = [];
    for (const text of ["one", "two", "three"]) {
      const changedAt = performance.now();
      await files.write(
        "functions/f/index.ts",
        `Deno.serve(() => new Response("${text}"));`,
      );
      await until(() => answers("f", text), `the text ${text}`);
      times.push(Math.round(performance.now() - changedAt));
    }
    // The shortest one, because a busy machine delays any of them. It also delays
    // the first start, which does the same work.
    const longest = Math.max(1000, 3 * start);
    assert(
      Math.min(...times) < longest,
      `after ${times.join(", ")} ms; the first start took ${start} ms`,
    );
    await files.write(
      "functions/g/index.ts",
      `Deno.serve(() => new Response("g"));`,
    );
    await until(() => answers("g", "g"), "the new function");
  } finally {
    watcher.close();
  }
});
