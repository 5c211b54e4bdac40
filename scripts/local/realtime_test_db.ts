/** A database with the policies that the relay's test needs. */

import { fromFileUrl } from "@std/path";
import postgres from "postgres";
import { openDataFolder } from "./data_folder.ts";
import { preparePlatform } from "./platform.ts";
import { type Database, startPostgres } from "./postgres.ts";
import { installServer } from "./postgres_files.ts";

/** A running database server with data of its own. */
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

/** Starts a database server of this test's own, on a free port. */
export async function startTestDatabase(): Promise<TestDatabase> {
  const path = await Deno.makeTempDir({ prefix: "realtime-test-" });
  await Deno.chmod(path, 0o755); // The server may run as another user.
  const folder = await openDataFolder({
    projectRoot: fromFileUrl(new URL("../..", import.meta.url)),
    data: path,
    beforeUse: () => Promise.resolve(),
  });
  const { passwords } = folder.secrets;
  const database = await startPostgres({
    files: await installServer(folder.serverRoot, () => {}),
    folder: path,
    port: 0,
    superuserPassword: passwords.supabase_admin,
  });
  const connect = (url: string) => postgres(url, { max: 1, onnotice() {} });
  const admin = connect(database.superuserUrl);
  await preparePlatform(admin, passwords);
  await admin.end();
  // As the role that migrations run as: it may create these policies.
  const owner = connect(database.urlFor("postgres", "postgres"));
  await owner.unsafe(FIXTURES);
  await owner.end();
  return {
    ...database,
    async remove() {
      await database.stop();
      await folder.release();
      await Deno.remove(path, { recursive: true });
    },
  };
}
