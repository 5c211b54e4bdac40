/**
 * Shared by the client's tests: a clock that moves only when a test moves it,
 * and a server that follows the contract's rules of rotation.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
  verify,
} from "node:crypto";
import { setImmediate } from "node:timers";
import type { SupabaseClient } from "@supabase/supabase-js";
import { createSessionClient } from "./client.ts";
import type {
  Environment,
  Locks,
  ProofKey,
  ProofKeyStore,
  SessionClient,
  SessionClientOptions,
  SessionEvent,
  SessionStorage,
} from "./types.ts";

export const URL_ = "https://project.example";
const START = Date.UTC(2030, 0, 1);

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Runs everything that is ready to run. */
export async function settle(turns = 3): Promise<void> {
  for (let i = 0; i < turns; i++) await turn();
}

/** A clock that the test moves. */
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
  postpone(timer: number, milliseconds: number): void {
    const found = this.#timers.get(timer);
    if (found) found.at += milliseconds;
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

interface LockRequest {
  owner: unknown;
  name: string;
  grant(): void;
}

/** The Web Locks of one browser; each tab is an owner. */
export class FakeLocks {
  #held = new Map<string, LockRequest & { steal(): void }>();
  #waiting: LockRequest[] = [];
  #killed = new Set<unknown>();

  /** `navigator.locks` of one tab. */
  of(owner: unknown): Locks {
    return {
      request: (name, { signal }, work) =>
        new Promise((resolve, reject) => {
          const request = {
            owner,
            name,
            steal: () => reject(new DOMException("stolen", "AbortError")),
            grant: () => {
              this.#held.set(name, request);
              const free = () => this.#free(request);
              work().finally(free).then(resolve, reject);
            },
          };
          signal?.addEventListener("abort", () => {
            if (this.#drop(request)) reject(signal.reason);
          });
          if (this.#killed.has(owner)) return;
          this.#waiting.push(request);
          this.#next();
        }),
    };
  }
  /** Takes the lock from its holder, as `{steal: true}` does. */
  steal(name: string): void {
    const held = this.#held.get(name);
    if (!held) throw new Error("no tab holds that lock");
    held.steal();
    this.#free(held);
  }
  /** Releases the locks of a tab that is gone, and drops its requests. */
  kill(owner: unknown): void {
    this.#killed.add(owner);
    this.#waiting = this.#waiting.filter((request) => request.owner !== owner);
    for (const request of [...this.#held.values()]) {
      if (request.owner === owner) this.#free(request);
    }
  }
  #drop(request: LockRequest): boolean {
    const found = this.#waiting.includes(request);
    this.#waiting = this.#waiting.filter((other) => other !== request);
    return found;
  }
  #free(request: LockRequest): void {
    if (this.#held.get(request.name) === request) {
      this.#held.delete(request.name);
    }
    this.#next();
  }
  #next(): void {
    const request = this.#waiting.find(({ name }) => !this.#held.has(name));
    if (!request) return;
    this.#drop(request);
    request.grant();
    this.#next();
  }
}

/**
 * The proof keys of one browser. Synchronous cryptography, because the tests'
 * clock waits for promises but not for a thread.
 */
export class FakeKeyStore implements ProofKeyStore {
  key: ProofKey | null = null;
  isFailing = false;
  reads = 0;

  get(): Promise<ProofKey | null> {
    this.reads++;
    if (this.isFailing) return Promise.reject(new Error("no access"));
    return Promise.resolve(this.key);
  }
  async create(): Promise<ProofKey> {
    await this.get();
    return this.key ??= FakeKeyStore.generate();
  }
  static generate(): ProofKey {
    const { publicKey, privateKey } = generateKeyPairSync("ec", {
      namedCurve: "P-256",
    });
    const dsaEncoding = "ieee-p1363";
    return {
      publicJwk: publicKey.export({ format: "jwk" }) as JsonWebKey,
      sign: (data) =>
        Promise.resolve(
          new Uint8Array(
            sign("sha256", data, { key: privateKey, dsaEncoding }),
          ),
        ),
    };
  }
}

/** A proof that was verified. */
interface Proof {
  /** The thumbprint of its key. */
  jkt: string;
  /** When the server issued its nonce. */
  nonceAt?: number;
}

interface ServerSession {
  id: string;
  user: string;
  /** The thumbprint of the key that it is bound to. */
  jkt?: string;
  generation: number;
  rotatedAt: number;
  reusedAt?: number;
  revoked?: string;
}

/** The endpoints, behind a network that can fail. */
export class Server {
  sessions = new Map<string, ServerSession>();
  refreshes = 0;
  /** Answers that repeated a successor. */
  repeats = 0;
  life = 900;
  down = false;
  delay = 0;
  /** Milliseconds that the server's clock is ahead. */
  ahead = 0;
  /** Signs the same token again within one second, as a signer may. */
  isDeterministic = false;
  /** Responses to return instead, once each. */
  next: (() => Response | Promise<Response>)[] = [];
  requests: Request[] = [];
  /** Whether new sessions need a proof. */
  requireProof = false;
  /** Refreshes of bound sessions that were refused for their proof. */
  proofRefusals = 0;
  #usedProofs = new Set<string>();
  #nonces = new Map<string, number>();
  /** The browser's cookie, in cookie mode. */
  cookie = "";
  #count = 0;

  constructor(readonly clock: Clock) {}

  get time(): number {
    return this.clock.now + this.ahead;
  }

  answer(session: ServerSession): Response {
    const expires_at = Math.floor(this.time / 1000) + this.life;
    return Response.json({
      access_token: `${session.id}/${expires_at}/${
        this.isDeterministic ? 0 : ++this.#count
      }`,
      token_type: "bearer",
      expires_in: this.life,
      expires_at,
      refresh_token: `${session.id}.${session.generation}`,
      session_id: session.id,
      user: { id: session.user },
    });
  }

  fetch: typeof fetch = (input, init) => this.receive(input, init);

  async receive(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
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
    const inCookie = request.headers.get("Latchkey-Mode") === "cookie"
      ? this.cookie
      : undefined;
    const response = await this.handle(request, inCookie);
    await wait();
    if (this.down) throw new TypeError("the answer was lost");
    return inCookie === undefined ? response : await this.#keepCookie(response);
  }

  /** As a browser: the cookie is set when the response arrives. */
  async #keepCookie(response: Response): Promise<Response> {
    const body = await response.clone().json().catch(() => null);
    if (!body?.refresh_token) return response;
    const { refresh_token, ...rest } = body;
    this.cookie = refresh_token;
    return Response.json(rest);
  }

  async handle(request: Request, inCookie?: string): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/refresh")) this.refreshes++;
    const instead = this.next.shift();
    if (instead) return await instead();
    const refuse = (status: number, code: string, reason?: string) =>
      Response.json({ code, reason, error_description: code }, { status });
    const refuseProof = (code: "invalid_dpop_proof" | "use_dpop_nonce") => {
      const response = refuse(400, code);
      if (code === "use_dpop_nonce") {
        const nonce = randomUUID();
        this.#nonces.set(nonce, this.clock.now);
        response.headers.set("DPoP-Nonce", nonce);
      }
      return response;
    };
    const proof = this.#readProof(request);
    if (typeof proof === "string") return refuseProof(proof);
    if (pathname.endsWith("/login")) {
      const body = await request.json();
      if (this.requireProof && !proof) return refuseProof("invalid_dpop_proof");
      const id = `s${this.sessions.size + 1}`;
      const session = {
        id,
        user: body.email ?? "adopted",
        jkt: proof?.jkt,
        generation: 0,
        rotatedAt: 0,
      };
      this.sessions.set(id, session);
      return this.answer(session);
    }
    if (pathname.endsWith("/refresh")) {
      const body = await request.json();
      const [id, generation] = (inCookie ?? body.refresh_token).split(".");
      const session = this.sessions.get(id);
      if (!session || id !== (body.session_id ?? id)) {
        return refuse(400, "invalid_refresh_token");
      }
      if (session.revoked) {
        return refuse(400, "token_revoked", session.revoked);
      }
      if (session.jkt && proof?.jkt !== session.jkt) {
        this.proofRefusals++;
        return refuseProof("invalid_dpop_proof");
      }
      const behind = session.generation - Number(generation);
      const isLate = this.clock.now - session.rotatedAt > 10_000;
      if (behind === 0) {
        session.generation++;
        session.rotatedAt = this.clock.now;
      } else if (behind > 1 || isLate && !session.jkt) {
        // A late request of a bound session must not end it.
        if (session.jkt && !(proof!.nonceAt! > session.rotatedAt)) {
          return refuseProof("use_dpop_nonce");
        }
        session.revoked = "reuse";
        session.reusedAt = this.clock.now;
        return refuse(400, "refresh_token_reused");
      } else this.repeats++;
      return this.answer(session);
    }
    const form = request.headers.get("Content-Type")?.includes("form");
    const bearer = request.headers.get("Authorization");
    if (pathname.endsWith("/revoke") && (form || inCookie && !bearer)) {
      const body = await request.text();
      const token = inCookie ?? new URLSearchParams(body).get("token")!;
      const [id] = token.split(".");
      if (!form && id !== (JSON.parse(body).session_id ?? id)) {
        return refuse(401, "missing_token");
      }
      this.sessions.get(id!)!.revoked ??= "signed_out";
      return new Response(null);
    }
    const [id, expiry] = bearer?.slice(7).split("/") ?? [];
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
          : body.scope === "global" ||
            (other.id === id) === (body.scope === "local");
        if (!hit || other.revoked) continue;
        other.revoked = body.scope === "local" ? "signed_out" : "user";
        revoked++;
      }
      return Response.json({ revoked });
    }
    return Response.json({ user: session.user, body: await request.text() });
  }

  /** Verifies the request's proof as the contract says. */
  #readProof(
    { method, url, headers }: Request,
  ): Proof | "invalid_dpop_proof" | "use_dpop_nonce" | undefined {
    const jwt = headers.get("DPoP");
    if (jwt === null) return;
    const [head, payload, signature] = jwt.split(".") as [
      string,
      string,
      string,
    ];
    const parse = (part: string) =>
      JSON.parse(Buffer.from(part, "base64url").toString());
    const { typ, alg, jwk } = parse(head);
    const { jti, htm, htu, iat, nonce } = parse(payload);
    const isSigned = verify(
      "sha256",
      Buffer.from(`${head}.${payload}`),
      {
        key: createPublicKey({ key: jwk, format: "jwk" }),
        dsaEncoding: "ieee-p1363",
      },
      Buffer.from(signature, "base64url"),
    );
    if (
      !isSigned || typ !== "dpop+jwt" || alg !== "ES256" || jwk.d ||
      htm !== method || htu !== url || !jti || this.#usedProofs.has(jti)
    ) return "invalid_dpop_proof";
    const nonceAt = this.#nonces.get(nonce);
    const isFresh = nonce === undefined
      ? Math.abs(iat * 1000 - this.time) <= 60_000
      : nonceAt !== undefined && this.clock.now - nonceAt <= 60_000;
    if (!isFresh) return "use_dpop_nonce";
    this.#usedProofs.add(jti);
    const { crv, kty, x, y } = jwk;
    const canonical = JSON.stringify({ crv, kty, x, y });
    const jkt = createHash("sha256").update(canonical).digest("base64url");
    return { jkt, nonceAt };
  }
}

