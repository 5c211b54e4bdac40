/**
 * Puts the parts together.
 *
 * @module
 */
import { untilExpiry } from "./clock.ts";
import { localStorageOf, machine, memoryStorage } from "./environment.ts";
import { isRevoked, isSessionError, SessionError } from "./errors.ts";
import { Events } from "./events.ts";
import { authorizedFetch } from "./fetch.ts";
import { leaseLock, type Lock, webLock } from "./lock.ts";
import { Refresher } from "./refresh.ts";
import { publicPart, State } from "./state.ts";
import { Store, type StoredSession } from "./storage.ts";
import { fetchOrThrow, readAnswer, Transport } from "./transport.ts";
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
  checkOptions(options);
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
  const locks = options.locks === undefined
    ? (globalThis.navigator as { locks?: Locks } | undefined)?.locks
    : options.locks;
  const unlocked: Lock = (work) => work();
  const state = new State(
    new Store(
      storage,
      storageKey,
      locks ? webLock(locks, `${storageKey}.store`, environment) : unlocked,
    ),
    events,
    environment,
  );
  const transport = new Transport(
    functionsUrl,
    options.key,
    options.mode ?? "body",
    plainFetch,
    environment,
  );
  const oneAtATime = lock();
  const refresher = new Refresher(state, transport, oneAtATime, environment);
  // What sets the cookie must not overtake what set it before.
  const inTurn = options.mode === "cookie" ? oneAtATime : unlocked;
  const end: State["end"] = (...ended) => state.end(...ended);
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
  /** Counts what the user wanted, so that a late answer cannot undo it. */
  let intent = 0;
  /** Which of these was the last sign-out. */
  let signedOut = 0;

  const schedule = () => void refresher.schedule();
  const stops = [
    events.on(schedule),
    environment.on("storage", schedule),
    environment.on(
      "online",
      () => void refresher.tick(undefined, { isBackOnline: true }),
    ),
    // Timers stand still while a laptop sleeps.
    environment.on("visible", () => void refresher.tick()),
  ];
  void refresher.tick();

  function lock(): Lock {
    // Memory of this process's own has no other tabs.
    if (!shared) return unlocked;
    const name = `${storageKey}.lock`;
    return locks
      ? webLock(locks, name, environment)
      : leaseLock(shared, name, environment);
  }

  async function start(
    login: () => Promise<Session>,
    { made }: { made: boolean },
  ): Promise<Session> {
    const mine = ++intent;
    let superseded = true;
    /** A session whose tokens nobody will use any more. */
    let orphan: Session | null = null;
    // Adopted a second time, a session may be refreshing: the answers that cross
    // would leave a refresh token behind that is used up.
    const answer = await (made ? inTurn : oneAtATime)(async () => {
      const answer = await login();
      await state.write(answer, (before) => {
        superseded = mine !== intent;
        // One that was adopted may just be adopted a second time.
        if (superseded) orphan = made || intent === signedOut ? answer : null;
        else if (before?.session_id !== answer.session_id) orphan = before;
        return !superseded;
      });
      return answer;
    });
    if (orphan) {
      const left: Session = orphan;
      // The cookie is not this one's.
      void inTurn(() =>
        options.mode === "cookie"
          ? transport.revokeAs(left.access_token, "local")
          : transport.revoke(left)
      ).catch(() => {});
    }
    if (!superseded) return answer;
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
    signedOut = ++intent;
    const stored = await state.clear();
    if (!stored) return;
    try {
      await inTurn(() =>
        scope === "local" ? transport.revoke(stored) : revokeAll(stored)
      );
    } catch (error) {
      // It had ended before.
      if (scope === "local" && isRevoked(error)) return;
      if (isSessionError(error)) {
        error.message =
          `Signed out here, but the server was not told. ${error.message}`;
      }
      throw error;
    }
  }

  /** Only an access token ends all; nothing it needs is stored any more. */
  async function revokeAll(stored: StoredSession): Promise<void> {
    const { access_token } = untilExpiry(stored, environment.now()) > 0
      ? stored
      : await transport.refresh(stored);
    await transport.revokeAs(access_token, "global");
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
    // No answer: whoever asked may ask again.
    if (response.status >= 500) throw response;
    if (!response.ok || await response.json() !== false) return;
    const stored = await state.read();
    if (stored) await refresher.refresh(stored);
  }

  return {
    // Field by field: the server refuses what it does not know.
    signIn: ({ email, phone, password, deviceName, captchaToken }) =>
      start(() =>
        transport.login({
          email,
          phone,
          password,
          device_name: deviceName,
          captcha_token: captchaToken,
        }), { made: true }),
    adopt: (accessToken, { deviceName } = {}) =>
      start(() => transport.login({ device_name: deviceName }, accessToken), {
        made: false,
      }),
    getAccessToken: async () =>
      (await refresher.session())?.access_token ?? null,
    async refresh() {
      const stored = await state.read();
      const fresh = stored && await refresher.refresh(stored);
      return fresh && publicPart(fresh);
    },
    async getSession() {
      const stored = await state.read();
      return stored && publicPart(stored);
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
      const stop = () => watch.stop();
      stops.push(stop);
      return stop;
    },
    close() {
      for (const stop of stops) stop();
      refresher.close();
    },
  };
}

function checkOptions({ url, key }: SessionClientOptions): void {
  const problem = !/^https?:\/\/[^/\s]+/.test(url)
    ? "Give url as https://example.supabase.co."
    : !key
    ? "Give key, the publishable key."
    : key.startsWith("sb_secret_") && "document" in globalThis
    ? "Give key the publishable key: any visitor could read a secret."
    : "";
  if (problem) throw new SessionError("invalid_options", problem);
}
