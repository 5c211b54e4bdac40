/**
 * `supabase-latchkey/server/browser`: the session client for pages of an app
 * that keeps its sessions on the server. A page gets access tokens from the
 * app's own routes and keeps them in memory; it never sees a refresh token.
 *
 * @module
 */
import { authOptions } from "../client/auth.ts";
import { checkOptions, checkWatchOptions } from "../client/client.ts";
import { untilExpiry, untilRefresh } from "../client/clock.ts";
import {
  browserStorage,
  defaultEnvironment,
  memoryStorage,
} from "../client/environment.ts";
import { isSessionError, SessionError } from "../client/errors.ts";
import { Events } from "../client/events.ts";
import { authorizedFetch } from "../client/fetch.ts";
import { publicPart, State } from "../client/state.ts";
import {
  isAnswer,
  isSame,
  Store,
  type StoredSession,
} from "../client/storage.ts";
import { badAnswer, fetchOrThrow, readAnswer } from "../client/transport.ts";
import type {
  EndReason,
  Environment,
  Session,
  SessionClient,
  SessionClientOptions,
  SessionInfo,
} from "../client/types.ts";
import { Watch } from "../client/watch.ts";
import { BASE_PATH } from "./routes.ts";

export { isRevoked, isSessionError, SessionError } from "../client/errors.ts";
export type { Session, SessionClient, SessionEvent } from "../client/mod.ts";

/** Longer than the server's own attempts to refresh. */
const LONGEST_MILLISECONDS = 20_000;
const LONGEST_RETRY_MILLISECONDS = 30_000;

/** Options of `createSessionClient`. */
export interface ServerSessionClientOptions extends
  Pick<
    SessionClientOptions,
    | "url"
    | "key"
    | "functionsUrl"
    | "functionPrefix"
    | "trustedOrigins"
    | "fetch"
    | "environment"
  > {
  /** The path of the app's routes, as on the server. Default: `/auth`. */
  basePath?: string;
}

/** The session client of a page whose session is kept by the app's server. */
export interface ServerSessionClient extends SessionClient {
  /**
   * Asks the app's server who is signed in. Call it after a server action or a
   * form that signed in or out without loading a new page. The client does so
   * itself when the page loads, becomes visible or comes online.
   *
   * @throws {SessionError} With `transient`; what is known is kept.
   */
  sync(): Promise<Session | null>;
}

/**
 * Creates the client. A page needs only one. It has the methods of the client
 * of `supabase-latchkey`, so `useSession` and `watch` work with it. The `user`
 * of its sessions has what the access token says, without `created_at` and
 * `identities`.
 *
 * @throws {SessionError} `invalid_options`
 *
 * @example
 * ```ts ignore
 * import { createClient } from "@supabase/supabase-js";
 * import { createSessionClient } from "supabase-latchkey/server/browser";
 *
 * export const session = createSessionClient({ url, key });
 * export const supabase = createClient(url, key, {
 *   accessToken: session.getAccessToken,
 * });
 * session.watch(supabase);
 * ```
 */
