/**
 * A 503 is a promise: nothing was written, and nothing will be. A proxy holds the
 * requests back until their callers have given up, and delivers them then.
 */
import { assert, assertEquals } from "@std/assert";
import { decodeJwt } from "jose";
import { readConfig } from "../../stack/config.ts";
import { functionsEnvironment, startFunctions } from "../../stack/functions.ts";
import {
  type Answer,
  Api,
  bearer,
  expectOk,
  newUser,
  quickSession,
  type Session,
  stack,
  supabase,
  until,
  withDatabase,
} from "../harness.ts";
import {
  delayHttp,
  type DelayingProxy,
  delayPostgres,
} from "./delaying_proxy.ts";

const root = new URL("../..", import.meta.url).pathname;

/** A set of functions whose way to the database leads through a proxy. */
interface Delayed {
  api: Api;
  proxy: DelayingProxy;
}

async function startDelayed(
  proxy: DelayingProxy,
  env: Record<string, string>,
  cleanup: AsyncDisposableStack,
): Promise<Delayed> {
  cleanup.defer(() => proxy.close());
  const { functions } = await readConfig(root);
  const { url, close } = await startFunctions({
    projectRoot: root,
    functions,
    env: {
      ...functionsEnvironment({
        apiUrl: stack.apiUrl,
        databaseUrl: stack.dbUrl,
        keys: stack.keys,
      }),
      ...env,
    },
    onLog() {},
  });
  cleanup.defer(close);
  return { api: new Api(url), proxy };
}

const WAYS: Record<
  string,
  (cleanup: AsyncDisposableStack) => Promise<Delayed>
> = {
  "over the Data API": (cleanup) => {
    const proxy = delayHttp(stack.apiUrl);
    return startDelayed(
      proxy,
      { SUPABASE_URL: `http://127.0.0.1:${proxy.port}` },
      cleanup,
    );
  },
  "over a connection": async (cleanup) => {
    const role = `r_${crypto.randomUUID().replaceAll("-", "")}`;
    await withDatabase(
      stack.dbUrl,
      (sql) =>
        sql.unsafe(
          `create role ${role} login password 'test' in role latchkey_functions`,
        ),
    );
    cleanup.defer(() =>
      withDatabase(stack.dbUrl, async (sql) => {
        await sql.unsafe(`drop role ${role}`);
      })
    );
    const proxy = delayPostgres(stack.dbUrl);
    const url = new URL(stack.dbUrl);
    url.port = String(proxy.port);
    url.username = role;
    url.password = "test";
    return startDelayed(proxy, { LATCHKEY_DB_URL: url.href }, cleanup);
  },
};

/** Sends a request whose call is delivered after its caller has given up. */
async function sendTooLate(
  { proxy }: Delayed,
  functionName: string,
  send: () => Promise<Answer>,
  text?: string,
) {
  const held = proxy.hold(functionName, text);
  const answer = send();
  await held.received;
  const { status, body, headers } = await answer;
  assertEquals([status, body.code, headers.get("Retry-After")], [
    503,
    "database_unavailable",
    "1",
  ]);
  await held.deliver();
}

const rows = (text: string, value: string) =>
  withDatabase(stack.dbUrl, (sql) => sql.unsafe(text, [value]));

/** A Latchkey session without a sign-in at Supabase Auth. */
async function newSession() {
  const user = await newUser();
  return await withDatabase(stack.dbUrl, (sql) => quickSession(sql, user));
}

