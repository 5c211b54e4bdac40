import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { createClient } from "@supabase/supabase-js";
import { until } from "../tests/harness.ts";
import { exists } from "./local/files.ts";
import { parseFlags } from "./start.ts";

Deno.test("parseFlags() has the Supabase CLI's ports as defaults", () => {
  const { port, dbPort, reset, json } = parseFlags([]);
  assertEquals([port, dbPort, reset, json], [54321, 54322, false, false]);
});

Deno.test("parseFlags() names what it does not understand", () => {
  const cases: [string[], string][] = [
    [["--prot", "1"], "--prot"],
    [["extra"], "extra"],
    [["--port", "http"], "--port"],
    [["--db-port", "65536"], "--db-port"],
    [["--output", "yaml"], "--output"],
    [["--auth-url", "localhost"], "--auth-url"],
    [["--data", ""], "--data"],
  ];
  for (const [args, name] of cases) {
    assertThrows(() => parseFlags(args), Error, name);
  }
});

Deno.test("start", async (t) => {
  const folder = await Deno.makeTempDir();
  // As root, the database runs as another user, who passes through here.
  await Deno.chmod(folder, 0o711);
  const flags = ["--data", `${folder}/data`];
  const user = { email: "ada@example.com", password: "correct horse" };
  const signIn = async (status: Status) => {
    const client = createClient(status.API_URL, status.PUBLISHABLE_KEY, {
      auth: { persistSession: false, autoRefreshToken: false },
    });
    return (await client.auth.signInWithPassword(user)).error?.code;
  };
  let first: Status;

  try {
    await t.step("prints one line of JSON once it is ready", async () => {
      const run = await start(flags);
      first = run.status;
      assertEquals(Object.keys(first), [
        ...["API_URL", "PUBLISHABLE_KEY", "SECRET_KEY", "DB_URL"],
      ]);
      const client = createClient(first.API_URL, first.PUBLISHABLE_KEY);
      const { error } = await client.auth.signUp(user);
      await client.auth.signOut({ scope: "local" });
      assertEquals(error, null);
      assertEquals(await run.stop("SIGINT"), 0);
      assertEquals(await listens(first.DB_URL), false);
      assertEquals(await exists(`${folder}/data/lock`), false);
    });

    await t.step("keeps users and keys, and dies without a trace", async () => {
      const run = await start(flags);
      assertEquals(run.status.SECRET_KEY, first.SECRET_KEY);
      assertEquals(await signIn(run.status), undefined);
      await run.stop("SIGKILL");
      await until(
        async () => !await listens(run.status.DB_URL),
        "the database to follow its killed parent",
      );
    });

    await t.step(
      "comes back after that, and lets nobody in twice",
      async () => {
        const run = await start(flags);
        assertEquals(await signIn(run.status), undefined);
        assertMatch(await failure(flags), /already runs .*process \d+.*--data/);
        assertMatch(
          await failure(["--port", new URL(run.status.API_URL).port]),
          /in use.*--port/,
        );
        assertEquals(await run.stop("SIGTERM"), 0);
      },
    );

    await t.step("starts over with --reset", async () => {
      const run = await start([...flags, "--reset"]);
      assertEquals(run.status.SECRET_KEY === first.SECRET_KEY, false);
      assertEquals(await signIn(run.status), "invalid_credentials");
      assertEquals(await run.stop("SIGHUP"), 0);
    });

    await t.step("refuses another PostgreSQL's data", async () => {
      await Deno.writeTextFile(`${folder}/data/postgres/PG_VERSION`, "16\n");
      assertMatch(await failure(flags), /PostgreSQL 16.*--data.*--reset/s);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

interface Status {
  API_URL: string;
  PUBLISHABLE_KEY: string;
  SECRET_KEY: string;
  DB_URL: string;
}

function command(flags: string[], stderr: "inherit" | "piped") {
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", new URL("start.ts", import.meta.url).pathname],
      ...["--output", "json", "--port", "0", "--db-port", "0", ...flags],
    ],
    stdout: "piped",
    stderr,
  });
}

async function start(flags: string[]) {
  const process = command(flags, "inherit").spawn();
  const reader = process.stdout.pipeThrough(new TextDecoderStream())
    .getReader();
  const { value = "" } = await reader.read();
  return {
    status: JSON.parse(value) as Status,
    async stop(signal: Deno.Signal): Promise<number> {
      process.kill(signal);
      await reader.cancel();
      return (await process.status).code;
    },
  };
}

async function failure(flags: string[]): Promise<string> {
  const { code, stderr } = await command(flags, "piped").output();
  assertEquals(code, 1);
  return new TextDecoder().decode(stderr);
}

async function listens(url: string): Promise<boolean> {
  try {
    const port = Number(new URL(url).port);
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}