export function createSessionClient(
  options: ServerSessionClientOptions,
): ServerSessionClient {
  checkOptions(options);
  const url = options.url.replace(/\/+$/, "");
  const functionsUrl = (options.functionsUrl ?? `${url}/functions/v1`)
    .replace(/\/+$/, "");
  const basePath = options.basePath ?? BASE_PATH;
  const environment: Environment = {
    ...defaultEnvironment,
    ...options.environment,
  };
  const { now } = environment;
  const plainFetch: typeof fetch = options.fetch ??
    ((input, init) => globalThis.fetch(input, init));

  const events = new Events();
  const storageKey = `latchkey.${new URL(url).host}`;
  const memory = memoryStorage();
  const state = new State(
    new Store(memory, storageKey, (work) => work()),
    events,
    environment,
  );
  /** Counts sign-ins and sign-outs, so that a late answer cannot undo one. */
  let intent = 0;
  let isKnown = false;
  let isClosed = false;
  let failures = 0;
  let timer: unknown;
  const flights = new Map<string, Promise<StoredSession | null>>();

  /** Calls one of the app's routes. */
  async function call(
    route: string,
    { token, ...body }: Record<string, unknown> = {},
    method = "POST",
  ): Promise<unknown> {
    const abort = new AbortController();
    const timer = environment.setTimeout(
      () => abort.abort(),
      LONGEST_MILLISECONDS,
    );
    try {
      const response = await fetchOrThrow(plainFetch, `${basePath}/${route}`, {
        method,
        cache: "no-store",
        credentials: "same-origin",
        signal: abort.signal,
        headers: {
          "Latchkey-Mode": "server",
          ...method === "POST" && { "Content-Type": "application/json" },
          ...token ? { Authorization: `Bearer ${token}` } : {},
        },
        ...method === "POST" && { body: JSON.stringify(body) },
      });
      return await readAnswer(response);
    } finally {
      environment.clearTimeout(timer);
    }
  }

  /**
   * Keeps a snapshot of the server.
   *
   * @param since Discards it if the user signed in or out since then.
   * @param options.isNew Whether the tokens are new, even if they look the same:
   * within one second a server may sign the same access token again.
   */
  async function keep(
    snapshot: unknown,
    since: number,
    { isNew = false } = {},
  ): Promise<StoredSession | null> {
    const { session, reason, status } = (snapshot ?? {}) as {
      status?: unknown;
      session?: Session | null;
      reason?: EndReason;
    };
    const answer = session && { ...session, refresh_token: "" };
    if (answer ? !isAnswer(answer) : status !== "signed_out") throw badAnswer();
    if (since !== intent) return await state.read();
    if (answer) {
      isKnown = true;
      return await state.write(
        answer,
        (stored) => isNew || stored?.access_token !== answer.access_token,
      );
    }
    if (!isKnown) {
      isKnown = true;
      if (reason) {
        // As the record of a session that ended before this page was loaded.
        const ended = { session_id: "", reason };
        memory.setItem(storageKey, JSON.stringify({ ended, revision: now() }));
      }
    }
    const stored = await state.read();
    if (stored && reason) await state.end(stored.session_id, reason);
    else if (stored) await state.clear();
    return null;
  }

  /** Asks the server; callers at the same time share one request. */
  function ask(
    route: "session" | "session?live" | "refresh",
  ): Promise<StoredSession | null> {
    const since = intent;
    const known = flights.get(route);
    if (known) return known;
    const flight = (async () => {
      try {
        const isNew = route === "refresh";
        const answer = await call(route, {}, isNew ? "POST" : "GET");
        const stored = await keep(answer, since, { isNew });
        // The server could not replace a token that is due.
        const isDue = stored && untilRefresh(stored, now()) <= 0;
        failures = isDue ? failures + 1 : 0;
        return stored;
      } catch (error) {
        failures++;
        throw error;
      } finally {
        flights.delete(route);
        void schedule();
      }
    })();
    flights.set(route, flight);
    return flight;
  }

  /**
   * The session with a valid access token.
   *
   * @param stale Tokens that a server reported as expired.
   */
  async function current(
    stale?: StoredSession,
  ): Promise<StoredSession | null> {
    // supabase-js asks for a token as soon as it is created.
    if (!isKnown) return isPage() ? await ask("session") : null;
    const stored = await state.read();
    if (!stored) return null;
    const isStale = isSame(stored, stale);
    if (!isStale && untilRefresh(stored, now()) > 0) return stored;
    try {
      return await ask(isStale ? "refresh" : "session");
    } catch (error) {
      if (!isStale && untilExpiry(stored, now()) > 0) return stored;
      throw error;
    }
  }

  /** Plans the next request: when a token is due, or after a failure. */
  async function schedule(): Promise<void> {
    environment.clearTimeout(timer);
    const stored = isKnown ? await state.read() : null;
    if (isClosed || isKnown && !stored) return;
    const backoff = failures && environment.random() * Math.min(
          LONGEST_RETRY_MILLISECONDS,
          1000 * 2 ** failures,
        );
    environment.clearTimeout(timer);
    timer = environment.setTimeout(
      () => void pull(),
      Math.max(stored ? untilRefresh(stored, now()) : 0, backoff, 0),
      { isBackground: true },
    );
  }

  async function pull(): Promise<void> {
    // The `online` event calls this again.
    if (isClosed || !isPage() || !environment.online()) return;
    await ask("session").catch(() => {});
  }

  const check = async () => void await ask("session?live");
  const end = async (id: string, reason: EndReason, at?: number) => {
    await state.end(id, reason, at);
    // The server's cookie still holds the tokens. It notices now, and not when
    // they are due.
    await check().catch(() => {});
  };
  const authorized = authorizedFetch<StoredSession>({
    key: options.key,
    origins: new Set(
      [url, functionsUrl, ...options.trustedOrigins ?? []]
        .map((url) => new URL(url).origin),
    ),
    fetch: plainFetch,
    refresher: { session: current },
    end,
  });

  /** Signs in or adopts, and keeps the session unless a later call was made. */
  async function start(body: Record<string, unknown>): Promise<Session> {
    const own = ++intent;
    const stored = await keep(await call("login", body), own, {
      isNew: true,
    });
    void schedule();
    if (own === intent && stored) return publicPart(stored);
    throw new SessionError(
      "superseded",
      "A later sign-in or sign-out replaced this one.",
    );
  }

  const signOut: SessionClient["signOut"] = async (
    { scope = "local" } = {},
  ) => {
    if (scope === "others") return void await call("revoke", { scope });
    intent++;
    isKnown = true;
    await state.clear();
    try {
      await call("revoke", { scope });
    } catch (error) {
      if (isSessionError(error)) {
        error.message =
          `Signed out here, but the server does not know. ${error.message}`;
      }
      throw error;
    }
  };

  const stops = [
    environment.on("online", () => void pull()),
    environment.on("visible", () => void (environment.visible() && pull())),
  ];
  void pull();

  const client: ServerSessionClient = {
    signIn: ({ email, phone, password, deviceName, captchaToken }) =>
      start({
        email,
        phone,
        password,
        device_name: deviceName,
        captcha_token: captchaToken,
      }),
    adopt: (token, { deviceName } = {}) =>
      start({ token, device_name: deviceName }),
    getAccessToken: async () => (await current())?.access_token ?? null,
    authOptions: ({ deviceName } = {}) =>
      authOptions(
        client,
        async () => {
          if (await ask("session?live")) await signOut();
        },
        `${storageKey}.auth`,
        browserStorage() ?? memoryStorage(),
        now,
        deviceName,
      ),
    async refresh() {
      const stored = await ask("refresh");
      return stored && publicPart(stored);
    },
    async sync() {
      const stored = await ask("session");
      return stored && publicPart(stored);
    },
    async getSession() {
      const stored = isKnown ? await state.read() : await ask("session");
      return stored && publicPart(stored);
    },
    snapshot: () => state.snapshot(),
    signOut,
    async sessions() {
      const response = await fetchOrThrow(
        authorized,
        `${functionsUrl}/${options.functionPrefix ?? ""}sessions`,
      );
      return (await readAnswer(response) as { sessions: SessionInfo[] })
        .sessions;
    },
    async revoke(sessionId) {
      const answer = await call("revoke", { session_id: sessionId });
      await state.end(sessionId, "signed_out");
      return (answer as { revoked: number }).revoked;
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
      isClosed = true;
      for (const stop of stops) stop();
      environment.clearTimeout(timer);
    },
  };
  return client;
}

/**
 * Whether this is a page. The server loads the module too when it renders
 * components, but has no routes of its own to ask.
 */
function isPage(): boolean {
  return "document" in globalThis;
}
