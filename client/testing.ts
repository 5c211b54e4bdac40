/**
 * What the client's tests share: a clock that only moves when told, and a
 * server that keeps the contract's rules of rotation.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import { createSessionClient } from "./client.ts";
import type {
  Environment,
  Locks,
  SessionClient,
  SessionClientOptions,
  SessionEvent,
  SessionStorage,
} from "./types.ts";

export const URL_ = "https://project.example";
const START = Date.UTC(2030, 0, 1);

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Lets everything that needs no time happen. */
export async function settle(turns = 3): Promise<void> {
  for (let i = 0; i < turns; i++) await turn();
}

/** Time that is told to pass. */
export class Clock {
  now = START;
  #timers = new Map<number, { at: number; work: () => void }>();
  #last = 0;

  set(work: () => void, milliseconds: number): number {
    this.#timers.set(++this.#last, { at: this.now + milliseconds, work });
    return this.#last;
  }
  clear(timer: unknown): void {
    this.#timers.delete(timer as number);
  }
  async advance(milliseconds: number): Promise<void> {
    const end = this.now + milliseconds;
    await settle();
    for (;;) {
      let first: [number, { at: number; work: () => void }] | undefined;
      for (const entry of this.#timers) {
        if (entry[1].at <= end && (!first || entry[1].at < first[1].at)) {
          first = entry;
        }
      }
      if (!first) break;
      this.#timers.delete(first[0]);
      this.now = Math.max(this.now, first[1].at);
      first[1].work();
      await settle(2);
    }
    this.now = end;
  }
}

/** Web Locks of one browser. */
export class FakeLocks implements Locks {
  #tail: Promise<unknown> = Promise.resolve();
  request<T>(_: string, __: unknown, work: () => Promise<T>): Promise<T> {
    const run = this.#tail.then(work);
    this.#tail = run.catch(() => {});
    return run;
  }
}

interface ServerSession {
  id: string;
  user: string;
  generation: number;
  rotatedAt: number;
  revoked?: string;
}

/** The endpoints, over a network that can fail. */
export class Server {
  sessions = new Map<string, ServerSession>();
  refreshes = 0;
  life = 900;
  down = false;
  delay = 0;
  /** Milliseconds that the server's clock is ahead. */
  ahead = 0;
  /** Answers instead, once each. */
  next: (() => Response | Promise<Response>)[] = [];
  requests: Request[] = [];
  #count = 0;

  constructor(readonly clock: Clock) {}

  get time(): number {
    return this.clock.now + this.ahead;
  }

  answer(session: ServerSession): Response {
    const expires_at = Math.floor(this.time / 1000) + this.life;
    return Response.json({
      access_token: `${session.id}/${expires_at}/${++this.#count}`,
      token_type: "bearer",
      expires_in: this.life,
      expires_at,
      refresh_token: `${session.id}.${session.generation}`,
      session_id: session.id,
      user: { id: session.user },
    });
  }

  fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    this.requests.push(request.clone());
    const wait = () =>
      new Promise<void>((resolve, reject) => {
        if (!this.delay) return resolve();
        this.clock.set(resolve, this.delay);
        init?.signal?.addEventListener(
          "abort",
          () => reject(new Error("aborted")),
        );
      });
    if (this.down) throw new TypeError("fetch failed");
    const response = await this.handle(request);
    await wait();
    if (this.down) throw new TypeError("the answer was lost");
    return response;
  };

  async handle(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/refresh")) this.refreshes++;
    const instead = this.next.shift();
    if (instead) return await instead();
    const refuse = (status: number, code: string, reason?: string) =>
      Response.json({ code, reason, error_description: code }, { status });
    if (pathname.endsWith("/login")) {
      const body = await request.json();
      const id = `s${this.sessions.size + 1}`;
      const session = {
        id,
        user: body.email ?? "adopted",
        generation: 0,
        rotatedAt: 0,
      };
      this.sessions.set(id, session);
      return this.answer(session);
    }
    if (pathname.endsWith("/refresh")) {
      const [id, generation] = (await request.json()).refresh_token.split(".");
      const session = this.sessions.get(id);
      if (!session) return refuse(400, "invalid_refresh_token");
      if (session.revoked) {
        return refuse(400, "token_revoked", session.revoked);
      }
      const behind = session.generation - Number(generation);
      if (behind === 0) {
        session.generation++;
        session.rotatedAt = this.clock.now;
      } else if (behind > 1 || this.clock.now - session.rotatedAt > 10_000) {
        session.revoked = "reuse";
        return refuse(400, "refresh_token_reused");
      }
      return this.answer(session);
    }
    const form = request.headers.get("Content-Type")?.includes("form");
    if (pathname.endsWith("/revoke") && form) {
      const id = new URLSearchParams(await request.text()).get("token")!
        .split(".")[0]!;
      this.sessions.get(id)!.revoked ??= "signed_out";
      return new Response(null);
    }
    const [id, expiry] = request.headers.get("Authorization")?.slice(7)
      .split("/") ?? [];
    if (!id) return Response.json({ signed_in: false });
    if (Number(expiry) * 1000 <= this.time) return refuse(401, "token_expired");
    const session = this.sessions.get(id)!;
    if (pathname.endsWith("/session_active")) {
      return Response.json(!session.revoked);
    }
    if (session.revoked) return refuse(401, "token_revoked", session.revoked);
    if (pathname.endsWith("/revoke")) {
      const body = await request.json();
      let revoked = 0;
      for (const other of this.sessions.values()) {
        const hit = body.session_id
          ? other.id === body.session_id
          : body.scope === "global" || other.id !== id;
        if (!hit || other.revoked) continue;
        other.revoked = "user";
        revoked++;
      }
      return Response.json({ revoked });
    }
    return Response.json({ user: session.user, body: await request.text() });
  }
}

/** One browser: its tabs share storage and locks. */
export class Browser {
  items = new Map<string, string>();
  storage: SessionStorage;
  locks: Locks | null = new FakeLocks();
  online = true;
  random = () => 0.5;
  #listeners = new Map<string, Set<() => void>>();

  constructor(readonly clock: Clock, readonly server: Server) {
    this.storage = {
      getItem: (key) => this.items.get(key) ?? null,
      setItem: (key, value) => {
        this.items.set(key, value);
        queueMicrotask(() => this.fire("storage"));
      },
      removeItem: (key) => {
        this.items.delete(key);
        queueMicrotask(() => this.fire("storage"));
      },
    };
  }

  fire(what: string): void {
    for (const listener of this.#listeners.get(what) ?? []) listener();
  }

  /** What is stored, parsed. */
  // deno-lint-ignore no-explicit-any
  get stored(): any {
    return JSON.parse(this.items.get("latchkey.project.example") ?? "null");
  }

  tab(options: Partial<SessionClientOptions> = {}): Tab {
    const environment: Environment = {
      now: () => this.clock.now,
      setTimeout: (work, milliseconds) => this.clock.set(work, milliseconds),
      clearTimeout: (timer) => this.clock.clear(timer),
      random: () => this.random(),
      online: () => this.online,
      on: (what, listener) => {
        const set = this.#listeners.get(what) ?? new Set();
        this.#listeners.set(what, set.add(listener));
        return () => void set.delete(listener);
      },
    };
    const client = createSessionClient({
      url: URL_,
      key: "sb_publishable_test",
      storage: this.storage,
      locks: this.locks,
      fetch: this.server.fetch,
      environment,
      ...options,
    });
    const events: SessionEvent[] = [];
    client.onChange((event) => void events.push(event));
    return Object.assign(client, { events });
  }
}

/** A client, and what it told. */
export type Tab = SessionClient & { events: SessionEvent[] };

/** A browser of one's own. */
export function world() {
  const clock = new Clock();
  const server = new Server(clock);
  return { clock, server, browser: new Browser(clock, server) };
}

export const ADA = { email: "ada", password: "x" };
export const BOB = { email: "bob", password: "x" };
export const types = (tab: Tab) => tab.events.map(({ type }) => type);
