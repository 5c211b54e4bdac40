/** The compiler checks these while it checks the file; there is little to run. */
import { assert, assertEquals, assertRejects } from "@std/assert";

Deno.test("assert tells the compiler that the value is there", () => {
  const lengthOf = (text: string | undefined): number => {
    assert(text);
    return text.length;
  };
  assertEquals(lengthOf("four"), 4);
});

Deno.test("assertEquals compares two values, and says so to the compiler", () => {
  // @ts-expect-error -- a third value would be taken for the message
  assertEquals(1, 1, 2, 3);
  // @ts-expect-error -- the values have different types
  const compare = () => assertEquals(1, "1");
  void compare;
});

Deno.test("assertRejects returns the error with its class", async () => {
  const error = await assertRejects(
    () => Promise.reject(new AggregateError(["a", "b"])),
    AggregateError,
  );
  assertEquals(error.errors.length, 2);
});