/** What each call must leave as it was, though the database gets it late. */
const CALLS: Record<string, (delayed: Delayed) => Promise<void>> = {
  async refresh(delayed) {
    const { api } = delayed;
    const session = await newSession();
    await sendTooLate(
      delayed,
      "refresh",
      () => api.refresh(session.refresh_token),
    );
    // As if the client tried again after the reuse interval.
    const [row] = await rows(
      `update latchkey.refresh_tokens
       set rotated_at = rotated_at - interval '11 seconds'
       where session_id = $1 returning generation`,
      session.session_id,
    );
    assertEquals(row!.generation, 0);
    expectOk(await api.refresh(session.refresh_token));
  },

  async login(delayed) {
    const { api } = delayed;
    const user = await newUser();
    const { email, password } = user;
    await sendTooLate(
      delayed,
      "login",
      () => api.post("login", { email, password }),
    );
    const sessions = await rows(
      "select session_id from latchkey.refresh_tokens where user_id = $1",
      user.id,
    );
    assertEquals(sessions, []);
    await api.login(user);
  },

  async attempt(delayed) {
    const { api } = delayed;
    const { email, password } = await newUser();
    await sendTooLate(
      delayed,
      "attempt",
      () => api.post("login", { email, password: `not ${password}` }),
      email,
    );
    const counts = await rows(
      `select failures from latchkey.login_attempts
       where key_hash = latchkey.attempt_key('account', $1)`,
      email,
    );
    assertEquals(counts, []);
  },

  async adopt(delayed) {
    const { api } = delayed;
    const { email, password } = await newUser();
    const { data } = await supabase().auth.signInWithPassword({
      email,
      password,
    });
    const { access_token } = data.session!;
    const adopt = () => api.post("login", {}, bearer({ access_token }));
    await sendTooLate(delayed, "adopt", adopt);
    const sessions = await rows(
      "select session_id from latchkey.refresh_tokens where session_id = $1",
      decodeJwt(access_token).session_id as string,
    );
    assertEquals(sessions, []);
    const session = expectOk<Session>(await adopt());
    expectOk(await api.refresh(session.refresh_token));
  },

  async revoke(delayed) {
    const { api } = delayed;
    const session = await newSession();
    const revoke = () => api.revoke(session, { scope: "local" });
    await sendTooLate(delayed, "revoke", revoke);
    expectOk(await api.profile(session));
    expectOk(await api.refresh(session.refresh_token));
    assertEquals(expectOk<{ revoked: number }>(await revoke()).revoked, 1);
  },

  async revoke_token(delayed) {
    const { api } = delayed;
    const session = await newSession();
    await sendTooLate(
      delayed,
      "revoke_token",
      () => api.form("revoke", { token: session.refresh_token }),
    );
    expectOk(await api.profile(session));
    expectOk(await api.refresh(session.refresh_token));
  },

  async revoke_by_admin(delayed) {
    const { api } = delayed;
    const session = await newSession();
    await sendTooLate(
      delayed,
      "revoke_by_admin",
      () =>
        api.post("revoke", { session_id: session.session_id }, {
          apikey: stack.secretKey,
        }),
    );
    expectOk(await api.profile(session));
    expectOk(await api.refresh(session.refresh_token));
  },
};

Deno.test("a call that waited for a lock beyond its deadline is rolled back", async () => {
  await withDatabase(stack.dbUrl, async (sql) => {
    const { session_id } = await newSession();
    const [{ secret_hash }] = await sql`
      select secret_hash::text from latchkey.refresh_tokens
      where session_id = ${session_id}` as [{ secret_hash: string }];
    const refresh = (deadline: Date) =>
      sql`select (latchkey.refresh(
        ${session_id}, 0, ${secret_hash}::bytea, null, null,
        deadline => ${deadline}
      )).outcome`;
    let late: string | undefined;
    await sql.begin(async (tx) => {
      await tx`
        select from latchkey.refresh_tokens
        where session_id = ${session_id} for update`;
      const [{ time }] = await tx`select latchkey.clock() as time` as [
        { time: Date },
      ];
      const deadline = new Date(time.getTime() + 500);
      refresh(deadline).then(
        () => late = "written",
        (error: { code: string }) => late = error.code,
      );
      await until(async () => {
        const waiting = await sql`
          select from pg_stat_activity
          where wait_event_type = 'Lock' and query like '%latchkey.refresh(%'`;
        return waiting.length > 0 || late !== undefined;
      }, "the refresh to wait for the row");
      await tx`select pg_sleep_until(${deadline})`;
    });
    await until(() => late !== undefined, "the refresh");
    // On a busy machine it has waited too long for the lock before that.
    assert(late === "LK503" || late === "55P03", late);
    const [row] = await sql`
      select generation from latchkey.refresh_tokens
      where session_id = ${session_id}`;
    assertEquals(row!.generation, 0);
  });
});

for (const [way, start] of Object.entries(WAYS)) {
  Deno.test(`a 503 writes nothing, even when the database gets the call later, ${way}`, async (test) => {
    await using cleanup = new AsyncDisposableStack();
    const delayed = await start(cleanup);
    await Promise.all(
      Object.entries(CALLS).map(([name, check]) =>
        test.step({
          name,
          fn: () => check(delayed),
          // They run at once, because each waits for a caller to give up.
          sanitizeExit: false,
          sanitizeOps: false,
          sanitizeResources: false,
        })
      ),
    );
  });
}
