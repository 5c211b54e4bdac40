/**
 * Runs the tests. See `usage`.
 *
 * @module
 */
import {
  certificateEnvironment,
  EDGE_RUNTIME_DENO,
} from "../stack/edge_runtime.ts";
import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { fromFileUrl } from "@std/path";
import { connect } from "../stack/sql.ts";
import { readConfig } from "../stack/config.ts";
import { describeRunning, type RunningStack } from "../stack/data_folder.ts";
import { functionsEnvironment, startFunctions } from "../stack/functions.ts";
import { startStack } from "../stack/stack.ts";
import { describe, type Failure, readRun } from "./test_report.ts";
import type { TestStack } from "../tests/harness.ts";

const usage = `Runs the tests. The last line is \`N passed, N failed\`.

Usage: deno task test [flags] [files and folders] [flags of deno test]

  deno task test                                      every test
  deno task test tests/http/rotation_test.ts          one file
  deno task test supabase/tests/refresh               a folder with pgTAP files
  deno task test tests/http/flow_test.ts --filter mfa some tests of one file

The tests get a stack of their own on free ports, with a data folder that is
removed afterwards, so that runs can overlap.

  --running      use the stack that \`deno task start\` runs for this project. The
                 tests add users to it and give the database role
                 latchkey_functions a new password. The tests of cookies need it
                 started with LATCHKEY_COOKIE_ORIGINS=<the origins below>
  --data DIR     with --running: the stack that was started with --data DIR
  --help         show this text
`;

const LONGEST_MINUTES = 20;

/** How long a run that has ended may take to show the rest of its output. */
const LONGEST_DRAIN_MILLISECONDS = 2000;

/** The settings of the functions under test. */
const FUNCTIONS_ENVIRONMENT = {
  LATCHKEY_COOKIE_ORIGINS: "http://127.0.0.1:1001,http://localhost:1001",
  LATCHKEY_COUNTRY_HEADER: "cf-ipcountry",
};

/**
 * As on a project that has clients; a refusal waits less than a test. The tests
 * share the stack, and one that ends thousands of sessions must not use up the
 * rate limit of the next.
 */
const REALTIME = {
  awake: true,
  refusalDelay: 100,
  reconnectAfter: 100,
  maxEventsPerSecond: 1_000_000,
};

const root = fromFileUrl(new URL("..", import.meta.url));

interface Options {
  running: boolean;
  data: string | undefined;
  help: boolean;
  /** Paths of pgTAP files and of folders with them. */
  pgtap: string[];
  /** Everything else, which goes to `deno test`. */
  rest: string[];
}

function readArguments(args: string[]): Options {
  const options: Options = {
    running: false,
    data: undefined,
    help: false,
    pgtap: [],
    rest: [],
  };
  for (let i = 0; i < args.length; i++) {
    const argument = args[i]!;
    if (argument === "--running") options.running = true;
    else if (argument === "--help") options.help = true;
    else if (argument === "--data") options.data = args[++i];
    else if (/\.sql$|^(\.\/)?supabase\/tests\b/.test(argument)) {
      if (!existsSync(argument)) throw new Error(`${argument} does not exist.`);
      options.pgtap.push(argument);
    } else options.rest.push(argument);
  }
  if (options.data !== undefined && !options.running) {
    throw new Error("--data needs --running. See --help.");
  }
  return options;
}

/** Counts what the runs report. */
class Tests {
  #passed = 0;
  readonly #failures: Failure[] = [];

  /** @param work folder for the reports */
  constructor(readonly work: string) {}

  get succeeded(): boolean {
    return this.#failures.length === 0 && this.#passed > 0;
  }

  /** Each failure, and the totals in the last line. */
  get summary(): string {
    const totals = `${this.#passed} passed, ${this.#failures.length} failed`;
    return this.#failures.length === 0
      ? totals
      : `${describe(this.#failures)}\n${totals}`;
  }

  /** Runs `deno test` with arguments, by default with this version of Deno. */
  async run(
    args: string[],
    { command = Deno.execPath(), before = [] as string[], env = {} } = {},
  ) {
    const report = `${this.work}/${crypto.randomUUID()}.xml`;
    const process = new Deno.Command(command, {
      args: [...before, "test", "-A", `--junit-path=${report}`, ...args],
      cwd: root,
      env,
      stdout: "piped",
      stderr: "piped",
      // A test that hangs fails the run instead of holding it up.
      signal: AbortSignal.timeout(LONGEST_MINUTES * 60_000),
    }).spawn();
    const output = new Output();
    const shown = Promise.all([
      output.show(process.stdout, Deno.stdout),
      output.show(process.stderr, Deno.stderr),
    ]);
    const { success } = await process.status;
    // What a test has started and not ended may keep the streams open.
    await Promise.race([shown, delay(LONGEST_DRAIN_MILLISECONDS)]);
    const { passed, failures } = readRun({
      report: await Deno.readTextFile(report).catch(() => ""),
      output: output.text,
      success,
    });
    this.#passed += passed;
    this.#failures.push(...failures);
  }
}

/** What a process prints. */
class Output {
  text = "";

