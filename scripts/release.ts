/**
 * Prepares a release: `deno task release 1.0.0` writes the version where it is
 * named, dates the changelog, runs the checks and all tests, commits, and sets
 * the tag. Pushing the tag publishes the package (.github/workflows/release.yml).
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import configuration from "../deno.json" with { type: "json" };

const root = fromFileUrl(new URL("..", import.meta.url));

/** The files that name the version, besides the changelog. */
const FILES_WITH_VERSION = [
  "deno.json",
  "README.md",
  "docs/client.md",
  "docs/local-stack.md",
  "docs/openapi.yaml",
  "examples/nextjs/package.json",
  "examples/react/package.json",
];

/** Whether the text is a version by Semantic Versioning 2.0.0, without build data. */
export function isVersion(text: string): boolean {
  return /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$/
    .test(text);
}

/**
 * Moves the entries under "Unreleased" below the new version.
 *
 * @param date For example `2026-11-25`.
 * @throws {Error} There is no entry.
 */
export function releaseChangelog(
  text: string,
  version: string,
  date: string,
): string {
  const [, before, entries, after] =
    /^([^]*?\n## \[Unreleased\]\n)([^]*?)((?:\n## \[|$(?!\n))[^]*)$/.exec(
      text,
    ) ?? [];
  if (entries === undefined || !/^- /m.test(entries)) {
    throw new Error(
      'CHANGELOG.md has no entry under "## [Unreleased]". Add one for each ' +
        "change that users notice.",
    );
  }
  return `${before}\n## [${version}] - ${date}\n${entries}${after}`;
}

async function run(command: string, ...args: string[]): Promise<string> {
  const { success, stdout } = await new Deno.Command(command, {
    args,
    cwd: root,
    stdout: command === "git" ? "piped" : "inherit",
    stderr: "inherit",
  }).output().catch(() => ({ success: false, stdout: new Uint8Array() }));
  if (!success) {
    throw new Error(
      `${command} ${args.join(" ")} failed. Nothing was committed; ` +
        "`git checkout .` undoes the changed version.",
    );
  }
  return command === "git" ? new TextDecoder().decode(stdout).trim() : "";
}

async function main([version = "", ...others]: string[]) {
  if (!isVersion(version) || others.length > 0) {
    throw new Error(
      "Give the new version, such as 1.0.0: deno task release 1.0.0",
    );
  }
  if (await run("git", "status", "--porcelain") !== "") {
    throw new Error("There are uncommitted changes. Commit them first.");
  }
  if (await run("git", "tag", "--list", `v${version}`) !== "") {
    throw new Error(`The tag v${version} exists. Choose another version.`);
  }
  const path = join(root, "CHANGELOG.md");
  const changelog = releaseChangelog(
    await Deno.readTextFile(path),
    version,
    new Date().toISOString().slice(0, 10),
  );
  await Deno.writeTextFile(path, changelog);
  for (const file of FILES_WITH_VERSION) {
    const text = await Deno.readTextFile(join(root, file));
    await Deno.writeTextFile(
      join(root, file),
      text.replaceAll(configuration.version, version),
    );
  }
  await run("bash", ".ci/run");
  await run("git", "commit", "--all", "--message", `release: ${version}`);
  await run("git", "tag", "--annotate", `v${version}`, "--message", version);
  console.log(
    `Version ${version} is committed and tagged. To publish it: ` +
      `git push --follow-tags`,
  );
}

if (import.meta.main) {
  try {
    await main(Deno.args);
  } catch (error) {
    console.error((error as Error).message);
    Deno.exit(1);
  }
}
