/**
 * Combines the parts.
 *
 * @module
 */
import { authOptions } from "./auth.ts";
import { untilExpiry } from "./clock.ts";
import {
  browserStorage,
  defaultEnvironment,
  memoryStorage,
} from "./environment.ts";
import { deviceId } from "./device.ts";
import { isRevoked, isSessionError, SessionError } from "./errors.ts";
import { Events } from "./events.ts";
import { authorizedFetch } from "./fetch.ts";
import { leaseLock, type Lock, webLock } from "./lock.ts";
import { DeviceKey, keyId } from "./proof_key.ts";
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
  WatchOptions,
} from "./types.ts";
import { Watch } from "./watch.ts";

/**
 * Creates the client. An app needs only one.
 *
 * @example Get a token while the user is signed out.
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
  const endpoints = `${functionsUrl}/${options.functionPrefix ?? ""}`;
  const storageKey = options.storageKey ?? `latchkey.${new URL(url).host}`;
  const environment: Environment = {
    ...defaultEnvironment,
    ...options.environment,
  };
  // Wrapped in a function, because a browser's fetch throws if it is called as
  // a method.
  const plainFetch: typeof fetch = options.fetch ??
    ((input, init) => globalThis.fetch(input, init));

  const shared = options.storage ?? browserStorage();
  const storage = shared ?? memoryStorage();
  // Memory would make the device a new one after each start.
  const device = async () =>
    shared && await deviceId(shared, `${storageKey}.device`);
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
  const deviceKey = new DeviceKey(options.proofKey, storageKey);
  const transport = new Transport(
    endpoints,
    options.key,
    options.mode ?? "body",
    plainFetch,
    environment,
  );
  const oneAtATime = lock();
  const refresher = new Refresher(
    state,
    transport,
    deviceKey,
    oneAtATime,
    environment,
  );
  // Requests run one after the other, so that the responses set the cookie in
  // the order of the requests.
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
  /** Counts sign-ins and sign-outs, so that a late answer cannot undo one. */
  let intent = 0;
  /** The count at the last sign-out. */
  let signedOut = 0;

  const schedule = () => void refresher.schedule();
  const stops = [
    events.on(schedule),
    environment.on("storage", schedule),
    environment.on(
      "online",
      () => void refresher.tick(undefined, { isBackOnline: true }),
    ),
    // Timers do not run while a laptop sleeps.
    environment.on("visible", () => void refresher.tick()),
  ];
  void refresher.tick();

  function lock(): Lock {
    // Memory is not shared with other tabs.
    if (!shared) return unlocked;
    const name = `${storageKey}.lock`;
    return locks
      ? webLock(locks, name, environment)
      : leaseLock(shared, name, environment);
  }

  /** @param token The access token of a session to adopt. */
  async function start(
    body: Record<string, unknown>,
    token?: string,
  ): Promise<Session> {
    const ownIntent = ++intent;
    const isNew = token === undefined;
    let isSuperseded = true;
    /** A session to end on the server, because its tokens are not stored. */
    let discarded: Session | null = null;
    // A session that is adopted again may be refreshing. If the two answers
    // cross, the stored refresh token may be the used one.
    const answer = await (isNew ? inTurn : oneAtATime)(async () => {
      const key = await deviceKey.forSignIn();
      const answer = await transport.login(
        { ...body, device_id: await device() },
        token,
        key ? { key } : undefined,
      );
      await state.write(answer, (before) => {
        isSuperseded = ownIntent !== intent;
        // If the same session was adopted a second time, it is in use.
        if (isSuperseded) {
          discarded = isNew || intent === signedOut ? answer : null;
        } else if (before?.session_id !== answer.session_id) discarded = before;
        return !isSuperseded;
      }, keyId(key));
      return answer;
    });
    if (discarded) {
      const left: Session = discarded;
      // The cookie belongs to another session.
      void inTurn(() =>
        options.mode === "cookie"
          ? transport.revokeAs(left.access_token, "local")
          : transport.revoke(left)
      ).catch(() => {});
    }
    if (!isSuperseded) return answer;
    throw new SessionError(
      "superseded",
      "A later sign-in or sign-out replaced this one.",
    );
  }

  /** Calls an endpoint as the signed-in user. */
  async function call(
    endpoint: string,
    body?: Record<string, unknown>,
  ): Promise<unknown> {
    const response = await fetchOrThrow(
      authorized,
      endpoints + endpoint,
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
      // The session had already ended.
      if (scope === "local" && isRevoked(error)) return;
      if (isSessionError(error)) {
        error.message =
          `Signed out here, but the server does not know. ${error.message}`;
      }
      throw error;
    }
  }

  /**
   * Signs out, or reports the end if another way than a sign-out has ended the
   * session. Only a refresh tells the reason.
   */
  async function drop(): Promise<void> {
    const stored = await state.read();
    if (!stored) return;
    const error = await oneAtATime(() => refresher.send(stored))
      .catch((error) => error);
    const isReported = isRevoked(error) && error.reason !== "signed_out";
    await (isReported ? end(stored.session_id, error.reason) : signOut());
  }

  /**
   * Ends all sessions. That needs an access token, and the storage is empty
   * now.
   */
  async function revokeAll(stored: StoredSession): Promise<void> {
    const { access_token } = untilExpiry(stored, environment.now()) > 0
      ? stored
      : await refresher.send(stored);
    await transport.revokeAs(access_token, "global");
  }

  /** The live check. If the session has ended, a refresh tells the reason. */
  async function check(): Promise<void> {
    const response = await authorized(`${url}/rest/v1/rpc/session_active`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "Content-Profile": "latchkey",
      },
      body: "{}",
    });
    // There was no answer. The caller may try again.
    if (response.status >= 500) throw response;
    if (!response.ok || await response.json() !== false) return;
    const stored = await state.read();
    if (stored) await refresher.refresh(stored);
  }

  const client: SessionClient = {
    // Field by field, because the server refuses unknown fields.
    signIn: ({ email, phone, password, deviceName, captchaToken }) =>
      start({
        email,
        phone,
        password,
        device_name: deviceName,
        captcha_token: captchaToken,
      }),
    adopt: (accessToken, { deviceName } = {}) =>
      start({ device_name: deviceName }, accessToken),
    authOptions: ({ deviceName } = {}) =>
      authOptions(
        client,
        drop,
        `${storageKey}.auth`,
        storage,
        environment.now,
        deviceName,
      ),
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
    watch(supabase, options) {
      checkWatchOptions(options);
      const watch = new Watch(
        supabase,
        {
          environment,
          sessionId: () => state.snapshot().session?.session_id,
          onChange: (listener) => events.on(listener),
          end,
          check,
        },
        options,
      );
      const stop = () => watch.stop();
      stops.push(stop);
      return stop;
    },
    close() {
      for (const stop of stops) stop();
      refresher.close();
    },
  };
  return client;
}

export function checkOptions(
  { url, key }: Pick<SessionClientOptions, "url" | "key">,
): void {
  const problem = !/^https?:\/\/[^/\s]+/.test(url)
    ? "Set url to the project's URL, such as https://example.supabase.co."
    : !key
    ? "Set key to the project's publishable key."
    : key.startsWith("sb_secret_") && isPublic()
    ? "Set key to the publishable key. Every user can read a secret key here."
    : "";
  if (problem) throw new SessionError("invalid_options", problem);
}

/** Whether this code runs on users' devices: in a page or in React Native. */
function isPublic(): boolean {
  const { product } = globalThis.navigator as { product?: string } ?? {};
  return "document" in globalThis || product === "ReactNative";
}

export function checkWatchOptions(
  { checkSeconds = 0 }: WatchOptions = {},
): void {
  if (checkSeconds >= 0) return;
  throw new SessionError(
    "invalid_options",
    "Set checkSeconds to a number of seconds, or to 0 for no checks.",
  );
}
