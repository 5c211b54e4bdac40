import { assertEquals, assertThrows } from "@std/assert";
import { CommandError } from "./errors.ts";
import { newNumbers } from "./migrations.ts";

const NOW = new Date("2026-11-25T14:00:15Z");

function numbers(names: string[], count = 2): string[] {
  const all = newNumbers(names, NOW);
  return Array.from({ length: count }, () => all.next().value);
}

Deno.test("migration numbers: shortly before the present, or the number after the project's last", () => {
  const cases: [string[], string[]][] = [
    [[], ["20261125140005", "20261125140006"]],
    [
      ["20240101000000_a.sql", "readme.md"],
      ["20261125140005", "20261125140006"],
    ],
    [["20261125140005_a.sql"], ["20261125140006", "20261125140007"]],
    [["20991231235959_a.sql"], ["20991231235960", "20991231235961"]],
    [["0001_a.sql"], ["20261125140005", "20261125140006"]],
    [["3000_a.sql", "0001_b.sql"], ["3001", "3002"]],
  ];
  for (const [names, expected] of cases) {
    assertEquals(numbers(names), expected, names.join());
    for (const name of names.filter((name) => name.endsWith(".sql"))) {
      assertEquals(`${expected[0]}_latchkey.sql` > name, true, name);
    }
  }
});

Deno.test("migration numbers: a last number without a successor is an error", () => {
  assertThrows(
    () => numbers(["99999999999999_a.sql"], 1),
    CommandError,
    "99999999999999",
  );
});
