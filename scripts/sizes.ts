/**
 * Prints what each function weighs, bundled and minified as a deploy would
 * ship it: the platform's limit is 20 MB, and every cold start loads it.
 *
 * @module
 */
const root = new URL("..", import.meta.url);

for await (
  const { name, isDirectory } of Deno.readDir(
    new URL("supabase/functions", root),
  )
) {
  if (!isDirectory || name.startsWith("_")) continue;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--minify",
      "--no-lock",
      `--config=supabase/functions/${name}/deno.json`,
      `supabase/functions/${name}/index.ts`,
    ],
    cwd: root,
  }).output();
  if (!success) {
    console.error(new TextDecoder().decode(stderr));
    Deno.exit(1);
  }
  const gzipped = new Response(stdout).body!.pipeThrough(
    new CompressionStream("gzip"),
  );
  const { byteLength } = await new Response(gzipped).arrayBuffer();
  const kilobytes = (bytes: number) =>
    `${(bytes / 1024).toFixed(0).padStart(4)} KiB`;
  console.log(
    `${name.padEnd(10)} ${kilobytes(stdout.byteLength)} minified, ${
      kilobytes(byteLength)
    } gzipped`,
  );
}
