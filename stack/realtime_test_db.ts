/** A database with the policies that the relay's test needs. */

import { connect } from "./sql.ts";
import type { Database } from "./postgres.ts";
import { startStack } from "./stack.ts";

/** A running database server with its own data. */
export interface TestDatabase extends Database {
  /** Stops the server and removes its data. */
  remove(): Promise<void>;
}

const FIXTURES = `
  create table public.members (name text);
  insert into public.members values ('carol');
  grant select on public.members to authenticated;
  create policy own on realtime.messages for select to authenticated
    using (
      extension = 'broadcast'
      and realtime.topic() = 'user:' || (auth.jwt() ->> 'sub')
    );
  create policy members on realtime.messages for select to authenticated
    using (realtime.topic() = 'member:' || (
      select name from public.members where name = auth.jwt() ->> 'sub'));
  create policy room_read on realtime.messages for select to authenticated
    using (realtime.topic() like 'room:%');
  create policy room_write on realtime.messages for insert to authenticated
    with check (realtime.topic() like 'room:%');
`;

/** Starts a stack of this test's own, for its database. */
export async function startTestDatabase(): Promise<TestDatabase> {
  const path = await Deno.makeTempDir({ prefix: "latchkey_realtime_" });
  // As root, the database runs as another user, who passes through here.
  await Deno.chmod(path, 0o711);
  const stack = await startStack({ port: 0, dbPort: 0, data: `${path}/data` });
  // As the role that migrations run as: it may create these policies.
  const owner = connect(stack.dbUrl, { max: 1 });
  await owner.unsafe(FIXTURES);
  await owner.end();
  return {
    ...stack.database,
    async remove() {
      await stack.stop();
      await Deno.remove(path, { recursive: true });
    },
  };
}
