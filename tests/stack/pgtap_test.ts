/**
 * Runs the pgTAP files below `supabase/tests` on the database of a running
 * stack, each file as one test on its own connection. `supabase test db` runs
 * the same files. LATCHKEY_TEST_PGTAP, a JSON list of files and folders, limits
 * them.
 *
 * @module
 */
import { fromFileUrl, join, relative, resolve } from "@std/path";
import postgres from "postgres";

const project = fromFileUrl(new URL("../..", import.meta.url));

for (const path of await chosenFiles()) {
  Deno.test(relative(project, path), async () => {
    const lines = await run(await Deno.readTextFile(path));
    const problems = problemsOf(lines);
    if (problems.length > 0) {
      throw new Error([...problems, ...lines].join("\n"));
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
 * Runs one file and gives the lines of TAP that it printed.
 *
 * @throws {Error} LATCHKEY_TEST_DB_URL is not set, or a statement failed
 */
async function run(text: string): Promise<string[]> {
  const sql = postgres(databaseUrl(), { max: 1, onnotice() {} });
  const lines: string[] = [];
  try {
    // As they come, so that an exception does not take along what was printed.
    await sql.unsafe(text).simple().forEach((row) => {
      const [value] = Object.values(row);
      if (typeof value === "string") lines.push(...tapLines(value));
    });
    return lines;
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    throw new Error(
      [`${error.message}${lineOf(error, text)}`, ...lines].join("\n"),
    );
  } finally {
    // Ends the transaction too, where an exception kept it open.
    await sql.end();
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

/** Of what a statement returned: preparations return rows that are no TAP. */
function tapLines(value: string): string[] {
  return /^(ok|not ok|1\.\.|#|Bail out!)/.test(value) ? value.split("\n") : [];
}

/** What keeps a run from counting as passed, in words. */
function problemsOf(lines: string[]): string[] {
  const results = lines.filter((line) => /^(not )?ok\b/.test(line));
  const failed = results.filter((line) =>
    line.startsWith("not ok") && !/# TODO\b/i.test(line)
  );
  const plans = lines.filter((line) => /^1\.\.\d+/.test(line));
  const planned = Number(plans[0]?.slice(3).split(" ")[0]);
  const problems: string[] = [];
  if (failed.length > 0) {
    problems.push(`${failed.length} of ${results.length} tests failed.`);
  }
  if (results.length === 0) {
    problems.push("The file ran no test.");
  }
  if (plans.length !== 1) {
    problems.push(`The file has ${plans.length} plans; it needs one.`);
  } else if (planned !== results.length) {
    problems.push(`${planned} tests were planned, ${results.length} ran.`);
  }
  if (lines.some((line) => line.startsWith("Bail out!"))) {
    problems.push("The file bailed out.");
  }
  return problems;
}

/** Where in the file the server found the mistake, if it says so. */
function lineOf(error: postgres.PostgresError, text: string): string {
  if (!error.position) return "";
  return ` (line ${text.slice(0, Number(error.position)).split("\n").length})`;
}
