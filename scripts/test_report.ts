/**
 * What a run of `deno test` reports: how many tests passed, and which failed.
 *
 * @module
 */
import { DOMParser } from "linkedom";
import { stripVTControlCharacters } from "node:util";

/** A run of `deno test` that has ended. */
export interface Run {
  /** Its JUnit report; empty if it ended before it wrote one. */
  report: string;
  /** What it printed. */
  output: string;
  success: boolean;
}

/** A test, a step or a file that failed. */
export interface Failure {
  name: string;
  /** The error, and where it was thrown. */
  error: string;
}

/** How many characters {@link describe} returns at most, unless names need more. */
const LONGEST_DESCRIPTION = 8000;

/** The longest line of an error that is shown whole. */
const LONGEST_LINE = 200;

/** How much of the output tells how far a run came that ended early. */
const LAST_LINES = 15;

/** Counts the tests of a run and lists its failures. */
export function readRun(run: Run): { passed: number; failures: Failure[] } {
  const output = stripVTControlCharacters(run.output);
  const failures: Failure[] = [];
  let passed = 0;
  if (run.report !== "") {
    // As HTML, because linkedom decodes entities in attributes only there.
    const report = new DOMParser().parseFromString(run.report, "text/html");
    for (const test of report.querySelectorAll("testcase")) {
      const failure = test.querySelector("failure, error");
      if (failure) {
        failures.push({
          name: `${test.getAttribute("classname")} => ${
            test.getAttribute("name")
          }`,
          error: failure.textContent,
        });
      } else if (!test.querySelector("skipped")) passed++;
    }
  } else {
    for (const [, name] of output.matchAll(/^(.+?)(?: \.\.\.)? FAILED\b/gm)) {
      failures.push({ name: name!.trim(), error: "" });
    }
  }
  failures.push(...failedFiles(output));
  if (!run.success && (run.report === "" || failures.length === 0)) {
    failures.push({
      name: "The run of `deno test` ended early. It last printed:",
      error: output.trimEnd().split("\n").slice(-LAST_LINES).join("\n"),
    });
  }
  return { passed, failures };
}

/** Files that failed outside a test. The report does not contain them. */
function failedFiles(output: string): Failure[] {
  return [
    ...[...output.matchAll(/^(\S+ \(uncaught error\))\n(error: [^]*?)\n\n/gm)]
      .map(([, name, error]) => ({ name: name!, error: error! })),
    ...[...output.matchAll(/^error (\S+) (called `Deno\.exit\b.*)$/gm)]
      .map(([, name, error]) => ({ name: name!, error: error! })),
  ];
}

/**
 * Names all failures, with as many lines of each error as fit: CI shows only the
 * end of a long log.
 *
 * @param longest The most characters. The names are complete in any case.
 */
export function describe(
  failures: Failure[],
  longest = LONGEST_DESCRIPTION,
): string {
  const text = (lines: number) =>
    failures.map(({ name, error }) =>
      [
        `FAILED ${name}`,
        ...stripVTControlCharacters(error).split("\n")
          .filter((line) => line.trim() !== "")
          .slice(0, lines)
          .map((line) => `    ${line.slice(0, LONGEST_LINE)}`),
      ].join("\n")
    ).join("\n");
  for (let lines = LAST_LINES; lines > 0; lines--) {
    if (text(lines).length <= longest) return text(lines);
  }
  return text(0);
}
