/**
 * A project that has Latchkey already: its sessions, settings and events, and
 * the functions it deployed, outlive every migration that came since.
 */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { createClient } from "@supabase/supabase-js";
import type postgres from "postgres";
import { type Stack, startStack } from "../../stack/stack.ts";
import { readEnvironment } from "../../supabase/functions/_latchkey/environment.ts";
import {
  hashSeed,
  newSeed,
  type RefreshToken,
  RefreshTokens,
} from "../../supabase/functions/_latchkey/refresh_token.ts";
import { functionsEnvironment } from "../../stack/functions_process.ts";
import {
  type Answer,
  Api,
  expectOk,
  type Session,
  withDatabase,
} from "../harness.ts";

const root = new URL("../..", import.meta.url).pathname;
/** The last migration of each version that was deployed anywhere. */
const RELEASES = ["20261121001800", "20261121105900"];

/** A project folder whose migrations end at a version. */
async function copyProject(folder: string, last: string) {
  for (const name of ["config.toml", "functions", "migrations"]) {
    await copy(join(root, "supabase", name), join(folder, "supabase", name));
  }
  const migrations = join(folder, "supabase", "migrations");
  for (const { name } of [...Deno.readDirSync(migrations)]) {
    if (name.split("_")[0]! > last) await Deno.remove(join(migrations, name));
  }
}

async function copy(from: string, to: string) {
  if (!(await Deno.stat(from)).isDirectory) {
    return await Deno.copyFile(from, to);
  }
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) {
    await copy(join(from, name), join(to, name));
  }
}

/** The SQL functions as the functions of those releases call them. */
class Release {
  readonly #client;

  constructor({ apiUrl, secretKey }: Stack) {
    this.#client = createClient(apiUrl, secretKey, {
      auth: { persistSession: false, autoRefreshToken: false },
      db: { schema: "latchkey" },
    });
  }

  // deno-lint-ignore no-explicit-any
  async #call(name: string, args: Record<string, unknown>): Promise<any> {
    const { data, error } = await this.#client.rpc(name, args);
    if (error) throw new Error(`${name}: ${error.code} ${error.message}`);
    return data;
  }

  login(session_id: string, secret_hash: string) {
    return this.#call("login", {
      session_id,
      secret_hash,
      aal: "aal1",
      amr: '[{"method":"password","timestamp":1}]',
      user_agent: "Firefox",
      ip: "192.0.2.1",
      device_name: "Laptop",
    });
  }

  refresh(session_id: string, generation: number, secret_hash: string) {
    return this.#call("refresh", { session_id, generation, secret_hash });
  }

  revoke(
    args: {
      caller_session_id: string;
      user_id: string;
      scope: string | null;
      session_id: string | null;
    },
  ) {
    return this.#call("revoke", args);
  }

  revokeByAdmin(session_id: string) {
    const reason = "admin";
    return this.#call("revoke_by_admin", { user_id: null, session_id, reason });
  }

  revokeToken(session_id: string, secret_hash: string) {
    return this.#call("revoke_token", { session_id, secret_hash });
  }

  sessionState(session_id: string, user_id: string) {
    return this.#call("session_state", { session_id, user_id });
  }
}

interface Device {
  userId: string;
  sessionId: string;
  seed: Uint8Array<ArrayBuffer>;
  hash: string;
}

/** Signs a device in and refreshes so many times, as those releases did. */
async function newDevice(
  sql: postgres.Sql,
  release: Release,
  generations = 0,
  userId: string = crypto.randomUUID(),
): Promise<Device> {
  const [sessionId, seed] = [crypto.randomUUID(), newSeed()];
  const hash = hashSeed(seed);
  await sql`
    insert into auth.users (id, email, aud, role)
    values (${userId}, ${`${userId}@example.com`}, 'authenticated', 'authenticated')
    on conflict do nothing`;
  await sql`insert into auth.sessions (id, user_id) values (${sessionId}, ${userId})`;
  const { outcome, claims } = await release.login(sessionId, hash);
  assertEquals([outcome, claims.session_id], ["created", sessionId]);
  for (let i = 0; i < generations; i++) {
    const { outcome, generation } = await release.refresh(sessionId, i, hash);
    assertEquals([outcome, generation], ["rotated", i + 1]);
  }
  return { userId, sessionId, seed, hash };
}

const GENERATIONS = [0, 1, 7];

