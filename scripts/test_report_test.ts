import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, readRun } from "./test_report.ts";

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>';

Deno.test("test report: counts tests and steps, and names those that failed", () => {
  const report = `${HEAD}
    <testsuite name="./a_test.ts" tests="4" disabled="1" errors="0" failures="2">
      <testcase name="good" classname="./a_test.ts"></testcase>
      <testcase name="later" classname="./a_test.ts"><skipped/></testcase>
      <testcase name="whole" classname="./a_test.ts">
        <failure message="1 test step failed">1 test step failed.</failure>
      </testcase>
      <testcase name="whole &gt; part" classname="./a_test.ts">
        <failure message="x">Error: 1 &lt; 2\n    at a_test.ts:4</failure>
      </testcase>
    </testsuite></testsuites>`;
  assertEquals(readRun({ report, output: "", success: false }), {
    passed: 1,
    failures: [
      { name: "./a_test.ts => whole", error: "1 test step failed." },
      {
        name: "./a_test.ts => whole > part",
        error: "Error: 1 < 2\n    at a_test.ts:4",
      },
    ],
  });
});

Deno.test("test report: names files that failed outside a test", () => {
  const { failures } = readRun({
    report: `${HEAD}</testsuites>`,
    output: `
 ERRORS 

./e_test.ts (uncaught error)
\x1b[31merror\x1b[0m: (in promise) Error: at load
throw new Error("at load");

\x1b[31merror\x1b[0m ./f_test.ts called \`Deno.exit(3)\` from outside any test.

 FAILURES 

./e_test.ts (uncaught error)

FAILED | 0 passed | 2 failed (1s)
`,
    success: false,
  });
  assertEquals(failures.map(({ name }) => name), [
    "./e_test.ts (uncaught error)",
    "./f_test.ts",
  ]);
  assertMatch(failures[0]!.error, /^error: .*at load\nthrow new Error/);
  assertEquals(
    failures[1]!.error,
    "called `Deno.exit(3)` from outside any test.",
  );
});

Deno.test("test report: of a run that ended early, names what had failed and shows the end", () => {
  const { passed, failures } = readRun({
    report: "",
    output: `first ... ok (1s)
second ...
------- post-test output -------
a line
----- post-test output end -----
second ... \x1b[31mFAILED\x1b[0m (2ms)
third ...`,
    success: false,
  });
  assertEquals(passed, 0);
  assertEquals(failures.map(({ name }) => name), [
    "second",
    "The run of `deno test` ended early. It last printed:",
  ]);
  assertMatch(
    failures[1]!.error,
    /second \.\.\. FAILED \(2ms\)\nthird \.\.\.$/,
  );
});

Deno.test("test report: a run that found nothing to run has failed", () => {
  const { failures } = readRun({
    report: "",
    output: "error: Type checking failed.\n",
    success: false,
  });
  assertMatch(failures[0]!.error, /Type checking failed/);
});

Deno.test("test report: names all failures, and shortens their errors to fit", () => {
  const failures = Array.from({ length: 100 }, (_, i) => ({
    name: `test ${i}`,
    error: Array.from({ length: 50 }, (_, line) => `line ${line}`).join("\n"),
  }));
  const one = describe(failures.slice(0, 1));
  assertMatch(one, /^FAILED test 0\n {4}line 0\n {4}line 1\n/);
  const all = describe(failures);
  assert(all.length <= 8000, `${all.length} characters`);
  for (const { name } of failures) assert(all.includes(`FAILED ${name}\n`));
  assertMatch(all, /FAILED test 99\n {4}line 0/);
  // Names are complete, even where nothing else fits.
  assertEquals(describe(failures, 10).split("\n").length, 100);
});
