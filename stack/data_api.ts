import { App } from "@supabase/lite";
// @ts-types="../types/pg.d.ts"
import pg, { type Client } from "pg";
import { readClaims } from "./data_api_auth.ts";
import { type Catalog, readCatalog } from "./data_api_catalog.ts";
import { connectDataApi, current } from "./data_api_connection.ts";
import { preflight, type Service, withCors } from "./http.ts";
import type { Keys } from "./keys.ts";
import { connectLite } from "./lite_connection.ts";
import type { Tokens } from "./tokens.ts";

/** The options of the Data API. */
export interface DataApiOptions {
  /**
   * A connection string of `authenticator`. Requests run as the roles that it
   * is a member of.
   */
  databaseUrl: string;
  /** A connection string of the superuser, to read the catalog with. */
  catalogUrl: string;
  /** Schemas that requests may name; the first is the default. */
  schemas: string[];
  /** Largest number of rows in an answer. */
  maxRows: number;
  keys: Keys;
  tokens: Tokens;
}

/**
 * Starts the Data API. @supabase/lite parses and runs the requests. This module
 * and the modules `data_api_*.ts` make it behave like PostgREST 14.
 */
export async function startDataApi(options: DataApiOptions): Promise<Service> {
  const { keys, tokens, schemas } = options;
  const catalog = await keepCatalog(options.databaseUrl, options.catalogUrl);
  const connection = connectDataApi(options.databaseUrl, catalog.current);
  connection.viewOptionsMetadata = catalog.viewOptionsMetadata;

  const app = new App({
    connection,
    api: { enabled: true, schemas, max_rows: options.maxRows },
    storage: { enabled: false },
    db: { migrations: { enabled: false } },
    auth: { enabled: false },
    options: {
      server: {
        apiKeys: {
          // The token has already been verified, so lite only needs to check
          // the key.
          resolver: (key) => Promise.resolve(resolveKey(key, keys)),
        },
      },
    },
  });
  await app.init();

  return {
    async fetch(request) {
      return withCors(await answer(request));
    },
    async close() {
      await Promise.all([connection.close(), catalog.close()]);
    },
  };

  async function answer(request: Request): Promise<Response> {
    // PostgREST answers a preflight request for any path; lite would say 404,
    // which a browser takes for a refusal.
    if (request.headers.has("access-control-request-method")) {
      return preflight(request);
    }
    const url = new URL(request.url);
    const claims = await readClaims(request, tokens);
    if (claims instanceof Response) return claims;
    const headers = new Headers(request.headers);
    headers.delete("authorization");
    const { method } = request;
    const isRead = method === "GET" || method === "HEAD";
    // Read the whole body first. Like PostgREST, continue if the caller
    // disconnects.
    const body = isRead ? null : await request.arrayBuffer();
    const profile = request.headers.get(
      isRead ? "accept-profile" : "content-profile",
    );
    const apiKey = request.headers.get("apikey") ??
      url.searchParams.get("apikey");
    const rest = {
      method,
      path: url.pathname.replace(/^\/rest\/v1/, ""),
      schema: profile ?? schemas[0]!,
      headers: Object.fromEntries(request.headers),
      claims: claims ??
        { role: resolveKey(apiKey, keys)?.claims.role ?? "anon" },
    };
    const response = await current.run(
      rest,
      () => app.fetch(new Request(url, { method, headers, body })),
    );
    if (response.status === 401 && !response.headers.has("www-authenticate")) {
      response.headers.set("www-authenticate", "Bearer");
    }
    return response;
  }
}

/**
 * The kind of an API key, and the role of a request that has only the key and
 * no token.
 */
function resolveKey(key: string | null, keys: Keys) {
  switch (key) {
    case keys.publishableKey:
      return { type: "publishable" as const, claims: { role: "anon" } };
    case keys.secretKey:
      return { type: "secret" as const, claims: { role: "service_role" } };
    default:
      return null;
  }
}

/**
 * Keeps the catalog in memory. Like PostgREST, it reads the catalog at the
 * start, on `notify pgrst`, and after a lost connection. Until the new catalog
 * is read, it uses the old one.
 */
async function keepCatalog(databaseUrl: string, catalogUrl: string) {
  const reader = connectLite(catalogUrl, { max: 4 });
  let catalog: Catalog;
  try {
    catalog = await readCatalog(reader);
  } catch (error) {
    await reader.close();
    throw error;
  }
  let reading: Promise<void> | null = null;
  let changed = false;
  const read = async () => {
    try {
      while (changed) {
        changed = false;
        catalog = await readCatalog(reader);
      }
    } catch (error) {
      // The database is not available. The listener's next connection reloads
      // again.
      console.error("[rest]", error instanceof Error ? error.message : error);
    } finally {
      reading = null;
    }
  };
  const reload = () => {
    changed = true;
    reading ??= read();
  };
  const listener = listenForReload(databaseUrl, reload);
  return {
    current: () => catalog,
    viewOptionsMetadata: (name: string, schema: string) =>
      reader.viewOptionsMetadata(name, schema),
    async close() {
      await listener.close();
      await reading;
      await reader.close();
    },
  };
}

/**
 * Calls `reload` on `notify pgrst`, and at each connection, since notifications
 * that were sent while there was none are lost.
 */
function listenForReload(url: string, reload: () => void) {
  let client: Client;
  let closed = false;
  let retry: ReturnType<typeof setTimeout>;
  const connect = async () => {
    client = new pg.Client({ connectionString: url });
    client.on("error", () => {});
    client.on("notification", reload);
    client.on("end", () => {
      if (!closed) retry = setTimeout(connect, 100);
    });
    try {
      await client.connect();
      await client.query("listen pgrst");
      reload();
    } catch {
      // The connection's end has been noticed above.
    }
  };
  const connected = connect();
  return {
    async close() {
      closed = true;
      clearTimeout(retry);
      await connected;
      await client.end();
    },
  };
}
