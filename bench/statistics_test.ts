import { assertEquals, assertThrows } from "@std/assert";
import { figure, interleave, percentile } from "./statistics.ts";

Deno.test("figure: the median of the rounds with their spread", () => {
  assertEquals(figure([9, 1, 4]), { median: 4, min: 1, max: 9 });
  assertEquals(figure([10, 20]), { median: 15, min: 10, max: 20 });
  assertEquals(figure([7]), { median: 7, min: 7, max: 7 });
});

Deno.test("percentile: interpolates between two values", () => {
  const sorted = Array.from({ length: 101 }, (_, i) => i);
  assertEquals([0, 50, 99, 100].map((p) => percentile(sorted, p)), [
    0,
    50,
    99,
    100,
  ]);
  assertEquals(percentile([0, 10], 95), 9.5);
  assertThrows(() => percentile([], 50), RangeError);
});

Deno.test("interleave: rounds alternate between the measures", async () => {
  const order: string[] = [];
  const measure = (name: string) => () => {
    order.push(name);
    return Promise.resolve(order.length);
  };
  const measured = await interleave(2, { a: measure("a"), b: measure("b") });
  assertEquals(order, ["a", "b", "a", "b"]);
  assertEquals(measured, { a: [1, 3], b: [2, 4] });
});
