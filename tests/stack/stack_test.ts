/**
 * `deno task start` as its users meet it: ready, Ctrl-C, a second start, a
 * reset, and the mistakes.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { ended, processes } from "../../stack/processes.ts";
import { until } from "../harness.ts";

const root = new URL("../..", import.meta.url).pathname;

interface Ready {
  API_URL: string;
  PUBLISHABLE_KEY: string;
  SECRET_KEY: string;
  DB_URL: string;
}

/** The command in its own process, with its output. */
class Start {
  readonly process: Deno.ChildProcess;
  readonly output: Promise<string>;
  readonly errors: Promise<string>;

  constructor(...args: string[]) {
    this.process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "cli/start.ts", ...args],
      cwd: root,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const [line, all] = this.process.stdout.tee();
    this.#line = line;
    this.output = new Response(all).text();
    this.errors = new Response(this.process.stderr).text();
  }

  readonly #line: ReadableStream<Uint8Array>;

  /** The line of JSON that says it is ready. */
  async ready(): Promise<Ready> {
    let text = "";
    for await (const chunk of this.#line.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes("\n")) return JSON.parse(text);
    }
    throw new Error(`It never got ready: ${await this.errors}`);
  }

  /** Itself, its children, and the database on its data folder. */
  async family(data: string): Promise<number[]> {
    const all = await processes();
    const { pid } = this.process;
    return all.filter((process) =>
      process.pid === pid || process.parent === pid ||
      process.command.includes(data)
    ).map((process) => process.pid);
  }

  async stop(signal: Deno.Signal = "SIGINT"): Promise<number> {
    this.process.kill(signal);
    return (await this.process.status).code;
  }
}

