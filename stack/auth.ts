import { App, type Connection } from "@supabase/lite";
import type { JWTPayload } from "jose";
import { connect, type Sql } from "./sql.ts";
import { answerAdmin } from "./auth_admin.ts";
import { authError } from "./auth_errors.ts";
import {
  accessTokenClaims,
  endOtherSessions,
  isBanned,
  isBannedAtSignIn,
} from "./auth_gaps.ts";
import { answerMissingInAuth } from "./auth_missing.ts";
import type { AuthSettings } from "./config.ts";
import {
  bearerOf,
  json,
  preflight,
  type Service,
  withBearer,
  withCors,
} from "./http.ts";
import type { Keys } from "./keys.ts";
import { connectLite } from "./lite_connection.ts";
import type { Tokens } from "./tokens.ts";

/** The options of the embedded Auth. */
export interface AuthOptions {
  /** A connection string of `supabase_auth_admin`. */
  databaseUrl: string;
  /** The base URL of the stack, without a slash at its end. */
  apiUrl: string;
  keys: Keys;
  tokens: Tokens;
  settings: AuthSettings;
}

/**
 * Starts the Supabase Auth of @supabase/lite, and adds what it lacks and this
 * project needs: ES256 access tokens with all claims, the end of other sessions
 * on a password change, bans, and the administrator's part of the API.
 *
 * @throws {Error} Auth could not create its tables.
 */
