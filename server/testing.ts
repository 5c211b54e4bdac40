/**
 * A project whose network can fail, and a browser with cookies, for the tests
 * of this folder.
 *
 * @module
 */
import {
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from "jose";
import { parseCookie, parseSetCookie, stringifyCookie } from "cookie";
import { createServerSession } from "./session.ts";
import type { ServerOptions, ServerSession } from "./types.ts";

export const APP = "https://app.example.com";

const { privateKey, publicKey } = await generateKeyPair("ES256");
const other = await generateKeyPair("ES256", { extractable: true });
/** The key of the app's servers. */
export const serverKey: JsonWebKey = await exportJWK(other.privateKey);
const jwk = { ...await exportJWK(publicKey), kid: "one", alg: "ES256" };

interface ProjectSession {
  id: string;
  email: string;
  generation: number;
  /** The key that it is bound to. */
  key?: string;
  ended?: string;
}

/** Supabase with Latchkey. Accepts one generation behind at any age. */
export class Project {
  static #count = 0;
  /** Each project has its own URL, because published keys are cached by it. */
  readonly url = `https://project${++Project.#count}.example.co`;
  sessions = new Map<string, ProjectSession>();
  /** Seconds that access tokens are valid. */
  life = 900;
  /** Seconds ago that access tokens are issued, so that they can be due. */
  age = 0;
  /** Additional claims. */
  claims: JWTPayload = {};
  /** Paths of requests, in order. */
  requests: { path: string; headers: Headers; body: string }[] = [];
  /** The claims of the DPoP proofs, in order. */
  proofs: JWTPayload[] = [];
  /** Whether the network is down. */
  isDown = false;
  /** Paths that do not answer, as a regular expression. */
  broken: RegExp | undefined;
  /** Whether the reuse interval has passed since the last rotation. */
  isLate = true;
  /** How many of the next answers are lost after the request was handled. */
  lost = 0;
  /** A response to return instead of the next ones. */
  instead: (() => Response) | undefined;

  readonly options: ServerOptions = {
    url: this.url,
    key: "sb_publishable_test",
    serverKey,
    fetch: (...args) => this.#fetch(...args),
  };

  count(path: string): number {
    return this.requests.filter((request) => request.path.endsWith(path))
      .length;
  }

  /** Starts a session, and returns the cookie that holds it. */
  async signIn({ age = 0 } = {}): Promise<string> {
    const session = this.#start("ada@example.com");
    this.age = age;
    const { refresh_token, access_token } = await (await this.#answer(session))
      .json();
    this.age = 0;
    return `__Host-latchkey-session=${refresh_token}.${access_token}`;
  }

  accessToken(
    { id, email }: Pick<ProjectSession, "id" | "email">,
    claims: JWTPayload = {},
  ): Promise<string> {
    const iat = Math.floor(Date.now() / 1000) - this.age;
    return new SignJWT({
      sub: "user-1",
      aud: "authenticated",
      role: "authenticated",
      session_id: id,
      email,
      app_metadata: {},
      user_metadata: { name: "Ada" },
      iat,
      exp: iat + this.life,
      ...this.claims,
      ...claims,
    }).setProtectedHeader({ alg: "ES256", kid: "one" }).sign(privateKey);
  }

  #start(email: string, key = serverKey.x): ProjectSession {
    const id = `session-${this.sessions.size + 1}`;
    const session = { id, email, generation: 0, key };
    this.sessions.set(id, session);
    return session;
  }

  async #answer(session: ProjectSession): Promise<Response> {
    const access_token = await this.accessToken(session);
    const iat = Math.floor(Date.now() / 1000) - this.age;
    return Response.json({
      access_token,
      token_type: "bearer",
      expires_in: this.life,
      expires_at: iat + this.life,
      refresh_token: `lkr_${session.id}_${session.generation}`,
      session_id: session.id,
      user: { id: "user-1" },
    });
  }

  async #fetch(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
    const request = new Request(input, init);
    const { pathname: path } = new URL(request.url);
    const body = await request.text();
    this.requests.push({ path, headers: request.headers, body });
    if (this.isDown || this.broken?.test(path)) {
      throw new TypeError("fetch failed");
    }
    if (path.endsWith("jwks.json")) return Response.json({ keys: [jwk] });
    if (this.instead) return this.instead();
    const response = await this.#handle(path, request.headers, body);
    if (this.lost > 0) {
      this.lost--;
      throw new TypeError("the answer was lost");
    }
    return response;
  }

  #handle(
    path: string,
    headers: Headers,
    body: string,
  ): Response | Promise<Response> {
    const refuse = (status: number, code: string, reason?: string) =>
      Response.json({ code, reason, error_description: code }, { status });
    const proof = headers.get("DPoP");
    if (proof) this.proofs.push(decodeJwt(proof));
    const key = proof
      ? (decodeProtectedHeader(proof).jwk as JsonWebKey).x
      : undefined;
    if (path.endsWith("/login")) {
      const { email = "adopted@example.com", password } = JSON.parse(body);
      return password === "wrong"
        ? refuse(400, "invalid_credentials")
        : this.#answer(this.#start(email, key));
    }
    const byRefreshToken = (token: string) => {
      const [, id, generation] = /^lkr_(.*)_(\d+)$/.exec(token) ?? [];
      const session = this.sessions.get(id!);
      return session && { session, generation: Number(generation) };
    };
    if (path.endsWith("/refresh")) {
      const found = byRefreshToken(JSON.parse(body).refresh_token);
      if (!found) return refuse(400, "invalid_refresh_token");
      const { session, generation } = found;
      if (session.ended) return refuse(400, "token_revoked", session.ended);
      if (session.key && session.key !== key) {
        return refuse(400, "invalid_dpop_proof");
      }
      const behind = session.generation - generation;
      if (behind > 1 && !this.isLate) return refuse(400, "use_dpop_nonce");
      if (behind > 1) {
        session.ended = "reuse";
        return refuse(400, "refresh_token_reused");
      }
      if (behind === 0) session.generation++;
      return this.#answer(session);
    }
    const isForm = headers.get("Content-Type")?.includes("form");
    if (path.endsWith("/revoke") && isForm) {
      const found = byRefreshToken(new URLSearchParams(body).get("token")!);
      if (found) found.session.ended ??= "signed_out";
      return new Response(null);
    }
    const token = headers.get("Authorization")?.slice(7);
    if (!token) return refuse(401, "missing_token");
    const claims = JSON.parse(atob(token.split(".")[1]!));
    const session = this.sessions.get(claims.session_id);
    if (path.endsWith("/session_active")) {
      return Response.json(!!session && !session.ended);
    }
    if (!session || session.ended) {
      return refuse(401, "token_revoked", session?.ended);
    }
    if (path.endsWith("/sessions")) {
      return Response.json({ sessions: [...this.sessions.values()] });
    }
    if (path.endsWith("/revoke")) {
      const { scope, session_id } = JSON.parse(body);
      let revoked = 0;
      for (const other of this.sessions.values()) {
        const isHit = session_id
          ? other.id === session_id
          : scope === "global" || (other === session) === (scope === "local");
        if (!isHit || other.ended) continue;
        other.ended = "user";
        revoked++;
      }
      return Response.json({ revoked });
    }
    return new Response("Not found", { status: 404 });
  }
}

