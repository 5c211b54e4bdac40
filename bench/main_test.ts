import { assertEquals, assertThrows } from "@std/assert";
import { parseFlags, SECTIONS } from "./main.ts";

Deno.test("parseFlags: measures all sections by default", () => {
  const names = (args: string[]) =>
    parseFlags(args)?.sections.map(({ name }) => name);
  assertEquals(names([]), SECTIONS.map(({ name }) => name));
  assertEquals(names(["--only", "start", "--only", "refresh"]), [
    ...["refresh", "start"],
  ]);
  assertEquals(names(["--help"]), undefined);
});

Deno.test("parseFlags: names an invalid flag", () => {
  const cases: [string[], string][] = [
    [["--quik"], "--quik"],
    [["extra"], "extra"],
    [["--only", "nonsense"], "--only"],
    [["--peer-auth-url", "nonsense"], "--peer-auth-url"],
    [["--peer-auth-url", "localhost:9999"], "--peer-auth-url"],
    [["--db-port", ""], "--db-port"],
    [["--db-port", "65536"], "--db-port"],
  ];
  for (const [args, name] of cases) {
    assertThrows(() => parseFlags(args), Error, name);
  }
});
