import { extname, join } from "@std/path";
import { json, withCors } from "./http.ts";

const contentTypes: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
};

const welcome = `Latchkey's local stack

/auth/v1       Supabase Auth
/rest/v1       Data API
/functions/v1  Edge Functions
/realtime/v1   Realtime
`;

/**
 * Answers what is below none of the services' paths: a file of the example
 * page, or at `/` a few words where there is no such page.
 *
 * @param folder where the page's files are
 */
export async function servePage(
  request: Request,
  folder: string,
): Promise<Response> {
  const { pathname } = new URL(request.url);
  const name = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
  const file = isRead(request) ? await readBelow(folder, name) : null;
  if (file !== null) {
    return new Response(file, {
      headers: {
        "content-type": contentTypes[extname(name)] ??
          "application/octet-stream",
        "cache-control": "no-cache",
      },
    });
  }
  if (pathname === "/") return new Response(welcome);
  return withCors(
    json({ message: "no Route matched with those values" }, { status: 404 }),
  );
}

function isRead({ method }: Request): boolean {
  return method === "GET" || method === "HEAD";
}

/** The bytes of a file, or null: never of one outside the folder. */
async function readBelow(
  folder: string,
  name: string,
): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    const path = join(folder, decodeURIComponent(name));
    if (!path.startsWith(`${folder}/`)) return null;
    return await Deno.readFile(path);
  } catch {
    return null; // Missing, a folder, or no name that a file could have.
  }
}
