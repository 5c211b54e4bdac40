import { assertEquals } from "@std/assert";
import { formatNumber } from "./number.ts";

Deno.test("formatNumber: three significant digits, and commas", () => {
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
