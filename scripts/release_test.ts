import { assert, assertEquals, assertThrows } from "@std/assert";
import configuration from "../deno.json" with { type: "json" };
import { isVersion, releaseChangelog } from "./release.ts";

Deno.test("isVersion() takes Semantic Versioning, and the project's version", () => {
  for (const text of ["1.0.0", "0.1.0", "1.2.3-rc.1", configuration.version]) {
    assert(isVersion(text), text);
  }
  for (const text of ["", "1", "v1.0.0", "01.0.0", "1.0.0 ", "1.0.0+x"]) {
    assert(!isVersion(text), text);
  }
});

Deno.test("releaseChangelog() moves the entries below the version", () => {
  const first = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- One.\n";
  const released = releaseChangelog(first, "1.0.0", "2026-12-01");
  assertEquals(
    released,
    "# Changelog\n\n## [Unreleased]\n\n## [1.0.0] - 2026-12-01\n\n" +
      "### Added\n\n- One.\n",
  );
  assertEquals(
    releaseChangelog(
      released.replace("d]\n\n## [1", "d]\n\n- Two.\n\n## [1"),
      "1.1.0",
      "2026-12-02",
    ),
    "# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - 2026-12-02\n\n- Two.\n\n" +
      "## [1.0.0] - 2026-12-01\n\n### Added\n\n- One.\n",
  );
  // Nothing under Unreleased: the entries of 1.0.0 are not those of 1.1.0.
  assertThrows(() => releaseChangelog(released, "1.1.0", "2026-12-02"), Error);
  assertThrows(() => releaseChangelog("# Changelog\n", "1.0.0", ""), Error);
});

Deno.test("releaseChangelog() takes the project's own changelog", async () => {
  const path = new URL("../CHANGELOG.md", import.meta.url);
  const text = await Deno.readTextFile(path);
  const released = releaseChangelog(text, "9.9.9", "2026-12-01");
  assert(released.includes("## [9.9.9] - 2026-12-01\n"));
  assertEquals(
    released.replace("\n## [9.9.9] - 2026-12-01\n", ""),
    text,
  );
});
