import { assertEquals } from "@std/assert";
import { formatNumber } from "./number.ts";

Deno.test("a number has three digits that count, and commas", () => {
  const formatted = [0, 0.0123456, 2.5, 999.6, 1234.5, 1_000_000]
    .map(formatNumber);
  assertEquals(formatted, [
    "0",
    "0.0123",
    "2.5",
    "1,000",
    "1,235",
    "1,000,000",
  ]);
});
