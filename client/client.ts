/**
 * Puts the parts together.
 *
 * @module
 */
import { localStorageOf, machine, memoryStorage } from "./environment.ts";
import { SessionError } from "./errors.ts";
import { Events } from "./events.ts";
import { authorizedFetch, fetchOrThrow } from "./fetch.ts";
import { leaseLock, type Lock, webLock } from "./lock.ts";
import { Refresher } from "./refresh.ts";
import { publicPart, State } from "./state.ts";
import { isAnswer, Store } from "./storage.ts";
import { readAnswer, Transport } from "./transport.ts";
import type {
  Environment,
  Locks,
  Session,
  SessionClient,
  SessionClientOptions,
  SessionInfo,
} from "./types.ts";
import { Watch } from "./watch.ts";

/**
 * Makes the one object that an app needs.
 *
 * @example Ask for a token; nobody is signed in yet.
 * ```ts
 * import { createSessionClient } from "./mod.ts";
 *
 * const session = createSessionClient({
 *   url: "https://example.supabase.co",
 *   key: "sb_publishable_example",
 * });
 * console.log(await session.getAccessToken()); // null
 * session.close();
 * ```
 *
 * @example With supabase-js.
 * ```ts ignore
 * const supabase = createClient(url, key, {
 *   accessToken: session.getAccessToken,
 * });
 * session.watch(supabase);
 * session.onChange((event) => {
 *   if (event.type === "session_revoked") show(`Signed out: ${event.reason}`);
 * });
 * await session.signIn({ email, password });
 * ```
 */
export function createSessionClient(
  options: SessionClientOptions,
): SessionClient {
  const url = options.url.replace(/\/+$/, "");
  const functionsUrl = (options.functionsUrl ?? `${url}/functions/v1`)
    .replace(/\/+$/, "");
  const storageKey = options.storageKey ?? `latchkey.${new URL(url).host}`;
  const environment: Environment = { ...machine, ...options.environment };
  // Called by itself: a browser's fetch refuses to be a method.
  const plainFetch: typeof fetch = options.fetch ??
    ((input, init) => globalThis.fetch(input, init));

  const shared = options.storage ?? localStorageOf();
  const storage = shared ?? memoryStorage();
  const events = new Events();
  const state = new State(new Store(storage, storageKey), events, environment);
  const transport = new Transport(
    functionsUrl,
    options.key,
    plainFetch,
    environment,
  );
  const refresher = new Refresher(state, transport, lock(), environment);
  const end: State["end"] = (id, reason) => state.end(id, reason);
  const authorized = authorizedFetch({
    key: options.key,
    origins: new Set([
      ...[url, functionsUrl, ...options.trustedOrigins ?? []]
        .map((url) => new URL(url).origin),
    ]),
    fetch: plainFetch,
    refresher,
    end,
  });
  const watches = new Set<Watch>();
  /** Counts what the user wanted, so that a late answer cannot undo it. */
  let intent = 0;

  const schedule = () => void refresher.schedule();
  const stops = [
    events.on(() => {
      refresher.reset();
      schedule();
    }),
    environment.on("storage", schedule),
    environment.on("online", () => void refresher.retry()),
    // Timers stand still while a laptop sleeps.
    environment.on("visible", () => void refresher.tick()),
  ];
  void refresher.tick();

  function lock(): Lock {
    // Memory of this process's own has no other tabs.
    if (!shared) return (work) => work();
    const locks = options.locks === undefined
      ? (globalThis.navigator as { locks?: Locks } | undefined)?.locks
      : options.locks;
    const name = `${storageKey}.lock`;
    return locks
      ? webLock(locks, name, environment)
      : leaseLock(shared, name, environment);
  }

  async function start(
    login: () => Promise<unknown>,
    { made }: { made: boolean },
  ): Promise<Session> {
    const mine = ++intent;
    const answer = await login();
    if (!isAnswer(answer)) {
      throw new SessionError(
        "bad_answer",
        "The server's answer is no session: check the URL, then try again.",
      );
    }
    let stored = false;
    await state.write(answer, () => stored = mine === intent);
    if (stored) return answer;
    // Nobody will ever use a session that was made for this; one that was
    // adopted may just be adopted a second time.
    if (made) void transport.revokeToken(answer.refresh_token).catch(() => {});
    throw new SessionError(
      "superseded",
      "Another sign-in or a sign-out came later, and counts.",
    );
  }

  /** Calls an endpoint as the user. */
  async function call(
    endpoint: string,
    body?: Record<string, unknown>,
  ): Promise<unknown> {
    const response = await fetchOrThrow(
      authorized,
      `${functionsUrl}/${endpoint}`,
      body && {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      },
    );
    return await readAnswer(response);
  }

  async function revoke(body: Record<string, unknown>): Promise<number> {
    return (await call("revoke", body) as { revoked: number }).revoked;
  }

  async function signOut(
    { scope = "local" }: Parameters<SessionClient["signOut"]>[0] = {},
  ): Promise<void> {
    if (scope === "others") return void await revoke({ scope });
    intent++;
    if (scope === "local") {
      const stored = await state.clear();
      if (stored) await transport.revokeToken(stored.refresh_token);
      return;
    }
    // Only an access token ends all, so it is used before it is dropped.
    try {
      await revoke({ scope });
    } finally {
      await state.clear();
    }
  }

  /** The live check; a refresh then names the reason. */
  async function check(): Promise<void> {
    const response = await authorized(`${url}/rest/v1/rpc/session_active`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "Content-Profile": "latchkey",
      },
      body: "{}",
    });
    if (!response.ok || await response.json() !== false) return;
    const stored = await state.read();
    if (stored) await refresher.refresh(stored.access_token);
  }

  return {
    signIn: ({ deviceName, captchaToken, ...credentials }) =>
      start(() =>
        transport.login({
          ...credentials,
          device_name: deviceName,
          captcha_token: captchaToken,
        }), { made: true }),
    adopt: (accessToken, { deviceName } = {}) =>
      start(() => transport.login({ device_name: deviceName }, accessToken), {
        made: false,
      }),
    getAccessToken: async () =>
      (await refresher.session())?.access_token ?? null,
    async getSession() {
      const stored = await state.read();
      return stored && publicPart(stored);
    },
    async refresh() {
      const before = await state.read();
      const after = before && await refresher.refresh(before.access_token);
      return after && publicPart(after);
    },
    snapshot: () => state.snapshot(),
    signOut,
    sessions: async () =>
      (await call("sessions") as { sessions: SessionInfo[] }).sessions,
    async revoke(sessionId) {
      const revoked = await revoke({ session_id: sessionId });
      await end(sessionId, "signed_out");
      return revoked;
    },
    onChange: (listener) => events.on(listener),
    fetch: authorized,
    watch(supabase) {
      const watch = new Watch(supabase, {
        environment,
        sessionId: () => state.snapshot().session?.session_id,
        onChange: (listener) => events.on(listener),
        end,
        check,
      });
      watches.add(watch);
      return () => {
        watches.delete(watch);
        watch.stop();
      };
    },
    close() {
      for (const stop of stops) stop();
      for (const watch of watches) watch.stop();
      refresher.close();
    },
  };
}
