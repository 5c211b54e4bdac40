import { App } from "@supabase/lite";
import postgres from "postgres";
import { invalidToken, normalizeError } from "./data_api_errors.ts";
import {
  bearerOf,
  preflight,
  type Service,
  withBearer,
  withCors,
} from "./http.ts";
import type { Keys } from "./keys.ts";
import { connectLite } from "./lite_connection.ts";
import { callBeforeRequests, readPreRequest } from "./pre_request.ts";
import type { Tokens } from "./tokens.ts";

/** What the Data API needs. */
export interface DataApiOptions {
  /** A connection string of `authenticator`: requests run as what it may take on. */
  databaseUrl: string;
  /** A connection string of the superuser, to read the catalog with. */
  catalogUrl: string;
  /** Schemas that requests may name. */
  schemas: string[];
  /** Most rows returned at once. */
  maxRows: number;
  keys: Keys;
  tokens: Tokens;
}

/**
 * Starts the Data API, which speaks PostgREST's language, as @supabase/lite has
 * it. As PostgREST, it listens on the channel `pgrst`, where `reload schema`
 * and `reload config` tell it to look again.
 */
export async function startDataApi(options: DataApiOptions): Promise<Service> {
  const { keys, tokens } = options;
  const connection = connectLite(options.databaseUrl, 20);
  const catalog = connectLite(options.catalogUrl, 2);
  // The information schema shows a role only what it has rights on, and
  // authenticator has none of its own: somebody else reads the catalog.
  connection.introspect = async (query) => {
    const found = await catalog.introspect(query);
    // Where the database is away lite finds an empty one, and would answer that
    // there is no such table.
    if (!found.functions) throw new Error("The catalog could not be read");
    return found;
  };
  connection.viewOptionsMetadata = (name, schema) =>
    catalog.viewOptionsMetadata(name, schema);

  connection.normalizeDbError = normalizeError;
  let preRequest: string | null = null;
  callBeforeRequests(connection, () => preRequest);

  const app = new App({
    connection,
    api: { enabled: true, schemas: options.schemas, max_rows: options.maxRows },
    storage: { enabled: false },
    db: { migrations: { enabled: false } },
    auth: {
      enabled: false,
      jwt_secret: tokens.internalSecret,
      publishable_key: keys.publishableKey,
      secret_key: keys.secretKey,
    },
    options: {
      server: {
        middlewares: [
          // lite asks Auth's tables whether user and session exist. PostgREST
          // does not: a hosted project's Data API trusts the signature.
          async (context, next) => {
            context.set("authService", trustTheSignature as never);
            await next();
          },
        ],
      },
    },
  });
  await app.init();

  const listener = postgres(options.databaseUrl, {
    max: 1,
    backoff: () => 0.1, // seconds until it tries again after a restart
  });
  const reload = async () => {
    try {
      await catalog.clearSchemaCache();
      preRequest = await readPreRequest(listener);
    } catch (error) {
      // A connection that is lost meanwhile: the next one reloads again.
      console.error("[rest]", error instanceof Error ? error.message : error);
    }
  };
  // The last argument runs at every connection: what was said while there was
  // none has not been heard.
  await listener.listen("pgrst", reload, reload);

  return {
    async fetch(request) {
      return withCors(await answer(request));
    },
    async close() {
      await Promise.all([
        listener.end({ timeout: 0 }),
        connection.driver.end({ timeout: 0 }),
        catalog.driver.end({ timeout: 0 }),
      ]);
    },
  };

  async function answer(request: Request): Promise<Response> {
    // A browser asks before it knows whether there is such a table; PostgREST
    // lets it go on, and lite would say 404, which the browser takes for no.
    if (request.headers.has("access-control-request-method")) {
      return preflight(request);
    }
    const bearer = bearerOf(request);
    if (bearer === null || bearer.startsWith("sb_")) return app.fetch(request);
    const caller = await tokens.toInternal(bearer);
    // lite takes a token that it cannot read for no token, and would answer as
    // anon: a credential that is present and bad must not become a weaker one.
    if (caller === null) return invalidToken();
    return app.fetch(withBearer(request, caller.token));
  }
}

const trustTheSignature = {
  repo: { findUserById: () => ({}), findSessionById: () => ({}) },
};