  /** Shows a stream as it arrives. */
  async show(
    stream: ReadableStream<Uint8Array>,
    target: { write(bytes: Uint8Array): Promise<number> },
  ) {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      this.text += decoder.decode(chunk, { stream: true });
      for (let sent = 0; sent < chunk.length;) {
        sent += await target.write(chunk.subarray(sent));
      }
    }
  }
}

async function runOnStack(tests: Tests, options: Options) {
  await using cleanup = new AsyncDisposableStack();
  const stack = options.running
    ? await findRunningStack(options.data)
    : await startOwnStack(tests.work, cleanup);
  const overConnection = await startConnectionFunctions(stack);
  cleanup.defer(() => overConnection.close());

  const description: TestStack = {
    apiUrl: stack.apiUrl,
    publishableKey: stack.keys.publishableKey,
    secretKey: stack.keys.secretKey,
    dbUrl: stack.dbUrl,
    superuserUrl: stack.superuserUrl,
    connectionFunctionsUrl: overConnection.url,
    keys: stack.keys,
  };
  const pgtapRunner = options.pgtap.length > 0
    ? ["tests/stack/pgtap_test.ts"]
    : [];
  await tests.run([...pgtapRunner, ...options.rest], {
    env: {
      LATCHKEY_TEST_STACK: JSON.stringify(description),
      LATCHKEY_TEST_DB_URL: stack.dbUrl,
      LATCHKEY_TEST_PGTAP: JSON.stringify(options.pgtap),
    },
  });
}

async function findRunningStack(data?: string): Promise<RunningStack> {
  const stack = await describeRunning(root, data);
  // A stack that was killed leaves its description behind.
  const answers = stack !== null &&
    await fetch(stack.apiUrl).then(async (response) => {
      await response.body?.cancel();
      return true;
    }, () => false);
  if (answers) return stack;
  throw new Error(
    data === undefined
      ? "No stack runs for this project. Start one with `deno task start`, " +
        "or leave --running out."
      : `No stack runs on the data folder ${data}. Start one with ` +
        "`deno task start --data DIR`, or leave --running out.",
  );
}

async function startOwnStack(work: string, cleanup: AsyncDisposableStack) {
  const stack = await startStack({
    port: 0,
    dbPort: 0,
    data: `${work}/data`,
    functionsEnv: FUNCTIONS_ENVIRONMENT,
    realtime: REALTIME,
    onProgress: (message) => console.error(`${message} …`),
    onLog,
  });
  cleanup.defer(() => stack.stop());
  return stack;
}

/** The functions once more, with LATCHKEY_DB_URL: the second way they reach the database. */
async function startConnectionFunctions(stack: RunningStack) {
  const password = crypto.randomUUID();
  const sql = connect(stack.dbUrl, { max: 1 });
  await sql.unsafe(
    `alter role latchkey_functions login password '${password}'`,
  );
  await sql.end();
  const connection = new URL(stack.dbUrl);
  connection.username = "latchkey_functions";
  connection.password = password;
  const { functions } = await readConfig(root);
  return await startFunctions({
    projectRoot: root,
    functions,
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
}

/** Shows the functions' log without its line per request, except for bugs. */
function onLog(line: string) {
  if (!/^\[\w+\] \{"request_id"/.test(line) || line.includes('"bug"')) {
    console.error(line);
  }
}

/** Runs the examples in docstrings. Those marked `ignore` need a project. */
async function runExamples(tests: Tests) {
  const files: string[] = [];
  for (
    const folder of ["client", "server", "supabase/functions/_latchkey"]
  ) {
    for (const { name } of Deno.readDirSync(`${root}${folder}`)) {
      const file = `${folder}/${name}`;
      const text = await Deno.readTextFile(`${root}${file}`);
      if (/^ +\* ```ts$/m.test(text)) files.push(file);
    }
  }
  await tests.run(["--doc", ...files]);
}

/** Runs the functions' own tests on the version of Deno that deploys run on. */
async function runOnEdgeRuntime(tests: Tests) {
  await tests.run(
    // That version reads neither this lock file nor these types; the version
    // above has checked both.
    ["--no-check", "--no-lock", "supabase/functions"],
    {
      command: "npx",
      before: ["-y", `deno@${EDGE_RUNTIME_DENO}`],
      env: certificateEnvironment(),
    },
  );
}

async function main() {
  const options = readArguments(Deno.args);
  if (options.help) {
    console.log(usage);
    for (const [name, value] of Object.entries(FUNCTIONS_ENVIRONMENT)) {
      console.log(`  ${name}=${value}`);
    }
    return true;
  }
  const work = await Deno.makeTempDir({ prefix: "latchkey_test_" });
  // As root, PostgreSQL runs as another user, who must be able to enter.
  await Deno.chmod(work, 0o711);
  const tests = new Tests(work);
  try {
    await runOnStack(tests, options);
    if (options.pgtap.length === 0 && options.rest.length === 0) {
      await runExamples(tests);
      await runOnEdgeRuntime(tests);
    }
  } finally {
    await Deno.remove(work, { recursive: true }).catch(() => {});
  }
  console.log(tests.summary);
  return tests.succeeded;
}

try {
  Deno.exit(await main() ? 0 : 1);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(1);
}
