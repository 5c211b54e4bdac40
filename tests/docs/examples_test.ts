/** Parts of the examples that the security of an app depends on. */
import { assertEquals } from "@std/assert";
import { ownPath } from "../../examples/nextjs/lib/own-path.ts";

Deno.test("examples/nextjs: after the sign-in, a path of another site is not followed", () => {
  for (
    const path of [
      "https://evil.example",
      "//evil.example",
      "/\\evil.example",
      "/\t/evil.example",
      "/.//evil.example",
      "/%2e//evil.example",
      "/notes/..//evil.example",
      "/./\\evil.example",
      "//",
      "//[",
      "javascript:alert(1)",
      "notes",
      "",
      undefined,
      ["/devices"],
    ]
  ) assertEquals(ownPath(path), "/notes", String(path));
  assertEquals(ownPath("/devices?a=1#b"), "/devices?a=1");
  assertEquals(ownPath("/notes/../devices"), "/devices");
});
