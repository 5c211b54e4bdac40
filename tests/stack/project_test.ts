/** `start` on a project of the user's own, as `supabase init` makes it. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { dirname, join } from "@std/path";
import { createClient } from "@supabase/supabase-js";
import { fetchCli } from "../../stack/migrate.ts";
import { choosePort } from "../../stack/postgres.ts";

const root = new URL("../..", import.meta.url).pathname;

/** Folders with projects below them, which are removed afterwards. */
async function workspace() {
  const work = await Deno.makeTempDir({ prefix: "latchkey project " });
  // As root, PostgreSQL runs as another user, who must be able to enter.
  await Deno.chmod(work, 0o711);
  return {
    work,
    [Symbol.asyncDispose]: () => Deno.remove(work, { recursive: true }),
  };
}

/** Makes a project with free ports, and with more files. */
async function makeProject(folder: string, files: Record<string, string> = {}) {
  await Deno.mkdir(folder, { recursive: true });
  const { success, stderr } = await new Deno.Command(await fetchCli(), {
    args: ["init", "--workdir", folder],
    cwd: folder,
    env: { SUPABASE_TELEMETRY_DISABLED: "1" },
    stdin: "null",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  await changeConfig(folder, {
    "port = 54321": `port = ${choosePort(0)}`,
    "port = 54322": `port = ${choosePort(0)}`,
  });
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, "supabase", path);
    await Deno.mkdir(dirname(file), { recursive: true });
    await Deno.writeTextFile(file, text);
  }
}

async function changeConfig(folder: string, changes: Record<string, string>) {
  const path = join(folder, "supabase", "config.toml");
  let text = await Deno.readTextFile(path);
  for (const [before, after] of Object.entries(changes)) {
    assert(text.includes(before), `${before} is not in ${path}`);
    text = text.replace(before, after);
  }
  await Deno.writeTextFile(path, text);
}

interface Ready {
  API_URL: string;
  PUBLISHABLE_KEY: string;
}

/** Runs `start` in a folder until it is ready, or has failed. */
async function start(cwd: string, data: string, ...flags: string[]) {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", `--config=${join(root, "deno.json")}`],
      ...[join(root, "cli/start.ts"), "--output", "json", "--data", data],
      ...flags,
    ],
    cwd,
    env: { INIT_CWD: cwd, NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Response(process.stderr).text();
  let line = "";
  for await (
    const chunk of process.stdout.pipeThrough(new TextDecoderStream())
  ) {
    line += chunk;
    if (line.includes("\n")) break;
  }
  const ready: Ready | null = line ? JSON.parse(line) : null;
  return {
    ready,
    /** Everything on stderr, once it has stopped. */
    errors,
    async [Symbol.asyncDispose]() {
      try {
        process.kill("SIGINT");
      } catch {
        // It has stopped already.
      }
      await process.status;
    },
  };
}

const FRUITS = `
  create table public.fruits (name text primary key);
  alter table public.fruits enable row level security;
  create policy "All can read" on public.fruits for select using (true);
  grant select on public.fruits to anon;`;

