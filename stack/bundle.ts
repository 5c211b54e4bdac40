/**
 * Bundles the example page's TypeScript for the browser at a request,
 * and again when a source has changed: a reload shows what was saved.
 *
 * @module
 */
import { exists } from "./files.ts";

/**
 * Creates the function that returns a bundle by the path of its entry, or null
 * if there is no such file. If the bundler fails, it returns a script that
 * shows the error, so that the page is not empty.
 *
 * @param projectRoot The folder with `deno.json`.
 * @param folders where a change means to bundle again
 */
export function bundler(
  projectRoot: string,
  folders: string[],
): (entry: string) => Promise<string | null> {
  const bundles = new Map<string, { stamp: number; script: Promise<string> }>();

  return async (entry) => {
    if (!await exists(entry)) return null;
    const stamp = Math.max(...await Promise.all(folders.map(newest)));
    const known = bundles.get(entry);
    if (known?.stamp === stamp) return await known.script;
    const script = bundle(entry, projectRoot);
    bundles.set(entry, { stamp, script });
    return await script;
  };
}

async function bundle(entry: string, projectRoot: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--minify",
      "--no-lock",
      "--platform=browser",
      entry,
    ],
    cwd: projectRoot,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(success ? stdout : stderr);
  return success ? text : errorScript(text);
}

function errorScript(error: string): string {
  console.error(error);
  const message =
    `The page's TypeScript could not be bundled. Correct it, then reload.\n\n${error}`;
  return `const message = document.createElement("pre");
message.setAttribute("role", "alert");
message.textContent = ${JSON.stringify(message)};
document.body.replaceChildren(message);
`;
}

/** When a file in the folder was last changed, in milliseconds since 1970. */
async function newest(folder: string): Promise<number> {
  const times = [0];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = `${folder}/${name}`;
      times.push(
        isDirectory
          ? await newest(path)
          : (await Deno.stat(path)).mtime?.getTime() ?? 0,
      );
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return Math.max(...times);
}
