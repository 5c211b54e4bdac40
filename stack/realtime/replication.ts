/**
 * Follows `realtime.messages` over logical replication, and keeps following
 * when the database goes away and comes back.
 *
 * postgres.js can do this itself (`sql.subscribe()`), but raises an unhandled
 * rejection when it cannot reconnect at once; so only its connection is used.
 */

import type { Duplex } from "node:stream";
import postgres from "postgres";
import { type MessageRow, PgOutputDecoder } from "./pgoutput.ts";

const PUBLICATION = "supabase_realtime_messages_publication";
const SHORTEST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/** What `followMessages` needs. */
export interface FollowOptions {
  /** A connection string whose role may replicate. */
  databaseUrl: string;
  /** Called for each committed row, in commit order. */
  onRow: (row: MessageRow) => void;
  onLog: (line: string) => void;
}

/** A running subscription to new messages. */
export interface Subscription {
  /** Resolves once rows are being delivered, at once if they are. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts following. Rejects if the first connection fails; later failures are
 * retried, after a pause of 50 ms that doubles up to 2 s.
 */
export async function followMessages(
  { databaseUrl, onRow, onLog }: FollowOptions,
): Promise<Subscription> {
  let stream: ReplicationStream | null = await open(databaseUrl, onRow);
  let ready = Promise.withResolvers<void>();
  ready.resolve();
  const closing = new AbortController();

  const running = (async () => {
    let pause = SHORTEST_PAUSE_MS;
    while (!closing.signal.aborted) {
      if (stream) {
        await stream.ended;
        stream = null;
        pause = SHORTEST_PAUSE_MS;
        ready = Promise.withResolvers();
        if (!closing.signal.aborted) {
          onLog("Lost the replication connection: reconnecting");
        }
      }
      await sleep(pause, closing.signal);
      if (closing.signal.aborted) return;
      try {
        stream = await open(databaseUrl, onRow);
        // close() may have been called meanwhile, and saw no stream to close.
        if (closing.signal.aborted) await stream.close();
        ready.resolve();
        onLog("Replication connection established");
      } catch {
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
  })();

  return {
    ready: () => ready.promise,
    async close() {
      closing.abort();
      await stream?.close();
      await running;
    },
  };
}

interface ReplicationStream {
  ended: Promise<void>;
  close(): Promise<void>;
}

async function open(
  databaseUrl: string,
  onRow: (row: MessageRow) => void,
): Promise<ReplicationStream> {
  const sql = postgres(databaseUrl, {
    max: 1,
    fetch_types: false,
    max_lifetime: null,
    connect_timeout: 5,
    // postgres.js passes it on in the startup message, but does not type it.
    connection: { replication: "database" } as Record<string, string>,
    onnotice: () => {},
  });
  const close = () => sql.end({ timeout: 0 });
  try {
    // A temporary slot goes with its connection, so nothing is left behind that
    // would hold back the write-ahead log.
    const slot = `realtime_${crypto.randomUUID().replaceAll("-", "_")}`;
    await sql.unsafe(
      `CREATE_REPLICATION_SLOT ${slot} TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT`,
    );
    const stream = await sql.unsafe(
      `START_REPLICATION SLOT ${slot} LOGICAL 0/0 (proto_version '1', publication_names '${PUBLICATION}')`,
    ).writable() as unknown as Duplex;
    const decoder = new PgOutputDecoder(onRow);
    stream.on("data", (message: Uint8Array) => {
      const answer = decoder.read(message);
      if (answer) stream.write(answer);
    });
    const ended = new Promise<void>((resolve) => {
      stream.once("error", () => resolve());
      stream.once("close", () => resolve());
    });
    return { ended: ended.then(close), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, milliseconds);
    signal.addEventListener("abort", wake);
  });
}