Deno.test("start runs a user's project: its migrations, seed, functions, variables and settings", async () => {
  await using space = await workspace();
  const folder = join(space.work, "an app");
  await makeProject(folder, {
    "migrations/20240101000000_fruits.sql": FRUITS,
    "seed.sql": "insert into public.fruits values ('apple');",
    "functions/.env": "GREETING='hello from .env'\nSUPABASE_X=1\n",
    "functions/greet/index.ts": `
      import "jsr:@supabase/functions-js/edge-runtime.d.ts";
      Deno.serve(() => new Response(
        Deno.env.get("GREETING") + Deno.env.get("SECRET") +
        Deno.env.has("SUPABASE_X") + Deno.env.has("SUPABASE_ANON_KEY")));`,
  });
  await changeConfig(folder, {
    "minimum_password_length = 6": "minimum_password_length = 12",
    "[edge_runtime]": "[functions.greet]\nverify_jwt = false\n\n[edge_runtime]",
    "enable_anonymous_sign_ins = false": "enable_anonymous_sign_ins = true",
    "[analytics]":
      '[edge_runtime.secrets]\nSECRET = " and a secret "\n\n[analytics]',
  });
  let said: Promise<string>;
  {
    await using stack = await start(
      join(folder, "supabase", "functions"),
      join(space.work, "data"),
    );
    said = stack.errors;
    if (!stack.ready) throw new Error(await said);
    const { API_URL, PUBLISHABLE_KEY } = stack.ready;
    const config = await Deno.readTextFile(
      join(folder, "supabase/config.toml"),
    );
    assertEquals(new URL(API_URL).port, config.match(/^port = (\d+)/m)![1]);

    const client = createClient(API_URL, PUBLISHABLE_KEY, {
      auth: { persistSession: false, autoRefreshToken: false },
    });
    const fruits = await client.from("fruits").select();
    assertEquals(fruits.data, [{ name: "apple" }]);
    const greeting = await fetch(`${API_URL}/functions/v1/greet`);
    assertEquals(
      await greeting.text(),
      "hello from .env and a secret falsetrue",
    );
    const signUp = await client.auth.signUp({
      email: "a@example.com",
      password: "short",
    });
    assertEquals(signUp.error?.code, "weak_password");
    const storage = await fetch(`${API_URL}/storage/v1/bucket`);
    assertEquals(storage.status, 501);
    assertMatch((await storage.json()).message, /Storage .* `supabase start`/);
  }
  const notes = await said;
  assertMatch(
    notes,
    /Storage does not run locally \(storage in config\.toml\)/,
  );
  assertMatch(notes, /no anonymous users \(auth\.enable_anonymous_sign_ins/);
  assertMatch(notes, /SUPABASE_X in supabase\/functions\/\.env has no effect/);
});

Deno.test("start runs two projects side by side, from a folder above and from one below", async () => {
  await using space = await workspace();
  const [one, two] = [
    join(space.work, "1", "app"),
    join(space.work, "2", "app"),
  ];
  await makeProject(one, {
    "functions/name/index.ts": `Deno.serve(() => new Response("one"));`,
  });
  await makeProject(two, {
    "functions/name/index.ts": `Deno.serve(() => new Response("two"));`,
  });
  for (const folder of [one, two]) {
    await changeConfig(folder, {
      "[edge_runtime]":
        "[functions.name]\nverify_jwt = false\n\n[edge_runtime]",
    });
  }
  await using first = await start(dirname(one), join(space.work, "data 1"));
  await using second = await start(
    join(two, "supabase"),
    join(space.work, "data 2"),
  );
  const texts = [];
  for (const { ready } of [first, second]) {
    const answer = await fetch(`${ready!.API_URL}/functions/v1/name`);
    texts.push(await answer.text());
  }
  assertEquals(texts, ["one", "two"]);
});

Deno.test("start says what to do when a migration needs what does not run here", async () => {
  await using space = await workspace();
  const folder = join(space.work, "app");
  await makeProject(folder, {
    "migrations/20240101000000_cron.sql": "create extension pg_cron;",
  });
  await using stack = await start(folder, join(space.work, "data"));
  assertEquals(stack.ready, null);
  assertMatch(
    await stack.errors,
    /not pg_cron\. .* if exists \(select from pg_available_extensions/,
  );
});

Deno.test("start says that config.toml cannot be read", async () => {
  await using space = await workspace();
  const folder = join(space.work, "app");
  await makeProject(folder);
  await Deno.writeTextFile(
    join(folder, "supabase", "config.toml"),
    "project_id = ",
  );
  await using stack = await start(folder, join(space.work, "data"));
  assertMatch(await stack.errors, /config\.toml cannot be read: /);
});
