/** The thin entries of SvelteKit, React Router and Hono; see also tests/apps. */
import { assert, assertEquals } from "@std/assert";
import { parseCookie, stringifySetCookie } from "cookie";
import { Hono } from "hono";
import { RouterContextProvider } from "react-router";
import { createSessionHandler, type ServerSession } from "./mod.ts";
import { createSessionMiddleware, sessionContext } from "./react_router.ts";
import { createSessionHandle, type SvelteKitEvent } from "./sveltekit.ts";
import { Browser, Project } from "./testing.ts";
import type { ServerOptions } from "./types.ts";

type App = (request: Request) => Promise<Response> | Response;

/** The same small app in each framework: it greets the user, or says why not. */
const APPS: Record<string, (options: ServerOptions) => App> = {
  Hono(options) {
    const app = new Hono<{ Variables: { session: ServerSession } }>();
    const withSession = createSessionHandler(options);
    app.use(async (c, next) => {
      c.res = await withSession(c.req.raw, async (session) => {
        c.set("session", session);
        await next();
        return c.res;
      });
    });
    app.get("/notes", async (c) => c.text(await greet(c.var.session)));
    return app.fetch;
  },
  SvelteKit(options) {
    const handle = createSessionHandle(options);
    return async (request) => {
      const event = new Event(request);
      return await handle({ event, resolve: () => event.resolve() });
    };
  },
  "React Router"(options) {
    const middleware = createSessionMiddleware(options);
    return (request) => {
      const context = new RouterContextProvider();
      return middleware(
        { request, context },
        async () => new Response(await greet(context.get(sessionContext))),
      );
    };
  },
};

async function greet(session: ServerSession): Promise<string> {
  const { session: current, reason } = await session.snapshot({ live: true });
  return current ? `Hello, ${current.user.email}` : `Signed out: ${reason}`;
}

/** As SvelteKit: cookies are set on the responses that it makes itself. */
class Event implements SvelteKitEvent {
  readonly locals = {} as { session: ServerSession };
  readonly url: URL;
  readonly #set: string[] = [];

  constructor(readonly request: Request) {
    this.url = new URL(request.url);
  }
  readonly cookies: SvelteKitEvent["cookies"] = {
    getAll: () =>
      Object.entries(parseCookie(this.request.headers.get("Cookie") ?? ""))
        .map(([name, value]) => ({ name, value: value! })),
    set: (name, value, options) =>
      this.#set.push(stringifySetCookie(name, value, options)),
  };
  async resolve(): Promise<Response> {
    const response = new Response(await greet(this.locals.session));
    for (const cookie of this.#set) {
      response.headers.append("Set-Cookie", cookie);
    }
    return response;
  }
}

for (const [name, create] of Object.entries(APPS)) {
  Deno.test(`${name}: serves, refreshes, and says why a session ended`, async () => {
    const project = new Project();
    const app = create(project.options);
    const browser = new Browser(await project.signIn({ age: 850 }));
    const send = async (path: string, init?: RequestInit) =>
      browser.receive(await app(browser.request(path, init)));

    const page = await send("/notes");
    assertEquals(await page.text(), "Hello, ada@example.com");
    assert(browser.cookie.includes("lkr_session-1_1."));
    assert(page.headers.get("Cache-Control")!.includes("no-store"));
    assertEquals(page.headers.getSetCookie().length, 1);

    // The page may show what only this user may see.
    const again = await send("/notes");
    assert(again.headers.get("Cache-Control")!.includes("no-store"));

    const session = await (await send("/auth/session")).json();
    assertEquals(session.session.session_id, "session-1");
    const refreshed = await send("/auth/refresh", { method: "POST" });
    assertEquals(refreshed.status, 200);
    assert(browser.cookie.includes("lkr_session-1_2."));
    const foreign = await send("/auth/session", {
      headers: { "Sec-Fetch-Site": "same-site" },
    });
    assertEquals(foreign.status, 403);

    project.sessions.get("session-1")!.ended = "user";
    assertEquals(await (await send("/notes")).text(), "Signed out: user");
    assertEquals(browser.session, "__Host-latchkey-session=ended.user");
  });
}

Deno.test("SvelteKit: a response with immutable headers is served", async () => {
  const project = new Project();
  const handle = createSessionHandle(project.options);
  const browser = new Browser(await project.signIn());
  // As an endpoint does that returns the response of \`fetch\`.
  const response = await handle({
    event: new Event(browser.request("/image")),
    resolve: () => Response.redirect("https://app.example.com/notes"),
  });
  assertEquals(response.status, 302);
  assert(response.headers.get("Cache-Control")!.includes("no-store"));
});
