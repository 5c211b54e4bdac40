import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { UsageError } from "./errors.ts";
import { parseFlags } from "./start.ts";
import { latchkeyIn } from "./testing.ts";

Deno.test("parseFlags() leaves the ports to config.toml", () => {
  const { port, dbPort, reset, json } = parseFlags([]);
  assertEquals([port, dbPort, reset, json], [
    undefined,
    undefined,
    false,
    false,
  ]);
});

Deno.test("parseFlags() names what it does not understand", () => {
  const cases: [string[], string][] = [
    [["--prot", "1"], "--prot"],
    [["extra"], "extra"],
    [["--port", "http"], "--port"],
    [["--db-port", "65536"], "--db-port"],
    [["--output", "yaml"], "--output"],
    [["--auth-url", "localhost"], "--auth-url"],
    [["--auth-url", "localhost:9999"], "--auth-url"],
    [["--data", ""], "--data"],
  ];
  for (const [args, name] of cases) {
    assertThrows(() => parseFlags(args), UsageError, name);
  }
});

Deno.test("start: says that it prepares the stack, and exits with 2 on wrong usage", async () => {
  for (
    const [args, says] of [
      [["--prot", "1"], /There is no flag --prot\. The flags are --port,/],
      [["--project", "/nowhere"], /\n\/nowhere is not a Supabase project/],
    ] as const
  ) {
    const { code, stderr } = await latchkeyIn(Deno.cwd(), ["start", ...args]);
    assertEquals(code, 2, stderr);
    assertMatch(stderr, /^Preparing the local stack\. .* about 200 MB /);
    assertMatch(stderr, says);
  }
});
