/**
 * Many supabase-js clients, each on the channel of its session, in a process of
 * their own: reads `ClientsOptions` from its input, ends one session after the
 * other, and writes `Heard` for each.
 *
 * @module
 */
import { createClient } from "@supabase/supabase-js";
import { connect as connectDatabase } from "../stack/sql.ts";

/** Who connects, and how many of them at a time. */
export interface ClientsOptions {
  url: string;
  key: string;
  /** Of a role that may end sessions. */
  dbUrl: string;
  /** How many are connected whenever a session is ended. */
  connected: number;
  /**
   * In their order they connect, end, and make room for the next one, until
   * there is no next one.
   */
  sessions: { sessionId: string; accessToken: string }[];
}

/** Milliseconds since the commit was sent. */
export interface Heard {
  /** Until the database said that it was done. */
  committed: number;
  /** Until the client had the event. */
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
      // The commit is what follows.
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
  /** When it heard of its session's end. */
  revokedAt: Promise<number>;
  disconnect(): void;
}

/** Resolves once the client would hear what the database broadcasts. */
async function connect(
  { url, key }: ClientsOptions,
  { sessionId, accessToken }: ClientsOptions["sessions"][number],
): Promise<Client> {
  const client = createClient(url, key, {
    accessToken: () => Promise.resolve(accessToken),
  });
  const ready = Promise.withResolvers<void>();
  const revoked = Promise.withResolvers<number>();
  // A private channel is joined with the token that is set by then.
  await client.realtime.setAuth();
  client
    .channel(`session:${sessionId}`, {
      config: { private: true, broadcast: { replication_ready: true } },
    })
    .on("broadcast", { event: "session-revoked" }, () => {
      revoked.resolve(performance.now());
    })
    // supabase-js does not type this one.
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
