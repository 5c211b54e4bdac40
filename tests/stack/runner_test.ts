/** `deno task test` for one file, and on a stack that already runs. */
import { assertEquals, assertMatch } from "@std/assert";
import { startStack } from "../../stack/stack.ts";
import { withDatabase } from "../harness.ts";

const root = new URL("../..", import.meta.url).pathname;

async function runner(...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "scripts/test.ts", ...args],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  const output = decoder.decode(stdout).trimEnd();
  return {
    code,
    /** As much as CI shows. */
    end: output.slice(-12_000),
    last: output.split("\n").at(-1)!,
    errors: decoder.decode(stderr),
  };
}

Deno.test("the runner runs a TypeScript file and a pgTAP file on a running stack", async () => {
  const work = await Deno.makeTempDir({ prefix: "latchkey_runner_" });
  // As root, PostgreSQL runs as another user, who must be able to enter.
  await Deno.chmod(work, 0o711);
  const data = `${work}/data`;
  const pgtap = `${work}/one.test.sql`;
  await Deno.writeTextFile(
    pgtap,
    `begin;
     select plan(1);
     select has_table('public'::name, 'marker'::name, 'on this stack');
     select * from finish();
     rollback;`,
  );
  const stack = await startStack({ port: 0, dbPort: 0, data });
  try {
    await withDatabase(
      stack.dbUrl,
      (sql) => sql`create table public.marker ()`,
    );
    const arguments_ = ["--running", "--data", data, pgtap, "types/std"];
    const { last, code, errors } = await runner(...arguments_);
    assertEquals([last, code], ["4 passed, 0 failed", 0], errors);

    // Failures are named at the end, because CI shows only the end of a log.
    const broken = `${work}/broken_test.ts`;
    const running = ["--running", "--data", data, "--no-check"];
    await Deno.writeTextFile(
      broken,
      `Deno.test("good", () => {});
       Deno.test("bad", async (test) => {
         await test.step("part", () => { throw new Error("at noon"); });
       });`,
    );
    const unloaded = `${work}/unloaded_test.ts`;
    await Deno.writeTextFile(unloaded, 'throw new Error("at load");');
    const failed = await runner(...running, broken, unloaded);
    assertEquals([failed.last, failed.code], ["1 passed, 3 failed", 1]);
    assertMatch(
      failed.end,
      /FAILED \S+broken_test\.ts => bad\n.*\nFAILED \S+ => bad > part\n +Error: at noon\n/,
    );
    assertMatch(failed.end, /FAILED \S+unloaded_test.*\n.*Error: at load\n/);

    await Deno.writeTextFile(
      broken,
      `Deno.test("bad", () => { throw new Error("at noon"); });
       Deno.test("deadly", () => Deno.kill(Deno.pid, "SIGKILL"));`,
    );
    const died = await runner(...running, broken);
    assertEquals([died.last, died.code], ["0 passed, 2 failed", 1]);
    assertMatch(
      died.end,
      /FAILED bad\nFAILED The run .* ended early[^]*deadly/,
    );

    await stack.stop();
    const { errors: refusal, code: refused } = await runner(...arguments_);
    assertMatch(refusal, /No stack runs on the data folder .*deno task start/);
    assertEquals(refused, 1);
  } finally {
    await stack.stop();
    await Deno.remove(work, { recursive: true });
  }
});

Deno.test("the runner counts a failed pgTAP file as failed", async () => {
  const file = await Deno.makeTempFile({ suffix: ".test.sql" });
  try {
    await Deno.writeTextFile(
      file,
      "begin; select plan(1); select ok(false, 'no'); rollback;",
    );
    const { last, code } = await runner(file);
    assertEquals([last, code], ["0 passed, 1 failed", 1]);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("the runner names a file that does not exist", async () => {
  const { errors, code } = await runner("supabase/tests/missing.test.sql");
  assertMatch(errors, /supabase\/tests\/missing\.test\.sql does not exist/);
  assertEquals(code, 1);
});
