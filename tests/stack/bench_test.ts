/** `deno task bench` when it is told to stop. */
import { assertEquals, assertMatch } from "@std/assert";
import { processes } from "../../stack/processes.ts";

const root = new URL("../..", import.meta.url).pathname;

Deno.test("Ctrl-C in a benchmark leaves nothing behind", async () => {
  const folder = await Deno.makeTempDir({ prefix: "latchkey_bench_test_" });
  // As root, the database runs as another user, who passes through here.
  await Deno.chmod(folder, 0o711);
  try {
    const bench = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "bench/main.ts", "--only", "growth"],
      cwd: root,
      env: { TMPDIR: folder },
      stderr: "piped",
    }).spawn();
    let said = "";
    for await (
      const chunk of bench.stderr.pipeThrough(new TextDecoderStream())
    ) {
      // In the midst of a section, and of the database's work.
      if (!/With/.test(said) && /With/.test(said + chunk)) {
        bench.kill("SIGINT");
      }
      said += chunk;
    }
    assertEquals((await bench.status).code, 1);
    assertMatch(said, /Stopped by SIGINT\.\s*$/);
    // The Supabase CLI leaves a library there.
    const ours = Array.from(Deno.readDirSync(folder), ({ name }) => name)
      .filter((name) => !name.startsWith(".bun-"));
    assertEquals(ours, []);
    const left = (await processes()).filter(({ command }) =>
      command.includes(folder)
    );
    assertEquals(left, []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
