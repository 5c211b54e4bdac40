/**
 * What the client library costs an app.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import { createClient } from "@supabase/supabase-js";
import { Bench as Timer } from "tinybench";
import {
  createSessionClient,
  type Locks,
  type Session,
  type SessionClientOptions,
} from "../client/mod.ts";
import { addSessions, removeEverybody, userId } from "./population.ts";
import type { Bench, Figure, Result, Section } from "./section.ts";
import { openSessions } from "./sessions.ts";
import { figure, interleave } from "./statistics.ts";

const TABS = 50;
/** Any time at which an access token of 15 minutes is due, but still good. */
const LATER_MILLISECONDS = 14 * 60_000;
const LARGEST_BYTES = 6 * 1024;

/** Deno has them, and types them nowhere. */
const WEB_LOCKS = (navigator as unknown as { locks: Locks }).locks;

/** A page's, which all its tabs share. */
type PageStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** The library that an app uses. */
export const client: Section = {
  name: "client",
  title: "The client",
  async run(bench) {
    const { sql, quick } = bench;
    await removeEverybody(sql);
    bench.progress("Asking for a fresh token");
    const asked = await askForToken(bench);
    bench.progress(`Refreshing in ${TABS} tabs`);
    const tabs = await interleave(quick ? 1 : 5, {
      "Web Locks": () => refreshInTabs(bench, WEB_LOCKS),
      "no Web Locks": () => refreshInTabs(bench, null),
    });
    bench.progress("Building the package");
    const size = await build(join(bench.work, "client"));
    await removeEverybody(sql);
    return report(asked, tabs, size);
  },
};

/** A new session as the server answers it. */
async function signIn(bench: Bench): Promise<Session> {
  await removeEverybody(bench.sql);
  await addSessions(bench.sql, 0, 1);
  const [opened] = await openSessions(bench, [userId(0)]);
  const response = await fetch(`${bench.stack.functions.url}/refresh`, {
    method: "POST",
    headers: {
      apikey: bench.stack.publishableKey,
      "Content-Type": "application/json",
    },
    body: JSON.stringify({ refresh_token: opened!.refreshToken }),
  });
  if (!response.ok) throw new Error(await response.text());
  return await response.json();
}

/** A client in a page, whose storage is the tabs'. */
function tab(
  { stack }: Bench,
  storage: PageStorage,
  options: Partial<SessionClientOptions> = {},
) {
  const { apiUrl: url, publishableKey: key } = stack;
  return createSessionClient({ url, key, storage, ...options });
}

/** Puts a session where the tabs find it. */
async function store(bench: Bench, storage: PageStorage, session: Session) {
  const first = tab(bench, storage, {
    fetch: () => Promise.resolve(Response.json(session)),
  });
  await first.signIn({ email: "ada@example.com", password: "secret" });
  first.close();
}

function pageStorage(): PageStorage {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}

/** Microseconds, by whom is asked. */
async function askForToken(bench: Bench): Promise<Record<string, Figure>> {
  const session = await signIn(bench);
  const storage = pageStorage();
  await store(bench, storage, session);
  const latchkey = tab(bench, storage);
  storage.setItem("supabase", JSON.stringify(session));
  const { auth } = createClient(
    bench.stack.apiUrl,
    bench.stack.publishableKey,
    { auth: { storage, storageKey: "supabase", autoRefreshToken: false } },
  );

  const time = async (call: () => Promise<unknown>) => {
    const milliseconds = bench.quick ? 50 : 300;
    const timer = new Timer({ time: milliseconds, warmupTime: milliseconds });
    timer.add("call", call);
    await timer.run();
    const { result } = timer.tasks[0]!;
    if (result.state !== "completed") throw new Error(result.state);
    return result.latency.p50 * 1000;
  };
  const rounds = await interleave(bench.quick ? 3 : 7, {
    "getAccessToken()": () =>
      time(async () => {
        if (!await latchkey.getAccessToken()) throw new Error("No token");
      }),
    "supabase-js's auth.getSession()": () =>
      time(async () => {
        const { data } = await auth.getSession();
        if (!data.session) throw new Error("No session");
      }),
  });
  latchkey.close();
  return Object.fromEntries(
    Object.entries(rounds).map(([name, times]) => [name, figure(times)]),
  );
}

/** What came of all tabs waking at once, when the access token is due. */
interface Awakening {
  refreshes: number;
  /** Until the last of them has the new token. */
  milliseconds: number;
}

async function refreshInTabs(
  bench: Bench,
  locks: Locks | null,
): Promise<Awakening> {
  const session = await signIn(bench);
  const storage = pageStorage();
  await store(bench, storage, session);
  let refreshes = 0;
  const start = performance.now();
  const tabs = Array.from({ length: TABS }, () =>
    tab(bench, storage, {
      locks,
      environment: { now: () => Date.now() + LATER_MILLISECONDS },
      fetch(input, init) {
        if (String(input).endsWith("/refresh")) refreshes++;
        return fetch(input, init);
      },
    }));
  const tokens = await Promise.all(tabs.map((tab) => tab.getAccessToken()));
  const milliseconds = performance.now() - start;
  for (const tab of tabs) tab.close();
  if (refreshes === 0 || new Set(tokens).size !== 1) {
    throw new Error("The tabs have not all got the one new token.");
  }
  return { refreshes, milliseconds };
}

/** Bytes of what an app loads. */
interface Size {
  minified: number;
  gzipped: number;
}

async function build(folder: string): Promise<Size> {
  const script = fromFileUrl(import.meta.resolve("../scripts/build_client.ts"));
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", script, folder],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const bytes = await Deno.readFile(join(folder, "mod.js"));
  const gzipped = new Blob([bytes]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return {
    minified: bytes.length,
    gzipped: (await new Response(gzipped).bytes()).length,
  };
}

function report(
  asked: Record<string, Figure>,
  tabs: Record<string, Awakening[]>,
  { minified, gzipped }: Size,
): Result {
  const most = (awakenings: Awakening[]) =>
    Math.max(...awakenings.map(({ refreshes }) => refreshes));
  return {
    tables: [
      {
        title: "Asking for the access token while it is fresh, out of a " +
          "storage in memory",
        columns: ["", "Microseconds"],
        rows: Object.entries(asked),
      },
      {
        title: `${TABS} tabs at the moment when the token is due`,
        columns: [
          "A browser with",
          "Refreshes",
          "Milliseconds until all have it",
        ],
        rows: Object.entries(tabs).map(([browser, awakenings]) => [
          browser,
          most(awakenings),
          figure(awakenings.map(({ milliseconds }) => milliseconds)),
        ]),
      },
      {
        title: "What an app loads",
        columns: ["", "Bytes"],
        rows: [["Minified", minified], ["Minified and gzipped", gzipped]],
      },
    ],
    charts: [],
    notes: [
      "Without Web Locks the tabs agree by a note in the storage, and wait a " +
      "moment for each other to write it.",
    ],
    aims: [],
    checks: [
      ...Object.entries(tabs).map(([browser, awakenings]) => ({
        what: `Refreshes made by ${TABS} tabs, with ${browser}`,
        value: most(awakenings),
        limit: "1",
        holds: most(awakenings) === 1,
      })),
      {
        what: "Bytes of the client, minified and gzipped",
        value: gzipped,
        limit: `at most ${LARGEST_BYTES}`,
        holds: gzipped <= LARGEST_BYTES,
      },
    ],
  };
}