/** What stands, what is over, and what was set, before the upgrade. */
async function populate(stack: Stack) {
  const release = new Release(stack);
  return await withDatabase(stack.dbUrl, async (sql) => {
    // The greatest interval, so that it is still open after the upgrade.
    await sql`update latchkey.settings set reuse_interval_seconds = 60, access_token_seconds = 600`;
    const device = (generations = 0) => newDevice(sql, release, generations);
    const live = await Promise.all(GENERATIONS.map(device));
    const twice = await device(3);
    const stolen = await device(3);
    const revoked = await device(2);
    const expired = await device(2);
    const gone = await device();
    const caller = await device();
    const other = await newDevice(sql, release, 0, caller.userId);

    assertEquals(await release.revokeByAdmin(revoked.sessionId), 1);
    await sql`
      update latchkey.refresh_tokens set idle_expires_at = now() - interval '1 hour'
      where session_id = ${expired.sessionId}`;
    assertEquals(await release.revokeToken(gone.sessionId, gone.hash), 1);
    assertEquals(
      await release.sessionState(caller.sessionId, caller.userId),
      { outcome: "active", reason: null },
    );
    const events = await sql`
      select id, created_at, event, session_id, user_id, reason, initiating_entity, ip, user_agent
      from latchkey.session_events order by id`;
    const [settings] = await sql`select * from latchkey.settings`;
    return {
      ...{ live, twice, stolen, revoked, expired, gone, caller, other },
      ...{ events: [...events], settings: { ...settings } },
    };
  });
}

function assertRefused(
  { status, body }: Answer,
  code: string,
  reason?: string,
) {
  assertEquals([status, body.code, body.reason], [400, code, reason]);
}

async function upgradeFrom(last: string, test: Deno.TestContext) {
  const work = await Deno.makeTempDir({ prefix: "latchkey_upgrade_" });
  // As root, the database runs as another user, who passes through here.
  await Deno.chmod(work, 0o711);
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => Deno.remove(work, { recursive: true }));
  const projectRoot = join(work, "project");
  const options = { port: 0, dbPort: 0, data: join(work, "data"), projectRoot };

  await Deno.mkdir(join(projectRoot, "supabase"), { recursive: true });
  await copyProject(projectRoot, last);
  const first = await startStack(options);
  let before: Awaited<ReturnType<typeof populate>>;
  try {
    before = await populate(first);
  } finally {
    await first.stop();
  }

  // What a pull of the new version does to the folder; the start pushes it.
  await copyProject(projectRoot, "9");
  const stack = await startStack(options);
  cleanup.defer(() => stack.stop());
  const release = new Release(stack);
  const api = new Api(`${stack.apiUrl}/functions/v1`);
  const variables = functionsEnvironment({
    apiUrl: stack.apiUrl,
    databaseUrl: stack.dbUrl,
    keys: stack.keys,
  });
  const environment = readEnvironment((name) => variables[name]);
  const tokens = new RefreshTokens(
    environment.refreshTokenKeys,
    environment.currentRefreshTokenKey,
  );
  const refresh = (
    { sessionId, seed }: Pick<RefreshToken, "sessionId" | "seed">,
    generation: number,
  ) => api.refresh(tokens.mint({ sessionId, seed, generation }));

  await test.step("every migration was pushed", async () => {
    const pushed = await withDatabase(
      stack.dbUrl,
      (sql) =>
        sql`select version from supabase_migrations.schema_migrations order by version`,
    );
    assertEquals(
      pushed.map(({ version }) => version),
      [...Deno.readDirSync(join(root, "supabase", "migrations"))]
        .map(({ name }) => name.split("_")[0]!).sort(),
    );
  });

  await test.step("settings and events are kept", async () => {
    await withDatabase(stack.dbUrl, async (sql) => {
      const [settings] = await sql`select * from latchkey.settings`;
      assertEquals({ ...settings, ...before.settings }, { ...settings });
      const events = await sql`
        select id, created_at, event, session_id, user_id, reason, initiating_entity, ip, user_agent
        from latchkey.session_events order by id`;
      assertEquals([...events], before.events);
    });
  });

  await test.step("every honest token refreshes on, and on", async () => {
    for (const [i, device] of before.live.entries()) {
      let session = expectOk<Session>(await refresh(device, GENERATIONS[i]!));
      assertEquals(session.session_id, device.sessionId);
      assertEquals(session.user.id, device.userId);
      session = expectOk(await api.refresh(session.refresh_token));
      assertEquals(
        expectOk<{ user_id: string }>(await api.profile(session)).user_id,
        device.userId,
      );
    }
  });

  await test.step("a reuse interval that was open is open", async () => {
    const [again, current] = [
      expectOk<Session>(await refresh(before.twice, 2)),
      tokens.mint({ ...before.twice, generation: 3 }),
    ];
    assertEquals(again.refresh_token, current);
  });

  await test.step("what was over is over, for the same reason", async () => {
    assertRefused(await refresh(before.revoked, 2), "token_revoked", "admin");
    assertRefused(await refresh(before.gone, 0), "token_revoked", "signed_out");
    assertRefused(await refresh(before.expired, 2), "session_expired", "idle");
  });

  await test.step("a stolen token of before ends its session", async () => {
    assertRefused(await refresh(before.stolen, 0), "refresh_token_reused");
    assertRefused(await refresh(before.stolen, 3), "token_revoked", "reuse");
  });

  await test.step("the functions of before go on working", async () => {
    const { caller, other } = before;
    assertEquals(
      await release.sessionState(caller.sessionId, caller.userId),
      { outcome: "active", reason: null },
    );
    const turn = await release.refresh(caller.sessionId, 0, caller.hash);
    assertEquals([turn.outcome, turn.generation], ["rotated", 1]);
    assertEquals(turn.claims.sub, caller.userId);
    assertEquals(turn.user_data.id, caller.userId);
    assertEquals(turn.access_token_seconds, 600);
    const ended = await release.revoke({
      caller_session_id: caller.sessionId,
      user_id: caller.userId,
      scope: null,
      session_id: other.sessionId,
    });
    assertEquals([ended.outcome, ended.revoked], ["done", 1]);
    await withDatabase(stack.dbUrl, async (sql) => {
      const [mine, yours] = await Promise.all([
        newDevice(sql, release, 2),
        newDevice(sql, release, 2),
      ]);
      expectOk(await refresh(mine, 2));
      assertEquals(await release.revokeToken(mine.sessionId, mine.hash), 1);
      assertEquals(await release.revokeByAdmin(yours.sessionId), 1);
      assertRefused(await refresh(yours, 2), "token_revoked", "admin");
    });
  });
}

