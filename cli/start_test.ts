import { assertEquals, assertThrows } from "@std/assert";
import { parseFlags } from "./start.ts";

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
    assertThrows(() => parseFlags(args), Error, name);
  }
});
