/**
 * Tests the tests: breaks one line at a time and expects a test to fail. See
 * `usage`.
 *
 * @module
 */
import { fromFileUrl, resolve } from "@std/path";
import { parse } from "../cli/flags.ts";
import { accepted } from "./mutants/accepted.ts";
import { stopSignal } from "../stack/launcher.ts";
import { openClientArea } from "./mutants/client_area.ts";
import {
  type Area,
  type AreaOptions,
  diff,
  lineOf,
  type Mutant,
  nameOf,
  shuffle,
} from "./mutants/mutant.ts";
import { openSqlArea } from "./mutants/sql_area.ts";

const usage =
  `Breaks one line of the source at a time, runs the tests, and lists
the mutants that survive: the changes that no test notices.

Usage: deno task mutants [flags]

  --area NAME    sql (the database and its pgTAP files) or client (the client
                 and its tests); both by default
  --count N      mutants to test in each area (sql: 100, client: 45)
  --seed N       number that chooses them (1)
  --only TEXT    only mutants of files whose path contains TEXT
  --bar N        lowest share of killed mutants, in percent (95)
  --root DIR     the tree to test (this one)
  --help         show this text

A mutant that does not compile, or that changes nothing, is replaced by the next.
A survivor in scripts/mutants/accepted.ts is not counted: each has its reason
there. The exit status is 1 when an area is below the bar.
`;

const AREAS: Record<
  string,
  { count: number; open(options: AreaOptions): Promise<Area> }
> = {
  sql: { count: 100, open: openSqlArea },
  client: { count: 45, open: openClientArea },
};

interface Options {
  areas: string[];
  count: number | undefined;
  seed: number;
  only: string;
  bar: number;
  root: string;
}

function parseOptions(args: string[]): Options | null {
  const { values } = parse({
    args,
    options: {
      area: { type: "string" },
      count: { type: "string" },
      seed: { type: "string", default: "1" },
      only: { type: "string", default: "" },
      bar: { type: "string", default: "95" },
      root: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return null;
  const number = (flag: string, text: string) => {
    if (!/^\d+$/.test(text)) throw new Error(`--${flag} takes a number.`);
    return Number(text);
  };
  if (values.area !== undefined && !Object.hasOwn(AREAS, values.area)) {
    throw new Error(`--area takes ${Object.keys(AREAS).join(" or ")}.`);
  }
  return {
    areas: values.area ? [values.area] : Object.keys(AREAS),
    count: values.count === undefined
      ? undefined
      : number("count", values.count),
    seed: number("seed", values.seed),
    only: values.only,
    bar: number("bar", values.bar),
    root: values.root
      ? resolve(values.root)
      : fromFileUrl(new URL("..", import.meta.url)),
  };
}

/** Tests one area and prints its result. */
async function testArea(
  name: string,
  options: Options,
  signal: AbortSignal,
): Promise<boolean> {
  const started = performance.now();
  const { open, count: usual } = AREAS[name]!;
  const count = options.count ?? usual;
  await using area = await open({ root: options.root, signal, progress });
  progress(`${name}: running the tests on the unchanged source`);
  const unchanged = await area.test(null);
  if (unchanged.outcome !== "survived") {
    throw new Error(
      `${name}: the tests fail without a mutant` +
        (unchanged.outcome === "killed" ? `: ${unchanged.by}` : "."),
    );
  }

  const candidates = await shuffle(
    area.mutants.filter(({ file }) => file.includes(options.only)),
    options.seed,
  );
  const counts = { killed: 0, accepted: 0, invalid: 0 };
  const survivors: Mutant[] = [];
  const valid = () => counts.killed + counts.accepted + survivors.length;
  for (const mutant of candidates) {
    if (valid() === count) break;
    const verdict = await area.test(mutant);
    const where = `${mutant.file}:${lineOf(mutant)}: ${mutant.operator}`;
    if (verdict.outcome === "invalid") {
      counts.invalid++;
      continue;
    }
    let result: string;
    if (verdict.outcome === "killed") {
      counts.killed++;
      result = `killed    ${where}, by ${verdict.by}`;
    } else if (Object.hasOwn(accepted, nameOf(mutant))) {
      counts.accepted++;
      result = `accepted  ${where}`;
    } else {
      survivors.push(mutant);
      result = `SURVIVED  ${where}`;
    }
    progress(`${name} ${valid()}/${count}: ${result}`);
  }

  const counted = counts.killed + survivors.length;
  const rate = counted === 0 ? 100 : 100 * counts.killed / counted;
  const minutes = (performance.now() - started) / 60_000;
  for (const mutant of survivors) console.log(describe(mutant));
  console.log(
    `${name}: ${counts.killed} of ${counted} mutants killed ` +
      `(${rate.toFixed(1)} %), ${survivors.length} survived, ` +
      `${counts.accepted} more accepted; ${counts.invalid} invalid, ` +
      `${candidates.length} possible; seed ${options.seed}, ` +
      `${minutes.toFixed(1)} min`,
  );
  return rate >= options.bar;
}

/** A survivor with its place and its change. */
function describe(mutant: Mutant): string {
  const { before, after } = diff(mutant);
  const lines = (text: string, sign: string) => text.replace(/^/gm, `${sign} `);
  return `\n${mutant.file}:${lineOf(mutant)}: ${mutant.operator}\n` +
    `${lines(before, "-")}\n${lines(after, "+")}\n` +
    `  name: ${JSON.stringify(nameOf(mutant))}\n`;
}

function progress(message: string): void {
  console.error(message);
}

async function main(): Promise<void> {
  const options = parseOptions(Deno.args);
  if (!options) return console.log(usage);
  const signal = stopSignal();
  let isAboveBar = true;
  for (const name of options.areas) {
    isAboveBar = await testArea(name, options, signal) && isAboveBar;
  }
  Deno.exitCode = isAboveBar ? 0 : 1;
}

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  Deno.exitCode = 1;
}
// stopSignal() keeps its listeners.
Deno.exit();