/** An unsigned token with any claims. */
export function unsigned(claims: JWTPayload): string {
  return new UnsecuredJWT(claims).encode();
}

/** Headers that a browser adds to a request of the app's own page. */
export const OWN_PAGE = { "Sec-Fetch-Site": "same-origin" };

/** A browser's cookies for the app. */
export class Browser {
  /** By name, with the attributes they were set with. */
  cookies = new Map<string, ReturnType<typeof parseSetCookie>>();

  constructor(cookie = "") {
    for (const [name, value] of Object.entries(parseCookie(cookie))) {
      this.cookies.set(name, { name, value });
    }
  }

  /** The session's cookie, as `name=value`. */
  get session(): string {
    return [...this.cookies.values()]
      .filter(({ name }) => name === "__Host-latchkey-session")
      .map(({ name, value }) => `${name}=${value}`).join();
  }

  /** The `Cookie` header. */
  get cookie(): string {
    return stringifyCookie(
      Object.fromEntries(
        [...this.cookies.values()].map(({ name, value }) => [name, value]),
      ),
    );
  }

  request(path = "/", { headers, ...init }: RequestInit = {}): Request {
    const cookie = this.cookie;
    return new Request(APP + path, {
      ...init,
      headers: {
        ...OWN_PAGE,
        ...headers,
        ...cookie && { Cookie: cookie },
      },
    });
  }

  /** Keeps the cookies of a response. */
  receive(response: Response): Response {
    for (const header of response.headers.getSetCookie()) {
      const cookie = parseSetCookie(header);
      if (cookie.maxAge === 0) this.cookies.delete(cookie.name);
      else this.cookies.set(cookie.name, cookie);
    }
    return response;
  }
}

/** The session of a request, and what it sets. */
export function sessionOf(
  project: Project,
  request: Request,
  options: Partial<ServerOptions> = {},
): { session: ServerSession; set: Map<string, string>; headers: Headers } {
  const cookies = new Map(
    Object.entries(parseCookie(request.headers.get("Cookie") ?? "")),
  );
  const set = new Map<string, string>();
  const headers = new Headers();
  const session = createServerSession({
    ...project.options,
    ...options,
    request,
    cookies: {
      getAll: () =>
        [...cookies].map(([name, value]) => ({ name, value: value! })),
      setAll(changes, added) {
        for (const { name, value } of changes) {
          set.set(name, value);
          if (value) cookies.set(name, value);
          else cookies.delete(name);
        }
        for (const [name, value] of Object.entries(added)) {
          headers.set(name, value);
        }
      },
    },
  });
  return { session, set, headers };
}