for (const last of RELEASES) {
  Deno.test(
    `sessions outlive the upgrade from ${last}`,
    (test) => upgradeFrom(last, test),
  );
}

Deno.test("half an upgrade opens nothing, and closes no policy", async () => {
  const work = await Deno.makeTempDir({ prefix: "latchkey_upgrade_" });
  await Deno.chmod(work, 0o711);
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => Deno.remove(work, { recursive: true }));
  const projectRoot = join(work, "project");
  await Deno.mkdir(join(projectRoot, "supabase"), { recursive: true });
  const versions = [...Deno.readDirSync(join(root, "supabase", "migrations"))]
    .map(({ name }) => name.split("_")[0]!).sort();
  // All but the last migration, which is the grants.
  await copyProject(projectRoot, versions.at(-2)!);
  const stack = await startStack({
    port: 0,
    dbPort: 0,
    data: join(work, "data"),
    projectRoot,
  });
  cleanup.defer(() => stack.stop());

  const release = new Release(stack);
  await withDatabase(stack.dbUrl, async (sql) => {
    const { userId, sessionId } = await newDevice(sql, release);
    const anybody = createClient(stack.apiUrl, stack.keys.publishableKey, {
      auth: { persistSession: false, autoRefreshToken: false },
      db: { schema: "latchkey" },
    });
    const { error } = await anybody.rpc("revoke_by_admin", {
      user_id: userId,
      session_id: null,
      reason: "admin",
    });
    assertEquals(error?.code, "42501");
    for (const role of ["anon", "authenticated"]) {
      const [{ open }] = await sql<[{ open: boolean }]>`
        select has_schema_privilege(${role}, 'latchkey', 'usage') as open`;
      assertEquals(open, false, role);
    }

    await sql.unsafe(`
      create table public.notes (body text);
      grant select on public.notes to authenticated;
      alter table public.notes enable row level security;
      create policy "While the session stands" on public.notes
        to authenticated using ((select latchkey.session_active()));
      insert into public.notes values ('mine');`);
    const read = () =>
      sql.begin(async (sql) => {
        const claims = JSON.stringify({ sub: userId, session_id: sessionId });
        await sql`select set_config('request.jwt.claims', ${claims}, true)`;
        await sql`set local role authenticated`;
        return (await sql`select body from public.notes`).length;
      });
    assertEquals(await read(), 1);
    assertEquals(await release.revokeByAdmin(sessionId), 1);
    assertEquals(await read(), 0);
  });
});