/** One browser, whose tabs share storage and locks. */
export class Browser {
  items = new Map<string, string>();
  /** Null: a browser without Web Locks. */
  locks: FakeLocks | null = new FakeLocks();
  /** Null: sessions are not bound. */
  proofKeys: FakeKeyStore | null = null;
  /** Milliseconds that a storage operation takes; null: synchronous. */
  storageDelay: number | null = null;
  online = true;
  visible = true;
  /** Milliseconds that the device's clock is ahead. */
  ahead = 0;
  random = () => 0.5;
  tabs = new Set<Tab>();

  constructor(readonly clock: Clock, readonly server: Server) {}

  /** Fires an event in all tabs but one. */
  fire(what: string, except?: Tab): void {
    for (const tab of this.tabs) if (tab !== except) tab.machine.fire(what);
  }

  /** Closes the laptop: timers stop, time goes on. */
  sleep(milliseconds: number): void {
    this.clock.now += milliseconds;
    for (const tab of this.tabs) tab.machine.postpone(milliseconds);
  }

  /** Everything that is stored. */
  get atRest(): string {
    return [...this.items.values()].join();
  }

  /** The stored record, parsed. */
  // deno-lint-ignore no-explicit-any
  get stored(): any {
    return JSON.parse(this.items.get("latchkey.project.example") ?? "null");
  }

