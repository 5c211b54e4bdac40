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

const usage =
  `Runs the tests. The last line is \`N passed, N failed\`, and before
it are the names and errors of the tests that failed.

Usage: deno task test [flags] [files and folders] [flags of deno test]

  deno task test                                      every test
  deno task test tests/http/rotation_test.ts          one file
  deno task test supabase/tests/refresh               a folder with pgTAP files
  deno task test tests/http/flow_test.ts --filter mfa some tests of one file

The tests get a stack of their own on free ports, with a data folder that is
removed afterwards, so that runs can overlap. The run of every test has two
stacks, and runs two parts at the same time.

  --running      use the stack that \`deno task start\` runs for this project. The
                 tests add users to it and give the database role
                 latchkey_functions a new password. Some tests need it started
                 with the environment variables below
  --data DIR     with --running: the stack that was started with --data DIR
  --help         show this text
`;

const LONGEST_MINUTES = 20;

/** The parts of the full run that take longest, the longest first. */
const LONG_PARTS = [
  "tests/http",
  "tests/browser",
  "tests/client",
  "tests/stack",
  "cli",
];

/** How long a run that has ended may take to show the rest of its output. */
const LONGEST_DRAIN_MILLISECONDS = 2000;

/**
 * The cost of a password hash in the embedded Auth. The default, 10, takes 0.1 s
 * for each sign-up and sign-in.
 */
const BCRYPT_COST = "4";

/** The key of the web servers under test. It protects nothing else. */
const SERVER_KEY = {
  kty: "EC",
  crv: "P-256",
  x: "fTHN9Sz8nruVgpA0pF62TgG0huiLYCBJn3pZwgmAAdk",
  y: "dNvSnPep6QnQQWF903I96zAmOmUcPEsuZCtXqb67kek",
  d: "VmEDNzDiAJmD3ZhLBMkJVovgj-yarZIJxxjsvHU0ywU",
};

/** The settings of the functions under test. */
const FUNCTIONS_ENVIRONMENT = {
  LATCHKEY_COOKIE_ORIGINS: "http://127.0.0.1:1001,http://localhost:1001",
  LATCHKEY_COUNTRY_HEADER: "cf-ipcountry",
  LATCHKEY_SERVER_THUMBPRINTS: "khCCaTMRwcmVC8khG9TPh0c0A5gZ3PXgTZ5a05kq3x4",
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

/** Runs tests and counts what the runs report. */
class Tests {
  #passed = 0;
  readonly #failures: Failure[] = [];
  readonly #screen = new Screen();
  // A test that hangs fails the run instead of holding it up.
  readonly #signal = AbortSignal.timeout(LONGEST_MINUTES * 60_000);

  /** @param work folder for the reports and for what the tests share */
  constructor(readonly work: string) {}

  get succeeded(): boolean {
    return this.#failures.length === 0 && this.#passed > 0;
  }

  /** Prints each failure, and the totals in the last line. */
  async printSummary() {
    await this.#screen.shown;
    if (this.#failures.length > 0) console.log(describe(this.#failures));
    console.log(`${this.#passed} passed, ${this.#failures.length} failed`);
  }

  /** Runs `deno test` with arguments, by default with this version of Deno. */
  async run(
    args: string[],
    { command = Deno.execPath(), before = [] as string[], env = {} } = {},
  ) {
    if (this.#signal.aborted) {
      this.#failures.push({
        name: `deno test ${args.join(" ")}`,
        error: `Not run, because ${LONGEST_MINUTES} minutes had passed.`,
      });
      return;
    }
    const report = `${this.work}/${crypto.randomUUID()}.xml`;
    const process = new Deno.Command(command, {
      args: [...before, "test", "-A", `--junit-path=${report}`, ...args],
      cwd: root,
      env: { LATCHKEY_TEST_WORK: this.work, ...env },
      stdout: "piped",
      stderr: "piped",
      signal: this.#signal,
    }).spawn();
    const output = this.#screen.show(process);
    const { success } = await process.status;
    const { passed, failures } = readRun({
      report: await Deno.readTextFile(report).catch(() => ""),
      output: await output,
      success,
    });
    this.#passed += passed;
    this.#failures.push(...failures);
  }

  /** Checks the types of all files. */
  async check() {
    const process = new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", "."],
      cwd: root,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = this.#screen.show(process);
    if ((await process.status).success) return;
    this.#failures.push({ name: "deno check .", error: await output });
  }
}

