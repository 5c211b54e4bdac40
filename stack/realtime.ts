/**
 * The Realtime relay of the local stack. It speaks Supabase Realtime's protocol
 * to supabase-js, asks the policies on `realtime.messages`, and delivers what
 * `realtime.send()` inserts there as soon as it is committed.
 *
 * It has broadcasts with replay, and private and public channels; no presence
 * and no postgres_changes.
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
import { parseVersion } from "./realtime/protocol.ts";
import { EventRate } from "./realtime/event_rate.ts";
import { Project } from "./realtime/project.ts";
import type { MessageRow } from "./realtime/replication.ts";
import { Topics } from "./realtime/topics.ts";

// The longest wait for a client's part of the closing handshake.
const CLOSING_HANDSHAKE_MS = 1_000;
const LONGEST_WAIT_FOR_REPLICATION_MS = 10_000;

/** What the relay needs. */
export interface RealtimeOptions {
  /** A connection string of a superuser: the relay sets other roles. */
  databaseUrl: string;
  /** Verifies an access token; throws one of jose's errors if it is invalid. */
  verify: Verify;
  keys: ApiKeys;
  settings?: Partial<RealtimeSettings>;
  onLog?: (line: string) => void;
}

/** Times and limits, which by default are those of a hosted project. */
export interface RealtimeSettings {
  /** Whether the relay is active from the start, as if it had clients (no). */
  awake: boolean;
  /** How long the relay stays awake without clients, in ms (12 minutes). */
  restAfter: number;
  /** How long a refused join waits for its answer, in ms (5,000). */
  refusalDelay: number;
  /** First pause before a lost replication connection is made again, in ms (5,000). */
  reconnectAfter: number;
  /** Rate limit of the project, on average over `rateWindow` (100). */
  maxEventsPerSecond: number;
  /** The time of which the rate limit takes the average, in ms (60,000). */
  rateWindow: number;
}

const hosted: RealtimeSettings = {
  awake: false,
  restAfter: 12 * 60_000,
  refusalDelay: 5_000,
  reconnectAfter: 5_000,
  maxEventsPerSecond: 100,
  rateWindow: 60_000,
};

/** A running relay. */
export interface Realtime {
  /** Answers a request whose path begins with `/realtime/v1/`. */
  fetch(request: Request): Response | Promise<Response>;
  /** Closes all websockets and database connections. */
  close(): Promise<void>;
}

/**
 * Starts the relay. It connects to the database at the first join, or now if it
 * is to be awake.
 */
export async function startRealtime(
  { databaseUrl, verify, keys, settings: chosen, onLog = () => {} }:
    RealtimeOptions,
): Promise<Realtime> {
  const settings = { ...hosted, ...chosen };
  const { restAfter, reconnectAfter, refusalDelay } = settings;
  const rate = new EventRate(
    settings.maxEventsPerSecond,
    settings.rateWindow,
    () =>
      onLog("MessagePerSecondRateLimitReached: Too many messages per second"),
  );
  const topics = new Topics(rate);
  const sql = connect(databaseUrl);
  const project = new Project({
    onRow: (row) => deliver(row, topics, rate, onLog),
    ...{ databaseUrl, sql, rate, onLog, restAfter, reconnectAfter },
  });
  if (settings.awake) {
    project.wake();
    await project.isDelivering(LONGEST_WAIT_FOR_REPLICATION_MS);
  }
  const relay: Relay = { project, verify, topics, refusalDelay, onLog };
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
    // The request cannot be read after the upgrade.
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
      await Promise.all([closed(connections), project.close()]);
      rate.close();
      await sql.end();
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

function deliver(
  row: MessageRow,
  topics: Topics,
  rate: EventRate,
  onLog: (line: string) => void,
) {
  const { id, topic, event, payload } = row;
  if (row.extension !== "broadcast") return;
  // Realtime drops incomplete messages, too.
  if (!id || topic == null || event == null || payload == null) return;
  if (rate.isExceeded) {
    return onLog("UnableToBroadcastChanges: too_many_requests");
  }
  rate.add();
  const address = { topic, isPrivate: row.private === "t" };
  topics.publish(address, { id, event, json: payload });
}
