/**
 * What every endpoint does alike: CORS, the method, no tokens in the URL, the
 * answer's headers, one log line, and 500 with nothing but an id for a bug.
 *
 * @module
 */
import { corsHeaders } from "@supabase/supabase-js/cors";
import { AccessTokens } from "./access_token.ts";
import { MODE_HEADER } from "./cookie_mode.ts";
import { type Database, openDatabase } from "./database.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { noted, requestId } from "./log.ts";
import { Refusal } from "./outcomes.ts";
import { RefreshTokens } from "./refresh_token.ts";
import {
  client,
  refuseSecretInUrl,
  refuseUnknownSecretKey,
} from "./request.ts";

/** What a handler works with; made once per isolate. */
export interface Context {
  environment: Environment;
  database: Database;
  accessTokens: AccessTokens;
  refreshTokens: RefreshTokens;
}

/** A body to answer with 200, or an answer of its own, such as a refusal. */
export type Outcome = Response | Record<string, unknown>;

/** Handles a request that has the right method. */
export type Handler = (request: Request, context: Context) => Promise<Outcome>;

/**
 * Makes the function that the edge runtime serves.
 *
 * @param name The endpoint's name, for the log.
 * @param method The one method it takes, besides OPTIONS.
 * @throws {ConfigurationError} At start, where the environment is not complete.
 *
 * @example
 * ```ts ignore
 * export default endpoint("profile", "GET", async (request, context) => {
 *   const caller = await requireSession(request, { live: true }, context);
 *   return caller instanceof Refusal ? caller : { user_id: caller.userId };
 * });
 * ```
 */
export function endpoint(
  name: string,
  method: "GET" | "POST",
  handle: Handler,
  context: Context = makeContext(readEnvironment()),
): { fetch(request: Request): Promise<Response> } {
  const { cookies } = context.environment;
  return {
    async fetch(request) {
      const id = requestId(request);
      if (request.method === "OPTIONS") {
        return answer(new Response(null, { status: 204 }), {
          request,
          cookies,
          id,
        });
      }
      const start = performance.now();
      let outcome: Outcome;
      try {
        outcome = request.method !== method
          ? new Refusal("method_not_allowed", { allow: `${method}, OPTIONS` })
          : refuseSecretInUrl(request) ??
            refuseUnknownSecretKey(request, context.environment) ??
            await handle(request, context);
      } catch (error) {
        console.error(
          JSON.stringify({
            request_id: id,
            endpoint: name,
            bug: describeBug(error),
          }),
        );
        outcome = new Refusal("server_error", { id });
      }
      const response = outcome instanceof Response
        ? outcome
        : Response.json(outcome);
      console.log(JSON.stringify({
        request_id: id,
        endpoint: name,
        outcome: outcome instanceof Refusal ? outcome.code : "ok",
        cause: outcome instanceof Refusal ? outcome.details.cause : undefined,
        status: response.status,
        milliseconds: Math.round(performance.now() - start),
        ...noted(request),
        ip: client(request, context.environment).ip ?? undefined,
      }));
      return answer(response, { request, cookies, id });
    },
  };
}

/** Builds what handlers work with out of a configuration. */
export function makeContext(environment: Environment): Context {
  return {
    environment,
    database: openDatabase(environment),
    accessTokens: new AccessTokens(environment),
    refreshTokens: new RefreshTokens(
      environment.refreshTokenKeys,
      environment.currentRefreshTokenKey,
    ),
  };
}

/**
 * Gives an answer the headers that all have: CORS, and never to be cached.
 *
 * @param options.cookies Who may use cookies, besides anybody without.
 * @param options.id The request's, as it is logged.
 */
export function answer(
  response: Response,
  { request, cookies, id }: {
    request?: Request;
    cookies?: Environment["cookies"];
    id?: string;
  } = {},
): Response {
  for (const [name, value] of Object.entries(corsHeaders)) {
    response.headers.set(name, value);
  }
  response.headers.append("Access-Control-Allow-Headers", MODE_HEADER);
  if (cookies) {
    response.headers.set("Vary", "Origin");
    const origin = request?.headers.get("Origin");
    if (origin && cookies.origins.includes(origin)) {
      // A wildcard cannot carry cookies; nobody else's page may send them.
      response.headers.set("Access-Control-Allow-Origin", origin);
      response.headers.set("Access-Control-Allow-Credentials", "true");
    }
  }
  // A page of another origin reads these only if they are named.
  response.headers.set(
    "Access-Control-Expose-Headers",
    "WWW-Authenticate, Retry-After, X-Request-Id",
  );
  if (id) response.headers.set("X-Request-Id", id);
  response.headers.set("Access-Control-Max-Age", "86400");
  // RFC 6749 section 5.1.
  response.headers.set("Cache-Control", "no-store");
  return response;
}

/** The stack says where; a message could quote what was sent. */
function describeBug(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const frames =
    error.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? [];
  const message = error.name === "DatabaseError" ? `: ${error.message}` : "";
  return [error.name + message, ...frames].join("\n");
}