async function withFolder(use: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir({ prefix: "latchkey_start_" });
  // As root, the database runs as another user, who passes through here.
  await Deno.chmod(folder, 0o711);
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const quiet = ["--port", "0", "--db-port", "0", "--output", "json", "--data"];

async function call(ready: Ready, path: string, body: unknown) {
  const response = await fetch(ready.API_URL + path, {
    method: "POST",
    headers: {
      apikey: ready.PUBLISHABLE_KEY,
      "Content-Type": "application/json",
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

Deno.test("start: ready, stopped by Ctrl-C, kept by the next start, gone by --reset", async () => {
  await withFolder(async (folder) => {
    const data = `${folder}/data`;
    const user = { email: "you@example.com", password: "correct horse" };

    const first = new Start(...quiet, data);
    const ready = await first.ready();
    assertMatch(ready.PUBLISHABLE_KEY, /^sb_publishable_[\w-]{22}_[\w-]{8}$/);
    assertMatch(ready.SECRET_KEY, /^sb_secret_[\w-]{22}_[\w-]{8}$/);
    assertEquals(
      Object.keys(ready).sort(),
      ["API_URL", "DB_URL", "PUBLISHABLE_KEY", "SECRET_KEY"],
    );
    assertEquals((await call(ready, "/auth/v1/signup", user)).status, 200);
    const login = await call(ready, "/functions/v1/login", user);
    assertEquals(login.status, 200);

    const family = await first.family(data);
    assert(family.length > 3, "a database and the functions run beside it");
    assertEquals(await first.stop(), 0);
    await ended(family);
    assertEquals((await first.output).trim().split("\n").length, 1);

    // The same users, sessions and keys; stopped by SIGTERM this time.
    const second = new Start(...quiet, data);
    const again = await second.ready();
    assertEquals(again.SECRET_KEY, ready.SECRET_KEY);
    const refresh = await call(again, "/functions/v1/refresh", {
      refresh_token: login.body.refresh_token,
    });
    assertEquals(refresh.status, 200);
    assertEquals(refresh.body.session_id, login.body.session_id);
    const secondFamily = await second.family(data);

    // Two at once on one folder: the second says who is there.
    const rival = new Start(...quiet, data);
    assertEquals((await rival.process.status).code, 1);
    assertMatch(
      await rival.errors,
      new RegExp(`\\b${second.process.pid}\\b[^]*--data`),
    );
    assertEquals(await second.stop("SIGTERM"), 0);
    await ended(secondFamily);

    const third = new Start(...quiet, data, "--reset");
    const empty = await third.ready();
    assert(empty.SECRET_KEY !== ready.SECRET_KEY);
    assertEquals(
      (await call(empty, "/functions/v1/login", user)).body.code,
      "invalid_credentials",
    );
    await third.stop();
  });
});

Deno.test("start: killed outright, it leaves nothing, and the next start works", async () => {
  await withFolder(async (folder) => {
    const first = new Start(...quiet, `${folder}/data`);
    await first.ready();
    const family = await first.family(`${folder}/data`);
    await first.stop("SIGKILL");
    await until(
      async () => (await processes(family)).length === 0,
      "its children to end",
    );
    const second = new Start(...quiet, `${folder}/data`);
    await second.ready();
    assertEquals(await second.stop(), 0);
  });
});

for (
  const [mistake, args, words, prepare] of [
    ["an unknown flag", ["--prot", "1"], /--prot/, null],
    ["a port that is no number", ["--port", "http"], /--port/, null],
    [
      "an output it does not know",
      ["--output", "yaml"],
      /--output[^]*json/,
      null,
    ],
    [
      "a folder of something else",
      ["--data", "FOLDER"],
      /not|other|empty/i,
      async (
        folder: string,
      ) => await Deno.writeTextFile(`${folder}/thesis.txt`, "years of work"),
    ],
    [
      "a folder that cannot be written",
      ["--data", "/proc/latchkey"],
      /\/proc\/latchkey/,
      null,
    ],
  ] as const
) {
  Deno.test(`start: ${mistake} is a clear error`, async () => {
    await withFolder(async (folder) => {
      await prepare?.(folder);
      const start = new Start(
        ...args.map((arg) => arg === "FOLDER" ? folder : arg),
        ...(args[0] === "--data" ? ["--reset"] : []),
      );
      // 2 is wrong usage, 1 a fault of the folder.
      const code = args[0] === "--data" ? 1 : 2;
      assertEquals((await start.process.status).code, code);
      const errors = await start.errors;
      assertMatch(errors, words);
      assert(!/ at .*\.ts:\d/.test(errors), `a stack trace: ${errors}`);
      if (prepare) {
        assertEquals(
          await Deno.readTextFile(`${folder}/thesis.txt`),
          "years of work",
        );
      }
    });
  });
}

Deno.test("start: a busy port names the flag to change", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = String((listener.addr as Deno.NetAddr).port);
  try {
    await withFolder(async (folder) => {
      const api = new Start(
        "--port",
        port,
        "--db-port",
        "0",
        "--data",
        `${folder}/a`,
      );
      assertEquals((await api.process.status).code, 1);
      assertMatch(await api.errors, new RegExp(`${port}[^]*--port`));
      const db = new Start(
        "--port",
        "0",
        "--db-port",
        port,
        "--data",
        `${folder}/b`,
      );
      assertEquals((await db.process.status).code, 1);
      assertMatch(await db.errors, new RegExp(`${port}[^]*--db-port`));
    });
  } finally {
    listener.close();
  }
});

Deno.test("start: data of another PostgreSQL are left alone", async () => {
  await withFolder(async (folder) => {
    const data = `${folder}/data`;
    const first = new Start(...quiet, data);
    await first.ready();
    await first.stop();
    const [version] = [...Deno.readDirSync(data)]
      .flatMap(({ name, isDirectory }) =>
        isDirectory ? [`${data}/${name}/PG_VERSION`] : [`${data}/PG_VERSION`]
      )
      .filter((path) => {
        try {
          return Deno.statSync(path).isFile;
        } catch {
          return false;
        }
      });
    await Deno.writeTextFile(version!, "15\n");
    const second = new Start(...quiet, data);
    assertEquals((await second.process.status).code, 1);
    assertMatch(await second.errors, /15[^]*--(data|reset)/);
    assertEquals(await Deno.readTextFile(version!), "15\n");
  });
});
