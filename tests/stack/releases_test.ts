/**
 * Sessions outlive an upgrade from every released version. A release is a git tag
 * `v…`. A released migration never changes, beginning with the first release.
 */
import { assert, assertEquals } from "@std/assert";
import { basename, fromFileUrl, join } from "@std/path";
import { migrationFiles, schemaFiles } from "../../scripts/migration.ts";
import { type Stack, startStack } from "../../stack/stack.ts";
import { type Session, withDatabase } from "../harness.ts";
import { catalogue, declaredCatalogue } from "./catalogue.ts";

const root = fromFileUrl(new URL("../..", import.meta.url));

/** The tags of the released versions, the oldest first. */
async function releases(): Promise<string[]> {
  const tags = await output("git", ["tag", "--list", "v*", "--sort=v:refname"]);
  return tags.split("\n").filter((tag) => tag !== "");
}

async function output(command: string, args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args,
    cwd: root,
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** Puts the folder `supabase` of a commit, or of the working tree, into another. */
async function checkOut(project: string, commit?: string) {
  const archive = await Deno.makeTempFile({ suffix: ".tar" });
  try {
    if (commit) {
      await output("git", ["archive", "-o", archive, commit, "supabase"]);
    } else {
      await output("tar", ["-cf", archive, "-C", root, "supabase"]);
    }
    await output("tar", ["-xf", archive, "-C", project]);
  } finally {
    await Deno.remove(archive);
  }
}

async function post(
  { apiUrl, publishableKey }: Stack,
  path: string,
  body: unknown,
) {
  const response = await fetch(`${apiUrl}${path}`, {
    method: "POST",
    headers: { apikey: publishableKey, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  assert(response.ok, `${path} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

/** Signs in with one version, upgrades to this one, and refreshes. */
async function upgradeFrom(commit?: string) {
  const work = await Deno.makeTempDir({ prefix: "latchkey_release_" });
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => Deno.remove(work, { recursive: true }));
  // If root runs the test, the database runs as another user, who needs access.
  await Deno.chmod(work, 0o711);
  const projectRoot = join(work, "project");
  await Deno.mkdir(projectRoot);
  const options = { port: 0, dbPort: 0, data: join(work, "data"), projectRoot };

  const user = { email: "ann@example.com", password: "correct horse battery" };
  await checkOut(projectRoot, commit);
  const before = await startStack(options);
  let session: Session;
  try {
    await post(before, "/auth/v1/signup", user);
    session = await post(before, "/functions/v1/login", user);
  } finally {
    await before.stop();
  }

  await checkOut(projectRoot);
  const after = await startStack(options);
  cleanup.defer(() => after.stop());
  const { refresh_token } = session;
  const next = await post(after, "/functions/v1/refresh", { refresh_token });
  assertEquals(next.session_id, session.session_id);
  await withDatabase(after.dbUrl, async (sql) => {
    assertEquals(
      await catalogue(sql),
      await declaredCatalogue(sql, await schemaFiles()),
    );
  });
}

Deno.test("the upgrade from this version to itself keeps sessions", () =>
  upgradeFrom());

Deno.test("sessions outlive the upgrade from every released version", async (test) => {
  const tags = await releases();
  if (tags.length === 0) {
    console.log(
      "No version is released yet: there is nothing to upgrade from.",
    );
    assertEquals(
      migrationFiles().length,
      1,
      "before the first release there is one migration",
    );
  }
  for (const tag of tags) {
    const names = await output("git", [
      ...["ls-tree", "--name-only", tag, "supabase/migrations/"],
    ]);
    for (const name of names.split("\n").filter((name) => name !== "")) {
      assertEquals(
        await Deno.readTextFile(join(root, name)),
        await output("git", ["show", `${tag}:${name}`]),
        `${basename(name)} was released with ${tag} and must not change`,
      );
    }
    await test.step(tag, () => upgradeFrom(tag));
  }
});
