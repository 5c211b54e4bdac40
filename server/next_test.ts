import { assert, assertEquals, assertThrows } from "@std/assert";
import { NextRequest, NextResponse } from "next/server";
import { PageCookies, pageRequest } from "../types/next/headers.ts";
import { createNextSessions } from "./next.ts";
import { APP, Browser, Project } from "./testing.ts";

/** Runs work as in a server component, or where cookies can be set. */
function inPage<T>(
  cookie: string,
  work: () => Promise<T>,
  { isReadonly = true, headers = {} } = {},
): { result: Promise<T>; cookies: PageCookies } {
  const sent = new Headers({
    ...headers,
    "Sec-Fetch-Site": "same-origin",
    Cookie: cookie,
  });
  const cookies = new PageCookies(sent, isReadonly);
  return {
    result: pageRequest.run({ headers: sent, cookies }, work),
    cookies,
  };
}

Deno.test("next: the proxy refreshes for the page and for the browser", async () => {
  const project = new Project();
  const { handleProxy, getServerSession } = createNextSessions(project.options);
  const browser = new Browser(await project.signIn({ age: 850 }));
  const response = browser.receive(
    await handleProxy(new NextRequest(browser.request("/notes"))),
  );
  assert(browser.cookie.includes("lkr_session-1_1."));
  assert(response.headers.get("Cache-Control")!.includes("no-store"));
  // The page reads the request that the proxy passed on.
  const forPage = response.headers.get("Test-Request-Cookie")!;
  assertEquals(forPage, browser.cookie);
  const user = inPage(forPage, async () => {
    const session = await getServerSession();
    return await session.getUser();
  });
  assertEquals((await user.result)!.email, "ada@example.com");
  assertEquals(project.count("/refresh"), 1);

  // Nothing is due now, so nothing is set.
  const next = await handleProxy(new NextRequest(browser.request("/notes")));
  assertEquals(next.headers.getSetCookie(), []);
  assertEquals(next.headers.get("Cache-Control"), null);
});

Deno.test("next: the proxy answers the page's routes, and the app all others", async () => {
  const project = new Project();
  const { handleProxy } = createNextSessions(project.options);
  const browser = new Browser(await project.signIn());
  const response = await handleProxy(
    new NextRequest(browser.request("/auth/session")),
  );
  assertEquals((await response.json()).status, "signed_in");
  const own = await handleProxy(
    new NextRequest(browser.request("/old")),
    async (request, session) => {
      assert(await session.getUser());
      return NextResponse.redirect(new URL("/new", request.url));
    },
  );
  assertEquals(own.headers.get("Location"), `${APP}/new`);
  const signOut = await handleProxy(
    new NextRequest(browser.request("/auth/revoke", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: '{"scope":"local"}',
    })),
  );
  assertEquals(signOut.status, 200);
  browser.receive(signOut);
  assertEquals(browser.session, "");
});

Deno.test("next: a server component that cannot set cookies is served all the same", async () => {
  const project = new Project();
  const { getServerSession } = createNextSessions(project.options);
  const cookie = await project.signIn({ age: 901 });
  for (let i = 0; i < 3; i++) {
    const page = inPage(cookie, async () => {
      const [one, two] = [await getServerSession(), await getServerSession()];
      assertEquals(one, two);
      return await one.getUser();
    });
    assertEquals((await page.result)!.id, "user-1");
    assertEquals(page.cookies.changes, []);
  }
  // Each request got the same successor, and none is lost.
  assertEquals(project.sessions.get("session-1")!.generation, 1);
});

Deno.test("next: a server action signs in and out", async () => {
  const project = new Project();
  const { getServerSession } = createNextSessions(project.options);
  const action = inPage("", async () => {
    const session = await getServerSession();
    await session.signIn({ email: "ada@example.com", password: "correct" });
    assertEquals((await session.getUser())!.id, "user-1");
    await (await getServerSession()).signOut();
  }, { isReadonly: false });
  await action.result;
  assertEquals(
    action.cookies.changes.filter(({ name }) => !name.endsWith("-device"))
      .map(({ value }) => value.split(".")[0]),
    ["lkr_session-1_0", ""],
  );
});

Deno.test("next: a build needs no key, and a start without one fails", () => {
  const { serverKey: _, ...options } = new Project().options;
  assertThrows(
    () => createNextSessions(options),
    Error,
    "LATCHKEY_SERVER_KEY is missing",
  );
  Deno.env.set("NEXT_PHASE", "phase-production-build");
  try {
    createNextSessions(options);
  } finally {
    Deno.env.delete("NEXT_PHASE");
  }
});