  tab(options: Partial<SessionClientOptions> = {}): Tab {
    const machine = new Machine(this);
    const act = (work: () => void) => {
      work();
      queueMicrotask(() => this.fire("storage", tab));
    };
    const later = <T>(value: T): T | Promise<T> =>
      this.storageDelay === null
        ? value
        : new Promise((resolve) =>
          machine.set(() => resolve(value), this.storageDelay!)
        );
    const storage: SessionStorage = {
      getItem: (key) => later(this.items.get(key) ?? null),
      setItem: (key, value) =>
        later(act(() => void this.items.set(key, value))),
      removeItem: (key) => later(act(() => void this.items.delete(key))),
    };
    const client = createSessionClient({
      url: URL_,
      key: "sb_publishable_test",
      storage,
      locks: this.locks?.of(machine) ?? null,
      proofKey: this.proofKeys ?? "none",
      fetch: (input, init) =>
        machine.whileAlive(this.server.fetch(input, init)),
      environment: machine.environment,
      ...options,
    });
    const events: SessionEvent[] = [];
    client.onChange((event) => void events.push(event));
    const tab: Tab = Object.assign(client, {
      events,
      storage,
      machine,
      kill: () => {
        this.tabs.delete(tab);
        machine.kill();
        this.locks?.kill(machine);
      },
    });
    this.tabs.add(tab);
    return tab;
  }
}

