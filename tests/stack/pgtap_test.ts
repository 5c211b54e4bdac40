/**
 * Runs the pgTAP files below `supabase/tests` on the database of a running
 * stack, each file as one test on its own connection. `supabase test db` runs
 * the same files. LATCHKEY_TEST_PGTAP, a JSON list of files and folders, limits
 * them.
 *
 * @module
 */
import { fromFileUrl, join, relative, resolve } from "@std/path";
// @ts-types="../../types/pg.d.ts"
import pg from "pg";
import { Parser } from "tap-parser";

const project = fromFileUrl(new URL("../..", import.meta.url));

/** Creates the functions that the other files call, in schema tests. */
const HELPERS = join(project, "supabase", "tests", "000_helpers.test.sql");

const paths = await chosenFiles();
// Their name sorts first, but the files that were asked for may be others.
if (!paths.includes(HELPERS)) await run(await Deno.readTextFile(HELPERS));

for (const path of paths) {
  Deno.test(relative(project, path), async () => {
    const lines = await run(await Deno.readTextFile(path));
    const problems = problemsOf(lines);
    if (problems.length > 0) {
      // The tests that passed say nothing about the cause.
      const rest = lines.filter((line) => !line.startsWith("ok "));
      throw new Error([...problems, ...rest].join("\n"));
    }
  });
}

async function chosenFiles(): Promise<string[]> {
  const chosen: string[] = JSON.parse(
    Deno.env.get("LATCHKEY_TEST_PGTAP") ?? "[]",
  );
  if (chosen.length === 0) chosen.push(join("supabase", "tests"));
  const files = await Promise.all(chosen.map(async (path) => {
    const { isDirectory } = await Deno.stat(resolve(project, path));
    return isDirectory
      ? await testFiles(resolve(project, path))
      : [resolve(project, path)];
  }));
  return files.flat();
}

/** The pgTAP files in a folder and the folders in it, sorted by path. */
async function testFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) files.push(...await testFiles(path));
    else if (entry.name.endsWith(".test.sql")) files.push(path);
  }
  return files.sort();
}

/**
 * Runs one file and returns the lines of TAP that it printed.
 *
 * @throws {Error} LATCHKEY_TEST_DB_URL is not set, or a statement failed
 */
async function run(text: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl() });
  // The query reports a lost connection too.
  client.on("error", () => {});
  await client.connect();
  const lines: string[] = [];
  const query = new pg.Query(text);
  // Row by row: after an exception, what was printed before it still counts.
  query.on("row", (row) => {
    const [value] = Object.values(row);
    if (typeof value === "string") lines.push(...tapLines(value));
  });
  try {
    await new Promise<void>((resolve, reject) => {
      query.on("end", resolve);
      query.on("error", reject);
      client.query(query);
    });
    return lines;
  } catch (error) {
    throw new Error(
      [`${(error as Error).message}${lineOf(error, text)}`, ...lines]
        .join("\n"),
    );
  } finally {
    // Ends the transaction too, where an exception kept it open.
    await client.end();
  }
}

function databaseUrl(): string {
  const url = Deno.env.get("LATCHKEY_TEST_DB_URL");
  if (!url) {
    throw new Error(
      "Set LATCHKEY_TEST_DB_URL to the DB_URL of a running stack, or run " +
        "`deno task test`, which starts one.",
    );
  }
  return url;
}

/** The TAP in a statement's answer: other statements answer rows as well. */
function tapLines(value: string): string[] {
  return /^(ok|not ok|1\.\.|#|Bail out!)/.test(value) ? value.split("\n") : [];
}

/** Why a run did not pass, in words. */
function problemsOf(lines: string[]): string[] {
  const plans = lines.filter((line) => /^1\.\.\d+/.test(line)).length;
  if (plans !== 1) return [`The file has ${plans} plans; it needs one.`];
  const text = `${lines.join("\n")}\n`;
  return Parser.parse(text).flatMap(([event, detail]) => {
    if (event === "bailout") return ["The file bailed out."];
    if (event !== "complete" || detail.ok) return [];
    const { count, fail, plan } = detail;
    if (count === 0) return ["The file ran no test."];
    const planned = plan.end ?? 0;
    return planned === count
      ? [`${fail} of ${count} tests failed.`]
      : [`${planned} tests were planned, ${count} ran.`];
  });
}

/** Where in the file the server found the mistake, if it says so. */
function lineOf(error: unknown, text: string): string {
  if (!(error instanceof pg.DatabaseError) || !error.position) return "";
  return ` (line ${text.slice(0, Number(error.position)).split("\n").length})`;
}
