/**
 * Receives the rows inserted into `realtime.messages`, over one logical
 * replication connection.
 */

import {
  LogicalReplicationService,
  type Pgoutput,
  PgoutputPlugin,
} from "pg-logical-replication";

const PUBLICATION = "supabase_realtime_messages_publication";

/** An inserted row: each column in PostgreSQL's text form. */
export type MessageRow = Partial<Record<string, string | null>>;

/** A running replication connection. */
export interface Replication {
  /** Resolves when the connection has ended, for whatever reason. */
  ended: Promise<void>;
}

/**
 * Creates a replication slot and starts to receive rows. Resolves when it
 * receives rows. That is only after all transactions that were writing at the
 * time of the call have ended.
 *
 * @param databaseUrl a connection string whose role may replicate
 * @param onRow called for each committed row, in commit order
 * @param signal ends the connection
 */
export async function startReplication(
  databaseUrl: string,
  onRow: (row: MessageRow) => void,
  signal: AbortSignal,
): Promise<Replication> {
  const service = new LogicalReplicationService(
    { connectionString: databaseUrl, connectionTimeoutMillis: 5_000 },
  );
  const started = Promise.withResolvers<void>();
  service.on("start", started.resolve);
  service.on("error", () => {}); // The promise below rejects as well.
  service.on("heartbeat", (lsn, _time, shouldRespond) => {
    if (shouldRespond) void service.acknowledge(lsn);
  });
  service.on("data", (_lsn, message: Pgoutput.Message) => {
    if (message.tag !== "insert" || message.relation.schema !== "realtime") {
      return;
    }
    onRow(message.new);
  });
  const slot = `realtime_${crypto.randomUUID().replaceAll("-", "_")}`;
  const running = service.subscribe(new TemporarySlotPlugin(), slot);
  const stop = () => void service.stop();
  signal.addEventListener("abort", stop);
  const ended = running.then(() => {}, () => {}).finally(async () => {
    signal.removeEventListener("abort", stop);
    await service.stop();
  });
  await Promise.race([started.promise, running]).catch(async (error) => {
    await ended;
    throw error;
  });
  return { ended };
}

/** pgoutput on a slot that ends with its connection, with values as text. */
class TemporarySlotPlugin extends PgoutputPlugin {
  constructor() {
    super({ protoVersion: 1, publicationNames: [PUBLICATION] });
  }

  override async start(
    ...[client, slot, lsn]: Parameters<PgoutputPlugin["start"]>
  ) {
    // A slot that remained would make the server keep the write-ahead log.
    await client.query(
      `CREATE_REPLICATION_SLOT ${slot} TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT`,
    );
    return await super.start(client, slot, lsn);
  }

  override parse(buffer: Parameters<PgoutputPlugin["parse"]>[0]) {
    const message = super.parse(buffer);
    if (message.tag === "relation") {
      // JSON.parse would round the numbers in a payload.
      for (const column of message.columns) column.parser = (text) => text;
    }
    return message;
  }
}
