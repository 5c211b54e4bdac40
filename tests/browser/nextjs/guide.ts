/**
 * Follows docs/moving-from-supabase-ssr.md.
 *
 * @module
 */
import { assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { type Page, page } from "../../docs/pages.ts";

/** The page. */
export const guide: Page = page("docs/moving-from-supabase-ssr.md");

/**
 * Makes the page's changes to a copy of the app.
 *
 * @throws {Error} A change does not apply.
 */
export async function moveFromSupabaseSsr(app: string): Promise<void> {
  let file = "";
  for (const token of guide.tokens) {
    if (token.type === "paragraph") {
      [, file = file] = /`([\w/.]+\.tsx?)`:?$/.exec(token.text) ?? [];
    } else if (token.type === "code" && token.lang === "ts ignore") {
      await Deno.writeTextFile(join(app, file), `${token.text}\n`);
    } else if (token.type === "code" && token.lang === "diff") {
      const path = join(app, file);
      const [before, after] = ["-", "+"].map((sign) =>
        (token.text as string).split("\n")
          .filter((line) => !line || line[0] === " " || line[0] === sign)
          .map((line) => line.slice(1)).join("\n")
      );
      const text = await Deno.readTextFile(path);
      assertStringIncludes(text, before!, file);
      await Deno.writeTextFile(path, text.replace(before!, () => after!));
    }
  }
  const manifest = JSON.parse(
    await Deno.readTextFile(join(app, "package.json")),
  );
  delete manifest.dependencies["@supabase/ssr"];
  await Deno.writeTextFile(join(app, "package.json"), JSON.stringify(manifest));
}
