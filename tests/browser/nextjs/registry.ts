/**
 * A shadcn registry on this machine. It also stands in for shadcn's own, which
 * the CLI asks for the components that ours are made of.
 *
 * @module
 */
import { join } from "@std/path";

/** A running registry. */
export interface ComponentRegistry extends AsyncDisposable {
  url: string;
}

const NO_COLORS = {
  inlineColors: { light: {}, dark: {} },
  cssVars: { light: {}, dark: {} },
  inlineColorsTemplate: "",
  cssVarsTemplate: "",
};

/**
 * Serves `/r/<component>.json`.
 *
 * @param folder What `deno task registry` has built.
 * @param basics The folder with button.tsx and so on.
 */
export function serveRegistry(
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
