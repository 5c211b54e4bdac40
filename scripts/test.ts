/**
 * Runs every test: on a stack of its own with free ports and a data folder that
 * is thrown away, so that runs can overlap. Arguments are handed to
 * `deno test`: `deno task test tests/http/rotation_test.ts --filter fifty`.
 *
 * The last line is `N passed, N failed`, counted from the reports of what ran.
 *
 * @module
 */
import postgres from "postgres";
import {
  functionsEnvironment,
  startFunctions,
} from "../stack/functions_process.ts";
import { readConfig } from "../stack/config.ts";
import { startStack } from "../stack/stack.ts";
import type { TestStack } from "../tests/harness.ts";

/** What the edge runtime reports as its version of Deno. */
const EDGE_RUNTIME_DENO = "2.1.4";

const LONGEST_MINUTES = 10;

/** What the functions under test are configured with. */
const FUNCTIONS_ENVIRONMENT = {
  LATCHKEY_COOKIE_ORIGINS: "http://127.0.0.1:1001,http://localhost:1001",
};

const root = new URL("..", import.meta.url).pathname;
const counts = { passed: 0, failed: 0 };
const work = await Deno.makeTempDir({ prefix: "latchkey_test_" });
// As root, the database runs as another user, who passes through here.
await Deno.chmod(work, 0o711);

try {
  await runOnStack(Deno.args);
  if (Deno.args.length === 0) {
    await runExamples();
    await runOnEdgeRuntime();
  }
} finally {
  await Deno.remove(work, { recursive: true }).catch(() => {});
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
Deno.exit(counts.failed > 0 || counts.passed === 0 ? 1 : 0);

async function runOnStack(args: string[]) {
  await using cleanup = new AsyncDisposableStack();
  const stack = await startStack({
    port: 0,
    dbPort: 0,
    data: `${work}/data`,
    functionsEnv: FUNCTIONS_ENVIRONMENT,
    onProgress: (message) => console.error(`${message} …`),
    onLog,
  });
  cleanup.defer(() => stack.stop());

  // The second way to the database: the role logs in once it has a password.
  const password = crypto.randomUUID();
  const sql = postgres(stack.dbUrl, { max: 1 });
  await sql.unsafe(
    `alter role latchkey_functions login password '${password}'`,
  );
  await sql.end();
  const connection = new URL(stack.dbUrl);
  connection.username = "latchkey_functions";
  connection.password = password;
  const { functions } = await readConfig(root);
  const overConnection = await startFunctions({
    projectRoot: root,
    names: functions.map(({ name }) => name),
    env: {
      ...functionsEnvironment({
        apiUrl: stack.apiUrl,
        databaseUrl: stack.dbUrl,
        keys: stack.keys,
      }),
      ...FUNCTIONS_ENVIRONMENT,
      LATCHKEY_DB_URL: connection.href,
    },
    onLog,
  });
  cleanup.defer(() => overConnection.close());

  const description: TestStack = {
    apiUrl: stack.apiUrl,
    publishableKey: stack.publishableKey,
    secretKey: stack.secretKey,
    dbUrl: stack.dbUrl,
    superuserUrl: stack.superuserUrl,
    connectionFunctionsUrl: overConnection.url,
    keys: stack.keys,
  };
  await run(Deno.execPath(), ["test", "-A", ...args], {
    LATCHKEY_TEST_STACK: JSON.stringify(description),
    LATCHKEY_TEST_DB_URL: stack.dbUrl,
  });
}

/** A line per request would bury what the tests say; a bug must not be. */
function onLog(line: string) {
  if (!/^\[\w+\] \{"request_id"/.test(line) || line.includes('"bug"')) {
    console.error(line);
  }
}

/** The examples in the docstrings; those marked `ignore` need a project. */
async function runExamples() {
  const files: string[] = [];
  for (const folder of ["client", "supabase/functions/_latchkey"]) {
    for (const { name } of Deno.readDirSync(`${root}${folder}`)) {
      const file = `${folder}/${name}`;
      const text = await Deno.readTextFile(`${root}${file}`);
      if (/^ +\* ```ts$/m.test(text)) files.push(file);
    }
  }
  await run(Deno.execPath(), ["test", "-A", "--doc", ...files], {});
}

/** The functions' own tests, once more on the version that will run them. */
async function runOnEdgeRuntime() {
  // That version reads neither this lock file nor these types; the version
  // above has checked both.
  await run("npx", [
    "-y",
    `deno@${EDGE_RUNTIME_DENO}`,
    "test",
    "-A",
    "--no-check",
    "--no-lock",
    "supabase/functions",
  ], {});
}

async function run(
  command: string,
  args: string[],
  env: Record<string, string>,
) {
  const report = `${work}/${crypto.randomUUID()}.xml`;
  const { success } = await new Deno.Command(command, {
    args: [...args, `--junit-path=${report}`],
    cwd: root,
    env,
    // A test that hangs fails the run instead of holding it up.
    signal: AbortSignal.timeout(LONGEST_MINUTES * 60_000),
  }).spawn().status;
  const [passed, failed] = count(
    await Deno.readTextFile(report).catch(() => ""),
  );
  counts.passed += passed;
  // A run that broke off before it could report has failed too.
  counts.failed += success ? failed : Math.max(failed, 1);
}

/** Reads the totals of a JUnit report. */
function count(report: string): [passed: number, failed: number] {
  const total = (name: string) =>
    [...report.matchAll(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`, "g"))]
      .reduce((sum, [, number]) => sum + Number(number), 0);
  const failed = total("failures") + total("errors");
  return [total("tests") - failed - total("disabled"), failed];
}
