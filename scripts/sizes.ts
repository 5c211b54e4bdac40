/**
 * Prints the size of each function, bundled and minified as a deploy ships it.
 * Every cold start loads it, and the platform's limit is 20 MB.
 *
 * @module
 */
const root = new URL("..", import.meta.url);

/**
 * Bundles a function and measures it, in bytes.
 *
 * @throws {Error} The function cannot be bundled. Deno has printed the reason.
 */
export async function functionSize(
  name: string,
): Promise<{ minified: number; gzipped: number }> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--minify",
      "--no-lock",
      `--config=supabase/functions/${name}/deno.json`,
      `supabase/functions/${name}/index.ts`,
    ],
    cwd: root,
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`The function ${name} cannot be bundled.`);
  const gzipped = new Response(stdout).body!.pipeThrough(
    new CompressionStream("gzip"),
  );
  const { byteLength } = await new Response(gzipped).arrayBuffer();
  return { minified: stdout.byteLength, gzipped: byteLength };
}

if (import.meta.main) {
  for await (
    const { name, isDirectory } of Deno.readDir(
      new URL("supabase/functions", root),
    )
  ) {
    if (!isDirectory || name.startsWith("_")) continue;
    const { minified, gzipped } = await functionSize(name);
    const kilobytes = (bytes: number) =>
      `${(bytes / 1024).toFixed(0).padStart(4)} KiB`;
    console.log(
      `${name.padEnd(10)} ${kilobytes(minified)} minified, ${
        kilobytes(gzipped)
      } gzipped`,
    );
  }
}