export async function startAuth(options: AuthOptions): Promise<Service> {
  const sql = connect(options.databaseUrl);
  const connection = connectLite(options.databaseUrl, { max: 10 });
  const close = async () => {
    await Promise.all([
      sql.end(),
      connection.driver.end({ timeout: 0 }),
    ]);
  };
  try {
    const app = createApp(connection, options);
    await createTables(sql, app);
    const auth = new EmbeddedAuth(app, sql, options);
    return {
      fetch: async (request) => withCors(await auth.fetch(request)),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function createApp(connection: Connection, options: AuthOptions): App {
  return new App({
    connection,
    api: { enabled: false },
    storage: { enabled: false },
    db: { migrations: { enabled: false } },
    auth: {
      ...options.settings,
      enabled: true,
      jwt_secret: options.tokens.internalSecret,
      publishable_key: options.keys.publishableKey,
      secret_key: options.keys.secretKey,
    },
  });
}

async function createTables(sql: Sql, app: App) {
  const missing = async () => {
    const rows = await sql<{ name: string }[]>`
      select name
      from unnest(${["users", "sessions", "refresh_tokens", "identities"]}
        ::text[]) as name
      where to_regclass('auth.' || name) is null`;
    return rows.map((row) => row.name);
  };
  if ((await missing()).length === 0) return;
  // lite ignores errors here, so check the result.
  await app.ensureSystemSchema();
  const failed = await missing();
  if (failed.length > 0) {
    throw new Error(`Auth could not create its tables ${failed.join(", ")}.`);
  }
}

class EmbeddedAuth {
  constructor(
    private readonly app: App,
    private readonly sql: Sql,
    private readonly options: AuthOptions,
  ) {}

  /** Hides the details of an internal failure, as the real Auth does. */
  async fetch(request: Request): Promise<Response> {
    try {
      return await this.answer(request);
    } catch (error) {
      console.error("[auth]", error instanceof Error ? error.message : error);
      return authError(500, "unexpected_failure", "Unexpected failure");
    }
  }

  private async answer(request: Request): Promise<Response> {
    if (request.method === "OPTIONS") return preflight(request);
    const { pathname, searchParams } = new URL(request.url);
    const path = pathname.slice("/auth/v1".length);
    if (path === "/.well-known/jwks.json") {
      return json(this.options.tokens.jwks, {
        headers: { "cache-control": "public, max-age=600" },
      });
    }

    const bearer = bearerOf(request);
    const caller = bearer ? await this.options.tokens.toInternal(bearer) : null;
    if (path.startsWith("/admin/")) {
      return this.refuseNonAdmin(request, caller?.claims) ??
        await answerAdmin(this.sql, request, path.slice("/admin".length));
    }
    if (caller && await isBanned(this.sql, caller.claims)) {
      return authError(403, "user_banned", "User is banned");
    }

    const { body, forwarded } = await readBody(request);
    const missing = answerMissingInAuth(path, searchParams, body);
    if (missing) return missing;
    if (path === "/token") {
      const grant = searchParams.get("grant_type");
      if (await isBannedAtSignIn(this.sql, grant, body)) {
        return authError(400, "user_banned", "User is banned");
      }
    }
    // lite would treat it as a request without a token.
    if (bearer && !caller && !bearer.startsWith("sb_") && needsUser(path)) {
      return authError(403, "bad_jwt", "invalid JWT: unable to verify it");
    }
    const response = await this.app.fetch(
      caller ? withBearer(forwarded, caller.token) : forwarded,
    );
    if (
      request.method === "PUT" && path === "/user" && response.ok && caller &&
      body.password !== undefined
    ) {
      await endOtherSessions(this.sql, caller.claims);
    }
    return this.withProjectTokens(response, path);
  }

  /** Replaces the tokens in an answer of lite with the project's own tokens. */
  private async withProjectTokens(
    response: Response,
    path: string,
  ): Promise<Response> {
    const headers = new Headers(response.headers);
    headers.delete("content-length");
    const location = headers.get("location");
    if (location?.includes("#access_token=")) {
      const [target, fragment] = location.split("#") as [string, string];
      const fields = new URLSearchParams(fragment);
      const token = await this.reissue(fields.get("access_token")!, path);
      fields.set("access_token", token);
      headers.set("location", `${target}#${fields}`);
      return new Response(response.body, { status: response.status, headers });
    }
    if (!headers.get("content-type")?.includes("application/json")) {
      return response;
    }
    const body = await response.json();
    if (typeof body?.access_token === "string") {
      body.access_token = await this.reissue(body.access_token, path);
    }
    return new Response(JSON.stringify(body), {
      status: response.status,
      headers,
    });
  }

  private async reissue(token: string, path: string): Promise<string> {
    const { tokens, apiUrl } = this.options;
    const claims = await tokens.fromInternal(token);
    const method = path === "/verify" ? "otp" : "password";
    return tokens.sign({
      ...claims,
      iss: `${apiUrl}/auth/v1`,
      ...await accessTokenClaims(this.sql, claims, method),
    });
  }

  private refuseNonAdmin(
    request: Request,
    claims: JWTPayload | undefined,
  ): Response | null {
    const { publishableKey, secretKey } = this.options.keys;
    const apiKey = request.headers.get("apikey");
    if (apiKey !== secretKey && apiKey !== publishableKey) {
      return json({ message: "Invalid API key" }, { status: 401 });
    }
    const bearer = bearerOf(request);
    if (apiKey === secretKey && (bearer ?? secretKey) === secretKey) {
      return null;
    }
    if (claims?.role === "service_role") return null;
    if (claims) return authError(403, "not_admin", "User not allowed");
    return bearer?.startsWith("sb_") || bearer === null
      ? authError(
        401,
        "no_authorization",
        "This endpoint requires a valid Bearer token",
      )
      : authError(403, "bad_jwt", "invalid JWT: unable to verify signature");
  }
}

/** Whether a path is for users who are signed in. */
function needsUser(path: string): boolean {
  return /^\/(user|logout|reauthenticate)(\/|$)/.test(path);
}

/**
 * Reads a JSON body and returns it with a copy of the request, because a body
 * can be read only once.
 */
async function readBody(request: Request) {
  if (request.body === null) return { body: {}, forwarded: request };
  const text = await request.text();
  const { method, headers, url } = request;
  const forwarded = new Request(url, { method, headers, body: text });
  try {
    const body = JSON.parse(text);
    return { body: typeof body === "object" && body ? body : {}, forwarded };
  } catch {
    return { body: {}, forwarded };
  }
}
