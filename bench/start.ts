import { dirname, fromFileUrl } from "@std/path";
import {
  functionsEnvironment,
  startFunctions,
} from "../stack/functions_process.ts";
import { readConfig } from "../stack/config.ts";
import { functionSize } from "../scripts/sizes.ts";
import type { Bench, Result, Section } from "./section.ts";
import { figure, interleave } from "./statistics.ts";

/** How long it takes until something answers. */
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
  bench.progress("Starting each function anew");
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
        "Until it is loaded",
        "First answer",
        "Second answer",
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
      `The whole local stack with a new database was ready after ${
        (bench.readyMilliseconds / 1000).toFixed(1)
      } s.`,
      "A new process stands for a new isolate: Deno itself starts in it, and " +
      "loads the function's modules one by one, where the hosted runtime has " +
      "a bundle. The request carries no token, and so ends without the " +
      "database.",
    ],
    aims: [],
    checks: [],
  };
}

async function coldStart(bench: Bench, name: string): Promise<ColdStart> {
  const { apiUrl, dbUrl, keys } = bench.stack;
  const startedAt = performance.now();
  const functions = await startFunctions({
    projectRoot: root,
    names: [name],
    env: functionsEnvironment({ apiUrl, databaseUrl: dbUrl, keys }),
    onLog: () => {},
  });
  try {
    const loaded = performance.now() - startedAt;
    const answer = async () => {
      const sentAt = performance.now();
      const response = await fetch(`${functions.url}/${name}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: "{}",
      });
      await response.body?.cancel();
      return performance.now() - sentAt;
    };
    return { loaded, first: await answer(), second: await answer() };
  } finally {
    await functions.close();
  }
}
