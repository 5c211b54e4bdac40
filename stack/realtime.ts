/**
 * The Realtime relay of the local stack: it speaks Supabase Realtime's protocol
 * to supabase-js, decides by the policies on `realtime.messages`, and delivers
 * what `realtime.send()` writes there as soon as it is committed.
 *
 * It has broadcast, public and private; no presence, postgres_changes, replay.
 */

import { corsHeaders } from "@supabase/supabase-js/cors";
import { connect } from "./sql.ts";
import { Connection, type Relay } from "./realtime/connection.ts";
import { broadcastBatch, broadcastOne } from "./realtime/http_broadcast.ts";
import {
  type ApiKeys,
  identifyApiKey,
  type Identity,
  type Verify,
} from "./realtime/identity.ts";
import type { MessageRow } from "./realtime/pgoutput.ts";
import { parseVersion } from "./realtime/protocol.ts";
import { followMessages } from "./realtime/replication.ts";
import { Topics } from "./realtime/topics.ts";

// A client that does not answer the closing handshake is not waited for longer.
const CLOSING_HANDSHAKE_MS = 1_000;

/** What the relay needs. */
export interface RealtimeOptions {
  /** A connection string of a superuser: the relay takes on other roles. */
  databaseUrl: string;
  /** Verifies an access token; throws one of jose's errors if it is not good. */
  verify: Verify;
  keys: ApiKeys;
  onLog?: (line: string) => void;
}

/** A running relay. */
export interface Realtime {
  /** Answers a request whose path begins with `/realtime/v1/`. */
  fetch(request: Request): Response | Promise<Response>;
  /** Closes all websockets and database connections. */
  close(): Promise<void>;
}

/**
 * Starts the relay. Rejects if the database cannot be followed now; if it goes
 * away later, the relay waits for it to come back.
 */
export async function startRealtime(
  { databaseUrl, verify, keys, onLog = () => {} }: RealtimeOptions,
): Promise<Realtime> {
  const topics = new Topics();
  const subscription = await followMessages({
    databaseUrl,
    onRow: (row) => deliver(topics, row),
    onLog,
  });
  const sql = connect(databaseUrl);
  const deliveryReady = () => subscription.ready();
  const relay: Relay = { sql, verify, topics, deliveryReady, onLog };
  const connections = new Set<Connection>();

  function upgrade(request: Request, apiKeyIdentity: Identity): Response {
    const version = parseVersion(new URL(request.url).searchParams.get("vsn"));
    if (!version) {
      const error = "Unknown protocol version: use vsn 1.0.0 or 2.0.0";
      return Response.json({ error }, { status: 400 });
    }
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      const error = "Connect with a websocket";
      const headers = { upgrade: "websocket" };
      return Response.json({ error }, { status: 426, headers });
    }
    // Read first: the upgrade takes the request over.
    const headers = Object.fromEntries(
      [...request.headers].filter(([name]) => name.startsWith("x-")),
    );
    const { socket, response } = Deno.upgradeWebSocket(request);
    const options = { version, apiKeyIdentity, headers };
    const connection = new Connection(relay, socket, options);
    connections.add(connection);
    connection.closed.then(() => connections.delete(connection));
    return response;
  }

  function route(request: Request): Response | Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const path = pathname.replace(/^\/realtime\/v1\//, "");
    const handler = path === "websocket"
      ? { method: "GET", handle: upgrade }
      : broadcastHandler(relay, path);
    if (!handler) {
      return Response.json({ message: "Not found" }, { status: 404 });
    }
    if (request.method === "OPTIONS") return new Response(null);
    if (request.method !== handler.method) {
      const headers = { allow: `${handler.method}, OPTIONS` };
      const message = `Use ${handler.method}`;
      return Response.json({ message }, { status: 405, headers });
    }
    const key = searchParams.get("apikey") ?? request.headers.get("apikey");
    const identity = identifyApiKey(keys, key);
    if (!identity) {
      const error = key ? "Invalid API key" : "API key is missing";
      return Response.json({ error }, { status: 401 });
    }
    return handler.handle(request, identity);
  }

  return {
    async fetch(request) {
      const response = await route(request);
      if (response.status !== 101) {
        for (const [name, value] of Object.entries(corsHeaders)) {
          response.headers.set(name, value);
        }
      }
      return response;
    },
    async close() {
      for (const connection of connections) connection.close();
      await Promise.all([
        closed(connections),
        subscription.close(),
        sql.end(),
      ]);
    },
  };
}

async function closed(connections: Iterable<Connection>) {
  const all = Promise.all([...connections].map(({ closed }) => closed));
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, CLOSING_HANDSHAKE_MS);
  await Promise.race([all, late.promise]);
  clearTimeout(timer);
}

function broadcastHandler(relay: Relay, path: string) {
  if (path === "api/broadcast") {
    return {
      method: "POST",
      handle: (request: Request, identity: Identity) =>
        broadcastBatch(relay, request, identity),
    };
  }
  const names = path.match(/^api\/broadcast\/([^/]+)\/events\/([^/]+)$/);
  const [topic, event] = (names ?? []).slice(1).map(decodePathSegment);
  if (!topic || !event) return null;
  return {
    method: "POST",
    handle: (request: Request, identity: Identity) =>
      broadcastOne(relay, request, identity, topic, event),
  };
}

function decodePathSegment(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

function deliver(topics: Topics, row: MessageRow) {
  const { id, topic, event, payload } = row;
  if (row.extension !== "broadcast") return;
  // Realtime drops incomplete messages, too.
  if (!id || topic == null || event == null || payload == null) return;
  const address = { topic, isPrivate: row.private === "t" };
  topics.publish(address, { id, event, json: payload });
}
