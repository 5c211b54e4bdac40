import { assert, assertEquals, assertRejects } from "@std/assert";
import { SessionError } from "../client/errors.ts";
import { FakeSupabase } from "../client/testing.ts";
import type { SessionEvent } from "../client/types.ts";
import { createSessionClient } from "./browser.ts";
import { createSessionHandler } from "./mod.ts";
import { APP, Browser, Project } from "./testing.ts";

const ADA = { email: "ada@example.com", password: "correct" };

/** A page of an app, in a browser with cookies. */
class Page {
  readonly browser: Browser;
  readonly events: SessionEvent[] = [];
  /** Requests to the app's routes. */
  readonly asked: string[] = [];
  /** Milliseconds of the timers that are set. */
  readonly timers = new Map<number, { work: () => void; wait: number }>();
  readonly listeners = new Map<string, () => void>();
  /** What to do before the app answers. */
  before: () => Promise<void> | void;
  ahead = 0;
  readonly client;
  #count = 0;
  #inFlight = 0;

  constructor(
    readonly project: Project,
    cookie = "",
    before: () => Promise<void> | void = () => {},
  ) {
    this.before = before;
    this.browser = new Browser(cookie);
    const withSession = createSessionHandler(project.options);
    const app: typeof fetch = async (input, init) => {
      const { pathname, search } = new URL(String(input), APP);
      this.asked.push(pathname + search);
      await this.before();
      const response = await withSession(
        this.browser.request(pathname + search, init),
        () => new Response("Not found", { status: 404 }),
      );
      return this.browser.receive(response);
    };
    this.client = createSessionClient({
      ...project.options,
      fetch: async (input, init) => {
        this.#inFlight++;
        try {
          return await (String(input).startsWith("/")
            ? app(input, init)
            : project.options.fetch!(input, init));
        } finally {
          this.#inFlight--;
        }
      },
      environment: {
        now: () => Date.now() + this.ahead,
        setTimeout: (work, wait) => {
          this.timers.set(++this.#count, { work, wait });
          return this.#count;
        },
        clearTimeout: (timer) => void this.timers.delete(timer as number),
        random: () => 0.5,
        online: () => true,
        visible: () => true,
        on: (what, listener) => {
          this.listeners.set(what, listener);
          return () => void this.listeners.delete(what);
        },
      },
    });
    this.client.onChange((event) => void this.events.push(event));
  }

  get types() {
    return this.events.map(({ type }) => type);
  }

  /** Runs the timers that are set now. */
  async runTimers() {
    const due = [...this.timers.values()];
    this.timers.clear();
    for (const { work } of due) work();
    await this.settle();
  }

  /** Waits until no request is in flight, and what follows it has run. */
  async settle() {
    for (let quiet = 0; quiet < 3; quiet++) {
      await new Promise((resolve) => setTimeout(resolve));
      if (this.#inFlight > 0) quiet = -1;
    }
  }
}

/** Runs a test as in a page, which has a document. */
function inPage(name: string, test: () => Promise<void>) {
  Deno.test(`server/browser: ${name}`, async () => {
    Object.assign(globalThis, { document: new EventTarget() });
    try {
      await test();
    } finally {
      Reflect.deleteProperty(globalThis, "document");
    }
  });
}

inPage(
  "a page gets its session from the app, without the refresh token",
  async () => {
    const project = new Project();
    const page = new Page(project, await project.signIn());
    assertEquals(page.client.snapshot().status, "loading");
    const token = await page.client.getAccessToken();
    assertEquals(page.client.snapshot().status, "signed_in");
    assertEquals(page.client.snapshot().session!.access_token, token);
    assertEquals(page.types, ["signed_in"]);
    // One request for everything.
    const session = await page.client.getSession();
    assertEquals([session!.refresh_token, page.asked], ["", ["/auth/session"]]);
    assertEquals((await page.client.sessions()).length, 1);
    page.client.close();
    assertEquals([page.timers.size, page.listeners.size], [0, 0]);
  },
);

inPage(
  "a page of a visitor is signed out, with the reason if there is one",
  async () => {
    const project = new Project();
    for (const reason of [undefined, "admin"]) {
      const page = new Page(
        project,
        reason && `__Host-latchkey-session=ended.${reason}`,
      );
      assertEquals(await page.client.getAccessToken(), null);
      assertEquals(
        [
          page.client.snapshot().status,
          page.client.snapshot().reason as string,
        ],
        ["signed_out", reason],
      );
      assertEquals(page.types, ["signed_out"]);
      assertEquals(page.timers.size, 0);
    }
  },
);

inPage("signs in, refreshes, ends sessions and signs out", async () => {
  const project = new Project();
  const page = new Page(project);
  await page.settle();
  await page.client.signIn({ ...ADA, deviceName: "Phone" });
  assert(page.browser.cookie.includes("lkr_session-1_0."));
  await page.client.refresh();
  assert(page.browser.cookie.includes("lkr_session-1_1."));
  await project.signIn();
  assertEquals(await page.client.revoke("session-2"), 1);
  await page.client.adopt("auth-token");
  assertEquals(page.client.snapshot().session!.session_id, "session-3");
  await project.signIn();
  await page.client.signOut({ scope: "others" });
  assert(project.sessions.get("session-4")!.ended);
  await page.client.signOut();
  assertEquals(page.browser.session, "");
  assertEquals(project.sessions.get("session-3")!.ended, "signed_out");
  assertEquals(page.types, [
    "signed_out",
    "signed_in",
    "token_refreshed",
    "signed_in",
    "signed_out",
  ]);
  const error = await assertRejects(
    () => page.client.signIn({ ...ADA, password: "wrong" }),
    SessionError,
  );
  assertEquals(error.code, "invalid_credentials");
});

inPage("an answer that arrives after a sign-out is thrown away", async () => {
  const project = new Project();
  const page = new Page(project, await project.signIn());
  await page.settle();
  const { promise, resolve } = Promise.withResolvers<void>();
  page.before = () => promise;
  const late = page.client.sync();
  page.before = () => {};
  await page.client.signOut();
  resolve();
  await late;
  assertEquals(page.client.snapshot().status, "signed_out");
  assertEquals(page.types, ["signed_in", "signed_out"]);
});

inPage("a sign-in that was overtaken by a sign-out is superseded", async () => {
  const project = new Project();
  const page = new Page(project);
  await page.settle();
  const { promise, resolve } = Promise.withResolvers<void>();
  page.before = () => promise;
  const signIn = page.client.signIn(ADA);
  page.before = () => {};
  await page.client.signOut();
  resolve();
  const error = await assertRejects(() => signIn, SessionError);
  assertEquals(error.code, "superseded");
  assertEquals(page.client.snapshot().status, "signed_out");
});

inPage(
  "a broadcast ends the session here, and in the server's cookie",
  async () => {
    const project = new Project();
    const page = new Page(project, await project.signIn());
    await page.settle();
    const supabase = new FakeSupabase(page.client.getAccessToken);
    page.client.watch(supabase.client);
    await page.settle();
    project.sessions.get("session-1")!.ended = "user";
    supabase.channels[0]!.send({ session_id: "session-1", reason: "user" });
    await page.settle();
    assertEquals(page.events.at(-1), {
      type: "session_revoked",
      reason: "user",
      session_id: "session-1",
    });
    assertEquals(page.browser.session, "__Host-latchkey-session=ended.user");
  },
);

inPage("without the broadcast, the periodic check finds the end", async () => {
  const project = new Project();
  const page = new Page(project, await project.signIn());
  await page.settle();
  const supabase = new FakeSupabase(page.client.getAccessToken);
  page.client.watch(supabase.client, { checkSeconds: 30 });
  await page.settle();
  project.sessions.get("session-1")!.ended = "admin";
  await page.runTimers();
  assertEquals(page.events.at(-1)!.type, "session_revoked");
  assertEquals(page.client.snapshot().reason, "admin");
  assert(page.asked.includes("/auth/session?live"));
});

inPage("a due token is fetched by a timer, and when it is needed", async () => {
  const project = new Project();
  const page = new Page(project, await project.signIn());
  await page.settle();
  const [{ wait }] = page.timers.values() as unknown as [{ wait: number }];
  assert(wait > 800_000 && wait <= 810_000, `${wait}`);
  page.ahead = 850_000;
  // The page's clock says so; the server's token is still good.
  await page.client.getAccessToken();
  assertEquals(page.asked, ["/auth/session", "/auth/session"]);
  assertEquals(page.types, ["signed_in"]);
  // It backs off instead of asking all the time.
  await page.settle();
  assertEquals(page.timers.size, 1);
  assert([...page.timers.values()].every(({ wait }) => wait >= 500));
});

inPage("an outage keeps the session, and backs off", async () => {
  const project = new Project();
  const page = new Page(project, await project.signIn());
  await page.settle();
  page.before = () => Promise.reject(new TypeError("fetch failed"));
  page.ahead = 850_000;
  assert(await page.client.getAccessToken());
  await page.settle();
  const waits: number[] = [];
  for (let i = 0; i < 6; i++) {
    waits.push(...[...page.timers.values()].map(({ wait }) => wait));
    await page.runTimers();
  }
  assertEquals(waits, [1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  page.ahead = 910_000;
  const error = await assertRejects(
    () => page.client.getAccessToken(),
    SessionError,
  );
  assertEquals([error.code, error.transient], ["network_error", true]);
  assertEquals(page.types, ["signed_in"]);
});

inPage(
  "a page that becomes visible notices what happened on the server",
  async () => {
    const project = new Project();
    const page = new Page(project, await project.signIn());
    await page.settle();
    page.browser.cookies.clear();
    page.listeners.get("visible")!();
    await page.settle();
    assertEquals(page.types, ["signed_in", "signed_out"]);
    const other = new Browser(await project.signIn());
    page.browser.cookies = other.cookies;
    assertEquals((await page.client.sync())!.session_id, "session-2");
  },
);

inPage("without an answer at the start, the status stays loading", async () => {
  const project = new Project();
  const page = new Page(project, await project.signIn(), () => {
    throw new TypeError("fetch failed");
  });
  await assertRejects(() => page.client.getAccessToken(), SessionError);
  assertEquals(page.client.snapshot().status, "loading");
  await page.settle();
  page.before = () => {};
  await page.runTimers();
  assertEquals(page.client.snapshot().status, "signed_in");
});

inPage("supabase.auth acts for the session", async () => {
  const project = new Project();
  const page = new Page(project, await project.signIn());
  const { storage, storageKey } = page.client.authOptions();
  const stored = JSON.parse((await storage.getItem(storageKey))!);
  assertEquals([stored.refresh_token, stored.session_id], ["", "session-1"]);
  await storage.removeItem(storageKey);
  assertEquals([page.browser.session, page.types.at(-1)], ["", "signed_out"]);
});

Deno.test("server/browser: while the server renders, no request is sent", async () => {
  const page = new Page(new Project());
  await page.settle();
  // As supabase-js does when it is created.
  assertEquals(await page.client.getAccessToken(), null);
  assertEquals([page.asked, page.timers.size], [[], 0]);
  assertEquals(page.client.snapshot(), { status: "loading", session: null });
});
