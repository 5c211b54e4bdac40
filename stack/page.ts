import { extname, join } from "@std/path";
import { bundler } from "./bundle.ts";
import { json, withCors } from "./http.ts";

const contentTypes: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".md": "text/plain; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
};

/** Everything is loaded from the stack itself, and nothing is inline. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "connect-src 'self'",
  "frame-src 'self'",
  "img-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join("; ");

const welcome = `Latchkey's local stack

/auth/v1       Supabase Auth
/rest/v1       Data API
/functions/v1  Edge Functions
/realtime/v1   Realtime
`;

/**
 * Answers what is below none of the services' paths: the example page, and the
 * two files beside it that it needs. `name.js` is `name.ts`, bundled;
 * `/config.json` holds the publishable key. Without such a page, `/` answers
 * with a short text.
 *
 * @param projectRoot the folder with `examples/web`
 * @param publishableKey The only key that a browser may have.
 */
export function servePage(
  projectRoot: string,
  publishableKey: string,
): (request: Request) => Promise<Response> {
  const folder = join(projectRoot, "examples", "web");
  const script = bundler(projectRoot, [
    folder,
    join(projectRoot, "client"),
  ]);

  async function read(path: string): Promise<BodyInit | null> {
    if (path === "/config.json") {
      return JSON.stringify({ publishable_key: publishableKey });
    }
    // The page links to it.
    if (path === "/README.md") return await readBelow(projectRoot, path);
    const source = path.match(/^\/(\w+)\.js$/)?.[1];
    return source === undefined
      ? await readBelow(folder, path)
      : await script(join(folder, `${source}.ts`));
  }

  return async (request) => {
    const { url, method } = request;
    const { pathname } = new URL(url);
    const path = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
    const isRead = method === "GET" || method === "HEAD";
    const body = isRead ? await read(path) : null;
    if (body !== null) {
      return new Response(body, {
        headers: {
          "content-type": contentTypes[extname(path)] ??
            "application/octet-stream",
          "cache-control": "no-cache",
          "content-security-policy": contentSecurityPolicy,
          "referrer-policy": "no-referrer",
          "x-content-type-options": "nosniff",
        },
      });
    }
    return serveWelcome(request);
  };
}

/** Answers with a short text at `/`, and with 404 elsewhere. */
export function serveWelcome({ url }: Request): Response {
  if (new URL(url).pathname === "/") return new Response(welcome);
  return withCors(
    json({ message: "no Route matched with those values" }, { status: 404 }),
  );
}

/**
 * The bytes of a file in the folder, or null. Never reads a file outside the
 * folder.
 */
async function readBelow(
  folder: string,
  name: string,
): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    const path = join(folder, decodeURIComponent(name));
    if (!path.startsWith(`${folder}/`)) return null;
    return await Deno.readFile(path);
  } catch {
    return null; // The file is missing, is a folder, or has an impossible name.
  }
}
