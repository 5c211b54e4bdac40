import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { join } from "node:path";
import { fetchCli } from "../stack/migrate.ts";
import { functionBlocks, readConfig } from "./config_toml.ts";
import { checksum, readLock } from "./lock_file.ts";
import { newNumbers } from "./migrations.ts";
import { readTemplate } from "./template.ts";
import {
  assertSameFiles,
  comparable,
  emptyProject,
  killAtEach,
  latchkey,
  latchkeyIn,
  ownProject,
  run,
  SAME_NAMES,
  snapshot,
  writeFiles,
} from "./testing.ts";

const template = readTemplate();
const read = (project: string, path: string) =>
  Deno.readTextFile(join(project, path));

Deno.test("init: an empty project gets functions, migration, settings and keys", async () => {
  await emptyProject(async (project) => {
    const before = await snapshot(project);
    const { code, stdout, stderr } = await latchkey(project, "init");
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /\+ supabase\/functions\/login\/ \(3 files\)/);
    assertMatch(
      stdout,
      /supabase start: set signing_keys_path = "\.\/signing_keys\.json"\s+under \[auth\]/,
    );
    const after = await snapshot(project);
    for (const { path, text } of template.files) {
      assertEquals(after[path], text, path);
    }
    const migrations = Object.keys(after).filter((path) =>
      path.startsWith("supabase/migrations/")
    );
    assertEquals(migrations.length, template.migrations.length);
    assertMatch(migrations[0]!, /\/\d{14}_latchkey\.sql$/);
    assertEquals(after[migrations[0]!], template.migrations[0]!.text);
    const config = after["supabase/config.toml"]!;
    assertEquals(readConfig(config).api?.schemas, [
      "public",
      "graphql_public",
      "latchkey",
    ]);
    for (const name of template.functions) {
      assertEquals(readConfig(config).functions?.[name]?.verify_jwt, false);
    }
    // Each line of before is still there, in its order.
    let at = 0;
    const lines = config.split("\n");
    for (const line of before["supabase/config.toml"]!.split("\n")) {
      const expected = line.replace(
        'graphql_public"]',
        'graphql_public", "latchkey"]',
      );
      at = lines.indexOf(expected, at) + 1;
      assert(at > 0, line);
    }
    const ignored = await run("git", {
      args: [
        "check-ignore",
        "supabase/functions/.env",
        "supabase/signing_keys.json",
      ],
      cwd: project,
    });
    assertEquals(ignored.code, 0);
    for (const path of ["functions/.env", "signing_keys.json"]) {
      const { mode } = await Deno.stat(join(project, "supabase", path));
      assertEquals(mode! & 0o777, 0o600);
    }
    const lock = readLock(project)!;
    assertEquals(lock.version, template.version);
    assertEquals(lock.pending, undefined);
    for (const [path, hash] of Object.entries(lock.files)) {
      assertEquals(checksum(after[path]!), hash);
    }
  });
});

Deno.test("init: twice changes nothing", async () => {
  await emptyProject(async (project) => {
    await latchkey(project, "init");
    const before = await snapshot(project);
    const { code, stdout } = await latchkey(project, "init");
    assertEquals(code, 0);
    assertMatch(stdout, /Nothing was changed/);
    assertSameFiles(await snapshot(project), before);
  });
});

Deno.test("init: restores a missing file and keeps a changed one", async () => {
  await emptyProject(async (project) => {
    await latchkey(project, "init");
    const before = await snapshot(project);
    await Deno.remove(join(project, "supabase/functions/revoke"), {
      recursive: true,
    });
    const path = "supabase/functions/profile/index.ts";
    await writeFiles(project, { [path]: "// Mine.\n" });
    const { code, stdout } = await latchkey(project, "init");
    assertEquals(code, 0);
    assertMatch(stdout, /Warning: You changed .*profile\/index\.ts\. It stays/);
    assertSameFiles(await snapshot(project), {
      ...before,
      [path]: "// Mine.\n",
    });
  });
});

