import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { join } from "node:path";
import { planInstall } from "./install.ts";
import { readLock } from "./lock_file.ts";
import { carryOut } from "./plan.ts";
import { readTemplate, type Template } from "./template.ts";
import {
  assertSameFiles,
  comparable,
  emptyProject,
  killAtEach,
  latchkey,
  snapshot,
  writeFiles,
} from "./testing.ts";

const template = readTemplate();
const LOGIN = "supabase/functions/login/index.ts";
const REFRESH = "supabase/functions/refresh/index.ts";
const PROFILE = "supabase/functions/profile/index.ts";
const GONE = "supabase/functions/login/gone.ts";
const NEW = "supabase/functions/revoke/index.ts";

/** An earlier version: with other texts, one file more and one less. */
const older: Template = {
  ...template,
  version: "0.0.9",
  files: [
    ...template.files.filter(({ path }) => path !== NEW).map((file) =>
      [LOGIN, REFRESH].includes(file.path)
        ? { ...file, text: `// 0.0.9\n${file.text}` }
        : file
    ),
    { path: GONE, text: "// 0.0.9\n" },
  ],
  migrations: [
    { name: "20250101000000_latchkey.sql", text: "select 1;\n" },
  ],
};

/** A project with that version, and files that its owner changed. */
async function olderProject(use: (project: string) => Promise<void>) {
  await emptyProject(async (project) => {
    const plan = await planInstall({
      project,
      template: older,
      prefix: "",
      lock: null,
      restore: true,
    });
    carryOut(project, plan, "init", null);
    for (const path of [LOGIN, PROFILE]) {
      const text = await Deno.readTextFile(join(project, path));
      await writeFiles(project, { [path]: `${text}// Mine.\n` });
    }
    await Deno.remove(join(project, "supabase/functions/introspect"), {
      recursive: true,
    });
    await use(project);
  });
}

Deno.test("update: replaces what is as shipped, and shows and keeps what the owner changed", async () => {
  await olderProject(async (project) => {
    const before = await snapshot(project);
    const { code, stdout, stderr } = await latchkey(project, "update");
    assertEquals([code, stderr], [0, ""]);
    const after = await snapshot(project);
    const shipped = new Map(
      template.files.map(({ path, text }) => [path, text]),
    );
    assertEquals(after[REFRESH], shipped.get(REFRESH));
    assertEquals(after[NEW], shipped.get(NEW));
    assertEquals(after[GONE], undefined);
    // The owner's changes stay. A diff shows what is new, and only that.
    assertEquals(after[LOGIN], before[LOGIN]);
    assertEquals(after[PROFILE], before[PROFILE]);
    assertMatch(stdout, /You changed .*login\/index\.ts\. It stays\. Merge/);
    assertMatch(stdout, /^-\/\/ 0\.0\.9$/m);
    assertMatch(stdout, /^-\/\/ Mine\.$/m);
    assertMatch(stdout, /You changed .*profile\/index\.ts.*does not change it/);
    assertNotMatch(stdout, /^[-+].*functions\/profile/m);
    // A removed function stays removed, and its settings too.
    assertMatch(stdout, /You removed the function introspect/);
    assertEquals(after["supabase/functions/introspect/index.ts"], undefined);
    // The new migration comes after the installed one.
    const [first, second, ...others] = Object.keys(after)
      .filter((path) => path.endsWith("_latchkey.sql")).sort();
    assertEquals(others, []);
    assertEquals(after[first!], "select 1;\n");
    assertEquals(after[second!], template.migrations[0]!.text);
    assertEquals(
      after["supabase/functions/.env"],
      before["supabase/functions/.env"],
    );
    assertEquals(readLock(project)!.version, template.version);
  });
});

Deno.test("update: twice changes nothing more", async () => {
  await olderProject(async (project) => {
    await latchkey(project, "update");
    const before = await snapshot(project);
    const { code, stdout } = await latchkey(project, "update");
    assertEquals(code, 0);
    assertMatch(stdout, /Nothing was changed/);
    assertSameFiles(await snapshot(project), before);
  });
});

Deno.test("update: --dry-run writes nothing", async () => {
  await olderProject(async (project) => {
    const before = await snapshot(project);
    const { code, stdout } = await latchkey(project, "update", "--dry-run");
    assertEquals(code, 0);
    assertMatch(stdout, /~ supabase\/functions\/refresh\/index\.ts/);
    const { stdout: json } = await latchkey(
      project,
      "update",
      "--dry-run",
      "--json",
    );
    assertEquals(JSON.parse(json).kept.toSorted(), [LOGIN, PROFILE]);
    assertSameFiles(await snapshot(project), before);
  });
});

Deno.test("update: killed at any operation, the next run completes it", async () => {
  let expected = {};
  await olderProject(async (project) => {
    await latchkey(project, "update");
    expected = await comparable(project);
  });
  const operations = await killAtEach(
    olderProject,
    ["update"],
    async (project, message) => {
      const { code, stderr } = await latchkey(project, "update");
      assertEquals([code, stderr], [0, ""], message);
      assertSameFiles(await comparable(project), expected, message);
    },
  );
  assert(operations > 10, `only ${operations} operations`);
});

Deno.test("update: refuses a project without Latchkey, and init one with an older", async () => {
  await emptyProject(async (project) => {
    const { code, stderr } = await latchkey(project, "update");
    assertEquals(code, 1);
    assertMatch(stderr, /not installed.*"npx supabase-latchkey init"/);
  });
  await olderProject(async (project) => {
    const before = await snapshot(project);
    const { code, stderr } = await latchkey(project, "init");
    assertEquals(code, 1);
    assertMatch(stderr, /Latchkey 0\.0\.9 is installed.*latchkey update/);
    assertSameFiles(await snapshot(project), before);
  });
});

Deno.test("update: refuses a new function whose name the owner uses", async () => {
  await olderProject(async (project) => {
    // As if the installed version had no sessions function.
    const lock = readLock(project)!;
    const own = "supabase/functions/sessions/";
    for (const path of Object.keys(lock.files)) {
      if (path.startsWith(own)) delete lock.files[path];
    }
    await writeFiles(project, {
      "supabase/latchkey.lock.json": JSON.stringify(lock),
      [`${own}index.ts`]: "// Mine.\n",
    });
    const before = await snapshot(project);
    const { code, stderr } = await latchkey(project, "update");
    assertEquals(code, 1);
    assertMatch(stderr, /functions\/sessions\b/);
    assertSameFiles(await snapshot(project), before);
  });
});
