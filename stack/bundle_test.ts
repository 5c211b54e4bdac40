import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { bundler } from "./bundle.ts";

Deno.test("bundler() bundles again when a source has changed", async () => {
  const folder = await Deno.makeTempDir({ prefix: "latchkey_page_" });
  try {
    const script = bundler(folder, [folder]);
    const write = async (name: string, text: string, seconds: number) => {
      await Deno.writeTextFile(`${folder}/${name}`, text);
      // The clock of a file system may be too coarse for a test.
      await Deno.utime(`${folder}/${name}`, seconds, seconds);
    };
    assertEquals(await script(`${folder}/page.ts`), null);
    await write("word.ts", 'export const word: string = "first";', 1);
    await write("page.ts", 'import { word } from "./word.ts"; alert(word)', 1);
    assertStringIncludes((await script(`${folder}/page.ts`))!, "first");
    await write("word.ts", 'export const word: string = "second";', 2);
    assertStringIncludes((await script(`${folder}/page.ts`))!, "second");

    // A mistake is shown in words, until it is corrected.
    await write("word.ts", "export const word = ;", 3);
    const sorry = await script(`${folder}/page.ts`);
    assertStringIncludes(sorry!, "could not be bundled");
    assertStringIncludes(sorry!, "word.ts");
    await write("word.ts", 'export const word = "third";', 4);
    const again = await script(`${folder}/page.ts`);
    assert(again!.includes("third") && !again!.includes("could not be"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