/** The environment of one tab; a killed tab has no timers or listeners. */
export class Machine {
  #timers = new Set<number>();
  #listeners = new Map<string, Set<() => void>>();
  #dead = false;
  readonly environment: Environment;

  constructor(readonly browser: Browser) {
    this.environment = {
      now: () => browser.clock.now + browser.ahead,
      setTimeout: (work, milliseconds) => this.set(work, milliseconds),
      clearTimeout: (timer) => this.#clear(timer as number),
      random: () => browser.random(),
      online: () => browser.online,
      visible: () => browser.visible,
      mayBeSuspended: false,
      on: (what, listener) => {
        const set = this.#listeners.get(what) ?? new Set();
        this.#listeners.set(what, set.add(listener));
        return () => void set.delete(listener);
      },
    };
  }
  get timers(): number {
    return this.#timers.size;
  }
  get listeners(): number {
    return [...this.#listeners.values()].reduce((n, { size }) => n + size, 0);
  }
  set(work: () => void, milliseconds: number): number {
    if (this.#dead) return 0;
    const { clock } = this.browser;
    const timer = clock.set(() => {
      this.#timers.delete(timer);
      work();
    }, milliseconds);
    this.#timers.add(timer);
    return timer;
  }
  fire(what: string): void {
    for (const listener of this.#listeners.get(what) ?? []) listener();
  }
  postpone(milliseconds: number): void {
    for (const timer of this.#timers) {
      this.browser.clock.postpone(timer, milliseconds);
    }
  }
  /** A promise that never settles for a tab that was killed. */
  whileAlive<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) =>
      promise.then(
        (value) => this.#dead || resolve(value),
        (error) => this.#dead || reject(error),
      )
    );
  }
  kill(): void {
    this.#dead = true;
    for (const timer of [...this.#timers]) this.#clear(timer);
    this.#listeners.clear();
  }
  #clear(timer: number): void {
    this.browser.clock.clear(timer);
    this.#timers.delete(timer);
  }
}

/** A client, its events, and a way to kill it. */
export type Tab = SessionClient & {
  events: SessionEvent[];
  storage: SessionStorage;
  machine: Machine;
  /** Ends it without notice, as a crash does. */
  kill(): void;
};

/** A new browser, server and clock. */
export function world() {
  const clock = new Clock();
  const server = new Server(clock);
  return { clock, server, browser: new Browser(clock, server) };
}

/** The part of supabase-js that `watch()` uses. */
export class FakeSupabase {
  channels: FakeChannel[] = [];
  /** What happened, in order. */
  log: string[] = [];
  token: string | null = null;
  /** Statuses of the next joins; by default they succeed. */
  statuses: string[] = [];
  failures = 0;

