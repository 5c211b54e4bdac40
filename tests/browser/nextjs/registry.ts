/**
 * A shadcn registry on this machine. It also serves the components that ours are
 * made of, which the CLI would otherwise get from shadcn's own registry.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { SHADCN } from "../../../scripts/registry.ts";
import { builtPackage } from "../../package.ts";
import type { Run } from "../apps.ts";

/** A running registry. */
interface ComponentRegistry extends AsyncDisposable {
  url: string;
}

const NO_COLORS = {
  inlineColors: { light: {}, dark: {} },
  cssVars: { light: {}, dark: {} },
  inlineColorsTemplate: "",
  cssVarsTemplate: "",
};

/** Runs `npx shadcn add`, and compares what it wrote with the registry. */
export async function addComponents(
  components: string[],
  app: string,
  run: Run,
): Promise<void> {
  const folder = join((await builtPackage()).folder, "registry");
  await using registry = serveRegistry(folder, join(app, "components/ui"));
  const manifest = await Deno.readTextFile(join(app, "package.json"));
  const urls = components.map((name) => `${registry.url}/r/${name}.json`);
  await run("npx", ["-y", SHADCN, "add", "--yes", ...urls], {
    REGISTRY_URL: registry.url,
  });
  for (const name of components) {
    const { files } = JSON.parse(
      await Deno.readTextFile(join(folder, `${name}.json`)),
    );
    for (const { path, content } of files) {
      assertEquals(await Deno.readTextFile(join(app, path)), content, path);
    }
  }
  // The app lists what the components need.
  assertEquals(await Deno.readTextFile(join(app, "package.json")), manifest);
}

/**
 * Serves `/r/<component>.json`.
 *
 * @param folder What `deno task registry` has built.
 * @param basics The folder with button.tsx and so on.
 */
function serveRegistry(
  folder: string,
  basics: string,
): ComponentRegistry {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async ({ url }) => {
      const { pathname } = new URL(url);
      const [, component] = /^\/r\/([\w-]+\.json)$/.exec(pathname) ?? [];
      if (component) {
        return Response.json(
          JSON.parse(await Deno.readTextFile(join(folder, component))),
        );
      }
      const [, basic] = /^\/styles\/[\w-]+\/(\w+)\.json$/.exec(pathname) ?? [];
      if (basic) {
        const path = `ui/${basic}.tsx`;
        const content = await Deno.readTextFile(join(basics, `${basic}.tsx`));
        const files = [{ path, type: "registry:ui", content }];
        return Response.json({ name: basic, type: "registry:ui", files });
      }
      return pathname.startsWith("/colors/")
        ? Response.json(NO_COLORS)
        : new Response("Not found", { status: 404 });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
