/**
 * How long the client library's calls take, and how large it is.
 *
 * @module
 */
import { join } from "@std/path";
import { createClient } from "@supabase/supabase-js";
import { Bench as Timer } from "tinybench";
import {
  createSessionClient,
  type Locks,
  type Session,
  type SessionClientOptions,
} from "../client/mod.ts";
import {
  buildPackage,
  LARGEST_CLIENT_BYTES,
  type Size,
} from "../scripts/build.ts";
import { addSessions, removeUsers, userId } from "./population.ts";
import type { Bench, Figure, Result, Section } from "./section.ts";
import { openSessions } from "./sessions.ts";
import { figure, interleave } from "./statistics.ts";

const TABS = 50;
/** When an access token of 15 minutes is due for refresh but still valid. */
const LATER_MILLISECONDS = 14 * 60_000;

/** Deno has Web Locks, but no types for them. */
const WEB_LOCKS = (navigator as unknown as { locks: Locks }).locks;

/** A storage that all tabs share. */
type PageStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** The library that an app uses. */
export const client: Section = {
  name: "client",
  title: "The client",
  async run(bench) {
    const { sql, quick } = bench;
    await removeUsers(sql);
    bench.progress("Reading a valid token");
    const reads = await readToken(bench);
    bench.progress(`Refreshing in ${TABS} tabs`);
    const tabs = await interleave(quick ? 1 : 5, {
      "with Web Locks": () => refreshInTabs(bench, WEB_LOCKS),
      "without Web Locks": () => refreshInTabs(bench, null),
    });
    bench.progress("Building the package");
    const sizes = await buildPackage(join(bench.work, "package"));
    await removeUsers(sql);
    return report(reads, tabs, sizes["index.js"]!);
  },
};

/** A new session, as the server returns it. */
async function signIn(bench: Bench): Promise<Session> {
  await removeUsers(bench.sql);
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

/** Creates the client of one tab. */
function tab(
  { stack }: Bench,
  storage: PageStorage,
  options: Partial<SessionClientOptions> = {},
) {
  const { apiUrl: url, publishableKey: key } = stack;
  return createSessionClient({ url, key, storage, ...options });
}

/** Stores a session where the tabs look for it. */
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

/** Microseconds of each library's call. */
async function readToken(bench: Bench): Promise<Record<string, Figure>> {
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

/** The result of all tabs waking at once, when the access token is due. */
interface Awakening {
  refreshes: number;
  /** Until the last tab has the new token. */
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
    throw new Error("Not all tabs have the same new token.");
  }
  return { refreshes, milliseconds };
}

function report(
  reads: Record<string, Figure>,
  tabs: Record<string, Awakening[]>,
  { minified, gzipped }: Size,
): Result {
  const most = (awakenings: Awakening[]) =>
    Math.max(...awakenings.map(({ refreshes }) => refreshes));
  return {
    tables: [
      {
        title: "Reading a valid access token from a storage in memory",
        columns: ["", "Microseconds"],
        rows: Object.entries(reads),
      },
      {
        title: `${TABS} tabs wake when the token is due for refresh`,
        columns: [
          "Browser",
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
      "Without Web Locks the tabs coordinate with an entry in the storage, and " +
      "wait briefly for one another to write it.",
    ],
    aims: [],
    checks: [
      ...Object.entries(tabs).map(([browser, awakenings]) => ({
        what: `Refreshes made by ${TABS} tabs ${browser}`,
        value: most(awakenings),
        limit: "1",
        holds: most(awakenings) === 1,
      })),
      {
        what: "Bytes of the client, minified and gzipped",
        value: gzipped,
        limit: `at most ${LARGEST_CLIENT_BYTES}`,
        holds: gzipped <= LARGEST_CLIENT_BYTES,
      },
    ],
  };
}