  constructor(readonly getAccessToken: () => Promise<string | null>) {}

  realtime = {
    setAuth: async () => {
      this.token = await this.getAccessToken();
      if (this.failures-- > 0) throw new Error("no token");
      this.log.push(`setAuth ${this.token}`);
    },
  };
  channel(topic: string, { config }: { config: ChannelConfig }) {
    const channel = new FakeChannel(this, topic);
    this.channels.push(channel);
    this.log.push(
      `join ${topic}${config.private ? " in private" : ""}` +
        (config.broadcast?.replication_ready ? " when ready" : ""),
    );
    return channel;
  }
  removeChannel(channel: FakeChannel) {
    this.channels = this.channels.filter((other) => other !== channel);
    this.log.push(`leave ${channel.topic}`);
    // supabase-js tells the channel that it is closed.
    channel.status("CLOSED");
    return Promise.resolve("ok");
  }
  removeAllChannels() {
    this.channels = [];
    this.log.push("leave all");
    return Promise.resolve([]);
  }
  /** As supabase-js's type, which is larger. */
  get client(): SupabaseClient {
    return this as unknown as SupabaseClient;
  }
}

interface ChannelConfig {
  private: boolean;
  broadcast?: { replication_ready?: boolean };
}

export class FakeChannel {
  // deno-lint-ignore no-explicit-any
  #listeners = new Map<string, (message: any) => void>();
  #event: string | undefined;
  #status: (status: string) => void = () => {};

  constructor(readonly supabase: FakeSupabase, readonly topic: string) {}

  on(
    type: string,
    { event }: { event?: string },
    listener: (message: unknown) => void,
  ) {
    this.#listeners.set(type, listener);
    if (type === "broadcast") this.#event = event;
    return this;
  }
  subscribe(status: (status: string) => void) {
    this.#status = status;
    const first = this.supabase.statuses.shift() ?? "SUBSCRIBED";
    queueMicrotask(() => this.status(first));
    return this;
  }
  status(status: string): void {
    this.#status(status);
  }
  /** Broadcasts an event, which only its listeners receive. */
  send(payload: unknown, event = "session-revoked"): void {
    if (event === this.#event) this.#listeners.get("broadcast")?.({ payload });
  }
  /** Sends Realtime's `system` message. */
  system(status: string): void {
    this.#listeners.get("system")?.({ status, extension: "system" });
  }
}

export const ADA = { email: "ada", password: "x" };
export const BOB = { email: "bob", password: "x" };
export const types = (tab: Tab) => tab.events.map(({ type }) => type);
