/** The documentation can be found, and its links lead somewhere. */
import { assert, assertEquals } from "@std/assert";
import { existsSync } from "node:fs";
import { dirname, join } from "@std/path";
import { anchors, page, pages, root, tokensOf } from "./pages.ts";

for (const from of pages) {
  Deno.test(`docs: the links of ${from.path} resolve`, () => {
    const targets = [
      ...tokensOf(from, "link").map(({ href }) => href),
      ...tokensOf(from, "image").map(({ href }) => href),
      ...[...from.text.matchAll(/<img src="([^"]+)"/g)].map(([, src]) => src!),
    ];
    assertEquals(
      targets.map((target) => problem(from.path, target)).filter(Boolean),
      [],
    );
  });
}

/** What is wrong with a link, or nothing. */
function problem(from: string, target: string): string | undefined {
  if (/^https?:/.test(target)) return;
  const [path, anchor] = target.split("#");
  const to = path ? join(dirname(from), path) : from;
  if (!existsSync(join(root, to))) return `${target}: there is no ${to}`;
  if (anchor && !anchors(page(to)).has(anchor)) {
    return `${target}: ${to} has no such heading`;
  }
}

Deno.test("docs: the README links to every page", () => {
  const linked = new Set(
    tokensOf(page("README.md"), "link").map(({ href }) => href.split("#")[0]),
  );
  const missing = pages.map(({ path }) => path)
    .filter((path) =>
      path !== "README.md" && !path.startsWith("docs/decisions/")
    )
    .filter((path) => !linked.has(path));
  assertEquals(missing, []);
});

Deno.test("docs: llms.txt links to every page", async () => {
  const text = await Deno.readTextFile(join(root, "llms.txt"));
  const missing = pages.map(({ path }) => path)
    .filter((path) =>
      path !== "CHANGELOG.md" && !path.startsWith("docs/decisions/")
    )
    .filter((path) => !text.includes(`(${path})`));
  assertEquals(missing, []);
  const linked = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, path]) => path!);
  assertEquals(linked.filter((path) => !existsSync(join(root, path))), []);
});

Deno.test("docs: the README and SECURITY.md stay short", () => {
  const lines = (path: string) => page(path).text.split("\n").length - 1;
  assert(lines("README.md") <= 200, `README.md: ${lines("README.md")} lines`);
  assert(
    lines("SECURITY.md") <= 150,
    `SECURITY.md: ${lines("SECURITY.md")} lines`,
  );
});