/**
 * Shows what processes print. Of several that run at the same time, it shows the
 * first one as it prints, and the next one when that has ended.
 */
class Screen {
  /** Resolves when everything is shown. */
  shown: Promise<void> = Promise.resolve();

  /** Shows the output of a process, and returns it when the process has ended. */
  async show(process: Deno.ChildProcess): Promise<string> {
    let text = "";
    let turn = this.shown;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.shown = promise;
    const read = async (
      stream: ReadableStream<Uint8Array>,
      target: typeof Deno.stdout | typeof Deno.stderr,
    ) => {
      const decoder = new TextDecoder();
      for await (const chunk of stream) {
        text += decoder.decode(chunk, { stream: true });
        turn = turn.then(() => writeAll(target, chunk));
      }
    };
    await Promise.race([
      Promise.all([
        read(process.stdout, Deno.stdout),
        read(process.stderr, Deno.stderr),
      ]),
      // What a test has started and not ended may keep the streams open.
      process.status.then(() => delay(LONGEST_DRAIN_MILLISECONDS)),
    ]);
    turn.then(resolve);
    return text;
  }
}

async function writeAll(
  target: { write(bytes: Uint8Array): Promise<number> },
  bytes: Uint8Array,
) {
  for (let sent = 0; sent < bytes.length;) {
    sent += await target.write(bytes.subarray(sent));
  }
}

/** A stack, and the variables that tell tests of it. */
async function startTestStack(
  work: string,
  options: Options,
  cleanup: AsyncDisposableStack,
): Promise<Record<string, string>> {
  const stack = options.running
    ? await findRunningStack(options.data)
    : await startOwnStack(work, cleanup);
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
    serverKey: SERVER_KEY,
  };
  return {
    LATCHKEY_TEST_STACK: JSON.stringify(description),
    LATCHKEY_TEST_DB_URL: stack.dbUrl,
    LATCHKEY_TEST_PGTAP: JSON.stringify(options.pgtap),
  };
}

/** Runs the files that are named. */
async function runNamed(tests: Tests, options: Options) {
  await using cleanup = new AsyncDisposableStack();
  const env = await startTestStack(tests.work, options, cleanup);
  const pgtapRunner = options.pgtap.length > 0
    ? ["tests/stack/pgtap_test.ts"]
    : [];
  await tests.run([...pgtapRunner, ...options.rest], { env });
}

/**
 * Runs every test. Two parts run at the same time, because many tests wait for
 * something; each has a stack of its own.
 */
async function runAll(tests: Tests, options: Options) {
  await tests.check();
  const parts = [
    ...LONG_PARTS.map((folder) => [folder]),
    // The flag replaces the exclusion in deno.json.
    [`--ignore=scripts/test.ts,${LONG_PARTS.join()}`],
  ].map((args) => (env: Record<string, string>) =>
    // The types are checked above, once for all parts.
    tests.run(["--no-check", ...args], { env })
  );
  parts.push(() => runExamples(tests), () => runOnEdgeRuntime(tests));
  // Parts on one stack would change its settings under each other.
  const lanes = options.running ? 1 : 2;
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      await using cleanup = new AsyncDisposableStack();
      const work = `${tests.work}/${lane}`;
      await Deno.mkdir(work, { mode: 0o711 });
      const env = await startTestStack(work, options, cleanup);
      for (let part = parts.shift(); part; part = parts.shift()) {
        await part(env);
      }
    }),
  );
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
  // The stacks that tests start inherit it.
  Deno.env.set("LITE_AUTH_BCRYPT_COST", BCRYPT_COST);
  const work = await Deno.makeTempDir({ prefix: "latchkey_test_" });
  // As root, PostgreSQL runs as another user, who must be able to enter.
  await Deno.chmod(work, 0o711);
  const tests = new Tests(work);
  try {
    const isAll = options.pgtap.length === 0 && options.rest.length === 0;
    await (isAll ? runAll : runNamed)(tests, options);
  } finally {
    await Deno.remove(work, { recursive: true }).catch(() => {});
  }
  await tests.printSummary();
  return tests.succeeded;
}

try {
  Deno.exit(await main() ? 0 : 1);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(1);
}
