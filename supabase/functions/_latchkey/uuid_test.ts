import { assertEquals } from "@std/assert";
import { parseUuid } from "./uuid.ts";

Deno.test("parseUuid() gives one spelling of an id, and nothing for other texts", () => {
  const id = "0198f2c4-5b6d-7e8f-9a0b-1c2d3e4f5a6b";
  assertEquals(parseUuid(id.toUpperCase()), id);
  for (const text of ["", "7", id.replaceAll("-", ""), `{${id}}`, `${id}0`]) {
    assertEquals(parseUuid(text), undefined);
  }
});
