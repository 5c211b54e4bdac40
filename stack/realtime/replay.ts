/** Earlier messages of a private channel, which a join can ask for. */

import type { Sql } from "../sql.ts";
import type { Replay } from "./channel.ts";

/** A message that was sent before the client joined. */
export interface ReplayedMessage {
  id: string;
  event: string;
  payload: unknown;
}

/** Reads the newest messages since a time, oldest first. */
export async function readMessages(
  sql: Sql,
  topic: string,
  { since, limit }: Replay,
): Promise<ReplayedMessage[]> {
  const rows = await sql<(ReplayedMessage)[]>`
    select id, event, payload
    from realtime.messages
    where topic = ${topic} and private and extension = 'broadcast'
      and inserted_at >= to_timestamp(${since}::float8 / 1000) at time zone 'UTC'
      and inserted_at < (now() at time zone 'UTC') + interval '1 minute'
    order by inserted_at desc
    limit ${limit}`;
  return rows.reverse();
}
