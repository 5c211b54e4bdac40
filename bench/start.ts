import { dirname, fromFileUrl } from "@std/path";
import { functionsEnvironment, startFunctions } from "../stack/functions.ts";
import { readConfig } from "../stack/config.ts";
import { functionSize } from "../scripts/sizes.ts";
import type { Bench, Result, Section } from "./section.ts";
import { figure, interleave } from "./statistics.ts";

/** How long the functions and the stack take to start. */
export const start: Section = { name: "start", title: "Start", run };

const root = dirname(dirname(fromFileUrl(import.meta.url)));

interface ColdStart {
  loaded: number;
  first: number;
  second: number;
}

async function run(bench: Bench): Promise<Result> {
  const { functions } = await readConfig(root);
  const names = functions.map(({ name }) => name);
  bench.progress("Starting each function in a new process");
  const starts = await interleave(
    bench.quick ? 1 : 3,
    Object.fromEntries(
      names.map((name) => [name, () => coldStart(bench, name)]),
    ),
  );
  const of = (name: string, what: keyof ColdStart) =>
    figure(starts[name]!.map((measured) => measured[what]));
  bench.progress("Bundling each function");
  const sizes = new Map(
    await Promise.all(
      names.map(async (name) => [name, await functionSize(name)] as const),
    ),
  );
  return {
    tables: [{
      title: "Each function in a new process, times in milliseconds",
      columns: [
        "",
        "Until loaded",
        "First response",
        "Second response",
        "KiB minified",
        "KiB gzipped",
      ],
      rows: names.map((name) => [
        name,
        of(name, "loaded"),
        of(name, "first"),
        of(name, "second"),
        sizes.get(name)!.minified / 1024,
        sizes.get(name)!.gzipped / 1024,
      ]),
    }],
    charts: [],
    notes: [
      `The local stack with a new database started in ${
        (bench.readyMilliseconds / 1000).toFixed(1)
      } s.`,
      "A new process represents a new isolate. It includes the start of Deno, " +
      "and it loads the function's modules one by one; the hosted runtime loads " +
      "a bundle. The request has no token, so it does not reach the database.",
    ],
    aims: [],
    checks: [],
  };
}

async function coldStart(bench: Bench, name: string): Promise<ColdStart> {
  const { apiUrl, dbUrl, keys } = bench.stack;
  const { functions: all } = await readConfig(root);
  const startedAt = performance.now();
  const functions = await startFunctions({
    projectRoot: root,
    functions: all.filter((each) => each.name === name),
    isolates: 1,
    env: functionsEnvironment({ apiUrl, databaseUrl: dbUrl, keys }),
    onLog: () => {},
  });
  try {
    const loaded = performance.now() - startedAt;
    const respond = async () => {
      const sentAt = performance.now();
      const response = await fetch(`${functions.url}/${name}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: "{}",
      });
      await response.body?.cancel();
      return performance.now() - sentAt;
    };
    return { loaded, first: await respond(), second: await respond() };
  } finally {
    await functions.close();
  }
}
