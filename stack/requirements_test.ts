import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { download, requireSystem } from "./requirements.ts";

Deno.test("requireSystem() names the systems that the stack runs on", () => {
  requireSystem();
  requireSystem({ os: "darwin", arch: "aarch64" });
  assertThrows(
    () => requireSystem({ os: "windows", arch: "x86_64" }),
    Error,
    "does not run on windows (x86_64). It runs on Linux",
  );
});

Deno.test("download() says what a download needs", async () => {
  assertEquals(await download("Deno", () => Promise.resolve(1)), 1);
  await assertRejects(
    () =>
      download(
        "Deno",
        () => import("npm:@deno/linux-x64-glibc@0.0.1" as string),
      ),
    Error,
    "set NPM_CONFIG_REGISTRY",
  );
});
