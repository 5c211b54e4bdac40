/**
 * Many supabase-js clients in one separate process, each on the channel of its
 * session. Reads `ClientsOptions` from its input, ends one session after the
 * other, and writes `Heard` for each.
 *
 * @module
 */
import { createClient } from "@supabase/supabase-js";
import { connect as connectDatabase } from "../stack/sql.ts";

/** The sessions to connect and to end. */
export interface ClientsOptions {
  url: string;
  key: string;
  /** Connection string of a role that may end sessions. */
  dbUrl: string;
  /** Number of connected clients while a session is ended. */
  connected: number;
  /** They connect and are ended in this order. */
  sessions: { sessionId: string; accessToken: string }[];
}

/** Times in milliseconds, from sending the commit. */
export interface Heard {
  /** Until the database confirmed the commit. */
  committed: number;
  /** Until the client received the event. */
  event: number;
}

if (import.meta.main) {
  const options = await new Response(Deno.stdin.readable).json();
  console.log(JSON.stringify(await run(options)));
  Deno.exit(0);
}

async function run(options: ClientsOptions): Promise<Heard[]> {
  const sql = connectDatabase(options.dbUrl, { max: 1 });
  const { sessions, connected } = options;
  const clients = await Promise.all(
    sessions.slice(0, connected).map((session) => connect(options, session)),
  );
  const heard: Heard[] = [];
  for (const next of [...sessions.slice(connected), undefined]) {
    const client = clients.shift()!;
    let sent = 0;
    await sql.begin(async (tx) => {
      await tx`
        select latchkey.end_sessions(array[${client.sessionId}]::uuid[], 'admin')`;
      // The commit follows at once.
      sent = performance.now();
    });
    const committed = performance.now() - sent;
    heard.push({ committed, event: await client.revokedAt - sent });
    client.disconnect();
    if (next) clients.push(await connect(options, next));
  }
  return heard;
}

interface Client {
  sessionId: string;
  /** When it received the end of its session. */
  revokedAt: Promise<number>;
  disconnect(): void;
}

/** Connects, and resolves once the client can receive broadcasts. */
async function connect(
  { url, key }: ClientsOptions,
  { sessionId, accessToken }: ClientsOptions["sessions"][number],
): Promise<Client> {
  const client = createClient(url, key, {
    accessToken: () => Promise.resolve(accessToken),
  });
  const ready = Promise.withResolvers<void>();
  const revoked = Promise.withResolvers<number>();
  // Joining a private channel sends the token that is set at that time.
  await client.realtime.setAuth();
  client
    .channel(`session:${sessionId}`, {
      config: { private: true, broadcast: { replication_ready: true } },
    })
    .on("broadcast", { event: "session-revoked" }, () => {
      revoked.resolve(performance.now());
    })
    // supabase-js has no type for this event.
    .on("system" as never, {} as never, ({ status }: { status?: string }) => {
      if (status === "ok") ready.resolve();
    })
    .subscribe((status, error) => {
      if (status === "CHANNEL_ERROR" || status === "TIMED_OUT") {
        ready.reject(error ?? new Error(status));
      }
    });
  await ready.promise;
  return {
    sessionId,
    revokedAt: revoked.promise,
    disconnect: () => void client.realtime.disconnect(),
  };
}