Deno.test("init: --dry-run writes nothing", async () => {
  for (const withProject of [emptyProject, ownProject]) {
    await withProject(async (project) => {
      const before = await snapshot(project);
      const args = ["--dry-run", "--prefix", "latchkey-"];
      const { code, stdout } = await latchkey(project, "init", ...args);
      assertEquals(code, 0);
      assertMatch(stdout, /\+ supabase\/functions\/latchkey-login\//);
      assertMatch(stdout, /dry run\. Nothing was changed/);
      const { stdout: json } = await latchkey(
        project,
        "init",
        ...args,
        "--json",
      );
      const { changes, dry_run } = JSON.parse(json);
      assertEquals(dry_run, true);
      assert(changes.length > 20);
      assertSameFiles(await snapshot(project), before);
    });
  }
});

Deno.test("init: stops at functions of the same name and offers a prefix", async () => {
  await ownProject(async (project) => {
    const before = await snapshot(project);
    const { code, stdout, stderr } = await latchkey(project, "init");
    assertEquals(code, 1);
    for (const name of SAME_NAMES) {
      assertMatch(stderr, new RegExp(`supabase/functions/${name}\\b`));
    }
    assertMatch(stderr, /--prefix latchkey-.*Nothing was changed/);
    assertEquals(stdout.includes("+ "), false);
    assertSameFiles(await snapshot(project), before);
  });
});

Deno.test("init --prefix: leaves everything of the owner's as it is", async () => {
  await ownProject(async (project) => {
    const before = await snapshot(project);
    const { code, stderr } = await latchkey(
      project,
      "init",
      "--prefix",
      "latchkey-",
    );
    assertEquals([code, stderr], [0, ""]);
    const after = await snapshot(project);
    const edited = [
      "supabase/config.toml",
      "supabase/.gitignore",
      "supabase/functions/.env",
    ];
    for (const [path, text] of Object.entries(before)) {
      if (!edited.includes(path)) assertEquals(after[path], text, path);
    }
    assertMatch(
      after["supabase/functions/.env"]!,
      /^# Ours\.\nSMTP_HOST=mail\nLATCHKEY_SIGNING_KEY=/,
    );
    const config = after["supabase/config.toml"]!;
    assertMatch(
      config,
      /"public", # our tables\n {2}"graphql_public", # for the app\n {2}"latchkey",\n\]/,
    );
    assertMatch(config, /\[functions\.profile\] # who am I\nverify_jwt = true/);
    const blocks = functionBlocks(config);
    for (const name of template.functions) {
      assert(blocks.has(`latchkey-${name}`), name);
    }
    const names = Object.keys(after).filter((path) => path.endsWith(".sql"))
      .sort();
    assertMatch(names[2]!, /\d{14}_latchkey\.sql$/);
    // Without --prefix, the next run knows it.
    const again = await latchkey(project, "init");
    assertEquals(again.code, 0);
    assertSameFiles(await snapshot(project), after);
    const other = await latchkey(project, "init", "--prefix", "auth-");
    assertEquals(other.code, 1);
    assertMatch(other.stderr, /installed with the prefix latchkey-/);
  });
});

Deno.test("init: a migration gets a number that the project does not have", async () => {
  await emptyProject(async (project) => {
    const later = "20991231000000";
    await writeFiles(project, {
      [`supabase/migrations/${later}_later.sql`]: "select 1;\n",
    });
    assertEquals((await latchkey(project, "init")).code, 0);
    const { migrations } = readLock(project)!;
    const [name] = template.migrations.map(({ name }) => name);
    assertEquals(
      migrations[name!],
      `${newNumbers([`${later}_later.sql`]).next().value}_latchkey.sql`,
    );
  });
});

Deno.test("init: `supabase migration new` right afterwards gets a later number", async () => {
  await emptyProject(async (project) => {
    // The command's number is from the second in which it starts, or a later one.
    const second = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
    assertEquals((await latchkey(project, "init")).code, 0);
    const { code, stderr } = await run(await fetchCli(), {
      args: ["migration", "new", "notes"],
      cwd: project,
      env: { SUPABASE_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" },
    });
    assertEquals(code, 0, stderr);
    const numbers = Object.keys(await snapshot(project))
      .map((path) => path.match(/migrations\/(\d+)_(\w+)\.sql/))
      .filter((match) => match !== null)
      .map(([, number, name]) => [name!, number!] as const);
    const { latchkey: own, notes } = Object.fromEntries(numbers);
    assert(notes! >= second, `${notes} >= ${second}`);
    assert(own! < second, `${own} < ${second}`);
  });
});

Deno.test("init: keeps a signing key that the project has, where it has it", async () => {
  await emptyProject(async (project) => {
    await latchkey(project, "keys");
    const keys = await read(project, "supabase/signing_keys.json");
    await Deno.remove(join(project, "supabase/functions/.env"));
    await Deno.rename(
      join(project, "supabase/signing_keys.json"),
      join(project, "supabase/keys.json"),
    );
    const config = await read(project, "supabase/config.toml");
    await writeFiles(project, {
      "supabase/config.toml": config.replace(
        '# signing_keys_path = "./signing_keys.json"',
        'signing_keys_path = "./keys.json"',
      ),
    });
    const { code, stdout } = await latchkey(project, "init");
    assertEquals(code, 0);
    assertNotMatch(stdout, /signing_keys_path/);
    assertEquals(await read(project, "supabase/keys.json"), keys);
    const after = await snapshot(project);
    assertEquals(after["supabase/signing_keys.json"], undefined);
    assert(after["supabase/functions/.env"]!.includes(JSON.parse(keys)[0].d));
  });
});

Deno.test("init: finds the project from a folder below or above", async () => {
  await ownProject(async (project) => {
    for (
      const cwd of [`${project}/supabase/functions/profile`, `${project}/..`]
    ) {
      const { code, stdout, stderr } = await latchkeyIn(cwd, [
        "init",
        "--dry-run",
        "--prefix",
        "latchkey-",
      ]);
      assertEquals(code, 0, stderr);
      assertMatch(stdout, new RegExp(`Project: ${project}\n`));
    }
    await Deno.mkdir(`${project}/../other/supabase`, { recursive: true });
    await Deno.writeTextFile(`${project}/../other/supabase/config.toml`, "");
    const several = await latchkeyIn(`${project}/..`, ["init"]);
    assertEquals(several.code, 2);
    assertMatch(
      several.stderr,
      /2 Supabase projects.*: my app, other.*--project/,
    );
  });
});

Deno.test("init: warns of settings that keep Latchkey from working", async () => {
  await emptyProject(async (project) => {
    await latchkey(project, "init");
    const config = await read(project, "supabase/config.toml");
    const cases: [string, string, RegExp][] = [
      [
        "[api]\nenabled = true",
        "[api]\nenabled = false",
        /\[api\] is disabled/,
      ],
      [
        "[auth]\n",
        '[remotes.staging.api]\nschemas = ["public"]\n[auth]\n',
        /\[remotes\.staging\.api\].*Add "latchkey"/,
      ],
      [
        "schema_paths = []",
        'schema_paths = ["./schemas/*.sql"]',
        /declares its schemas in files.*--schema/,
      ],
      [
        /(\[functions\.login\][^[]*)verify_jwt = false/.exec(config)![0],
        "[functions.login]\nverify_jwt = true",
        /\[functions\.login\] has no verify_jwt = false/,
      ],
    ];
    for (const [from, to, says] of cases) {
      assert(config.includes(from), from);
      await writeFiles(project, {
        "supabase/config.toml": config.replace(from, to),
      });
      const { code, stdout } = await latchkey(project, "init", "--json");
      assertEquals(code, 0);
      const { warnings } = JSON.parse(stdout);
      assertEquals(warnings.length, 1);
      assertMatch(warnings[0], says);
    }
  });
});

// Interruptions ---------------------------------------------------------------

Deno.test("init: killed at any operation, the next run completes it", async () => {
  let expected = {};
  await ownProject(async (project) => {
    await latchkey(project, "init", "--prefix", "latchkey-");
    expected = await comparable(project);
  });
  const operations = await killAtEach(
    ownProject,
    ["init", "--prefix", "latchkey-"],
    async (project, message) => {
      // The lock file knows the prefix, once it is there.
      const prefix = readLock(project) ? [] : ["--prefix", "latchkey-"];
      const { code, stderr } = await latchkey(project, "init", ...prefix);
      assertEquals([code, stderr], [0, ""], message);
      assertSameFiles(await comparable(project), expected, message);
    },
  );
  assert(operations > 60, `only ${operations} operations`);
});

// Errors ----------------------------------------------------------------------

Deno.test("init: without a Supabase project it says how to make one", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { code, stderr } = await latchkeyIn(folder, ["init"]);
    assertEquals(code, 2);
    assertMatch(
      stderr,
      /There is no Supabase project in .*"npx supabase init"/,
    );
    await Deno.mkdir(`${folder}/supabase`);
    const empty = await latchkeyIn(folder, ["init"]);
    assertEquals(empty.code, 2);
    assertMatch(
      empty.stderr,
      /no supabase\/config\.toml here.*npx supabase init/,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

for (
  const [name, prepare, args, says, exitCode = 1] of [
    [
      "a config.toml that is not TOML",
      { "supabase/config.toml": "[api\n" },
      [],
      /config\.toml is not valid TOML: line \d+.*Nothing was changed/,
    ],
    [
      "an unknown flag",
      {},
      ["--prefx", "a"],
      /There is no flag --prefx\. The flags are --prefix,/,
      2,
    ],
    ["a malformed prefix", {}, ["--prefix", "A B"], /--prefix takes/, 2],
    [
      "a damaged lock file",
      { "supabase/latchkey.lock.json": "{" },
      [],
      /latchkey\.lock\.json is damaged.*Nothing was changed/,
    ],
    [
      "another _latchkey folder",
      { "supabase/functions/_latchkey/mine.ts": "" },
      [],
      /Rename the folder supabase\/functions\/_latchkey/,
    ],
    [
      "a malformed signing key",
      { "supabase/signing_keys.json": "{}" },
      [],
      /signing_keys\.json is not an array of keys.*Nothing was changed/,
    ],
    [
      "a last migration without a successor",
      { "supabase/migrations/99999999999999_a.sql": "" },
      [],
      /No migration can come after number 99999999999999/,
    ],
  ] as [string, Record<string, string>, string[], RegExp, number?][]
) {
  Deno.test(`init: refuses ${name} and changes nothing`, async () => {
    await emptyProject(async (project) => {
      await writeFiles(project, prepare);
      const before = await snapshot(project);
      const { code, stderr } = await latchkey(project, "init", ...args);
      assertEquals(code, exitCode);
      assertMatch(stderr, says);
      const json = await latchkey(project, "init", "--json", ...args);
      assertMatch(JSON.parse(json.stdout).error, says);
      assertSameFiles(await snapshot(project), before);
    });
  });
}

Deno.test("init: refuses to write secrets into a file under version control", async () => {
  await ownProject(async (project) => {
    const file = "supabase/functions/.env";
    await run("git", { args: ["add", "-f", file], cwd: project });
    const { code, stderr } = await latchkey(
      project,
      "init",
      "--prefix",
      "latchkey-",
    );
    assertEquals(code, 1);
    assertMatch(stderr, /git rm --cached supabase\/functions\/\.env/);
  });
});
