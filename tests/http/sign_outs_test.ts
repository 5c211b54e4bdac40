/**
 * A sign-out by Supabase Auth ends the Latchkey session with the right reason, and
 * an error in Latchkey's triggers does not make it fail.
 */
import { assertEquals, assertRejects } from "@std/assert";
import { DatabaseError } from "../../stack/sql.ts";
import {
  Api,
  api,
  bearer,
  expectOk,
  listen,
  newUser,
  quickSession,
  type Session,
  stack,
  supabase,
  supabaseAdmin,
  type User,
  WAYS,
  withDatabase,
} from "../harness.ts";

async function devices(user: User, count: number): Promise<Session[]> {
  const sessions: Session[] = [];
  for (let i = 0; i < count; i++) sessions.push(await api.login(user));
  return sessions;
}

/** Why each device's session ended; null for an active one. */
async function reasons(sessions: Session[]): Promise<(string | null)[]> {
  return await Promise.all(sessions.map(async (session) => {
    const answers = [];
    for (const url of Object.values(WAYS)) {
      answers.push(await new Api(url).profile(session));
    }
    const [one, other] = answers.map(({ status, body }) =>
      status === 200 ? null : body.reason as string
    );
    assertEquals(one, other);
    return one!;
  }));
}

function signOut(session: Session, scope: "local" | "others" | "global") {
  return supabase().auth.admin.signOut(session.access_token, scope);
}

function putUser(session: Session, changes: unknown): Promise<Response> {
  return fetch(`${stack.apiUrl}/auth/v1/user`, {
    method: "PUT",
    headers: {
      ...bearer(session),
      apikey: stack.publishableKey,
      "Content-Type": "application/json",
    },
    body: JSON.stringify(changes),
  });
}

for (
  const [scope, expected] of [
    ["local", ["signed_out", null, null]],
    ["others", [null, "signed_out", "signed_out"]],
    ["global", ["signed_out", "signed_out", "signed_out"]],
  ] as const
) {
  Deno.test(`sign-out: auth.signOut with scope ${scope} ends the sessions in that scope`, async () => {
    const [user, other] = await Promise.all([newUser(), newUser()]);
    const sessions = await devices(user, 3);
    const [foreign] = await devices(other, 1);
    const listeners = await Promise.all(
      sessions.map((session) =>
        listen(`session:${session.session_id}`, session.access_token)
      ),
    );
    try {
      const { error } = await signOut(sessions[0]!, scope);
      assertEquals(error, null);
      assertEquals(await reasons(sessions), [...expected]);
      assertEquals(await reasons([foreign!]), [null]);
      for (const [i, reason] of expected.entries()) {
        if (reason) {
          assertEquals((await listeners[i]!.next()).payload.reason, reason);
        }
        assertEquals(listeners[i]!.events.length, reason ? 1 : 0);
        const { status, body } = await api.refresh(sessions[i]!.refresh_token);
        assertEquals(
          [status, body.reason],
          reason ? [400, reason] : [200, undefined],
        );
      }
    } finally {
      await Promise.all(listeners.map((listener) => listener.close()));
    }
  });
}

Deno.test("sign-out: deleting the user ends the sessions with user_deleted", async () => {
  const user = await newUser();
  const sessions = await devices(user, 2);
  const listener = await listen(`user:${user.id}`, sessions[0]!.access_token);
  try {
    const { error } = await supabaseAdmin().auth.admin.deleteUser(user.id);
    assertEquals(error, null);
    const events = [await listener.next(), await listener.next()];
    assertEquals(
      new Set(events.map(({ payload }) => payload.session_id)),
      new Set(sessions.map(({ session_id }) => session_id)),
    );
    assertEquals(events.map(({ payload }) => payload.reason), [
      "user_deleted",
      "user_deleted",
    ]);
    assertEquals(await reasons(sessions), ["user_deleted", "user_deleted"]);
    const { body } = await api.refresh(sessions[0]!.refresh_token);
    assertEquals(body.code, "invalid_refresh_token");
    assertEquals(listener.events.length, 2);
  } finally {
    await listener.close();
  }
});

Deno.test("sign-out: a ban ends the sessions with banned", async () => {
  const user = await newUser();
  const sessions = await devices(user, 2);
  const listener = await listen(
    `session:${sessions[0]!.session_id}`,
    sessions[0]!.access_token,
  );
  try {
    const ban = (until: string | null) =>
      withDatabase(stack.dbUrl, (sql) =>
        sql`
        update auth.users set banned_until = ${until}::timestamptz where id = ${user.id}`);
    await ban("2020-01-01");
    assertEquals(await reasons(sessions), [null, null]);
    await ban("2999-01-01");
    assertEquals((await listener.next()).payload.reason, "banned");
    assertEquals(await reasons(sessions), ["banned", "banned"]);
    const { email, password } = user;
    const login = await api.post("login", { email, password });
    assertEquals([login.status, login.body.code], [400, "user_banned"]);
    // After the ban, the user signs in again; the old sessions stay ended.
    await ban(null);
    assertEquals(
      (await api.refresh(sessions[1]!.refresh_token)).body.reason,
      "banned",
    );
    await api.login(user);
  } finally {
    await listener.close();
  }
});

Deno.test("sign-out: a password change ends the other sessions with password_changed", async () => {
  const user = await newUser();
  const sessions = await devices(user, 3);
  const listener = await listen(
    `session:${sessions[1]!.session_id}`,
    sessions[1]!.access_token,
  );
  try {
    const response = await putUser(sessions[0]!, {
      password: "another horse battery",
    });
    assertEquals([response.status, typeof (await response.json()).id], [
      200,
      "string",
    ]);
    assertEquals(await reasons(sessions), [
      null,
      "password_changed",
      "password_changed",
    ]);
    assertEquals((await listener.next()).payload.reason, "password_changed");
  } finally {
    await listener.close();
  }
});

Deno.test("sign-out: a password set by an administrator ends every session", async () => {
  const user = await newUser();
  const sessions = await devices(user, 2);
  const { error } = await supabaseAdmin().auth.admin.updateUserById(user.id, {
    password: "another horse battery",
  });
  assertEquals(error, null);
  assertEquals(await reasons(sessions), [
    "password_changed",
    "password_changed",
  ]);
});

Deno.test("sign-out: another change of the user ends no session", async () => {
  const user = await newUser();
  const sessions = await devices(user, 2);
  const response = await putUser(sessions[0]!, { data: { theme: "dark" } });
  assertEquals(response.status, 200);
  await response.body?.cancel();
  assertEquals(await reasons(sessions), [null, null]);
});

Deno.test("sign-out: an error in Latchkey's triggers does not make Auth fail", async () => {
  const user = await newUser();
  const sessions = await devices(user, 4);
  // No other test runs now: the tests run one after the other.
  await withDatabase(stack.dbUrl, (sql) =>
    sql`
    alter table latchkey.refresh_tokens rename column revoked_at to broken`);
  try {
    assertEquals((await signOut(sessions[0]!, "local")).error, null);
    const changed = await putUser(sessions[1]!, {
      password: "another horse battery",
    });
    assertEquals(changed.status, 200);
    await changed.body?.cancel();
    await withDatabase(stack.dbUrl, (sql) =>
      sql`
      update auth.users set banned_until = '2999-01-01' where id = ${user.id}`);
  } finally {
    await withDatabase(stack.dbUrl, (sql) =>
      sql`
      alter table latchkey.refresh_tokens rename column broken to revoked_at`);
  }
  // The next check detects what the triggers missed.
  assertEquals(await reasons(sessions.slice(0, 2)), ["banned", "banned"]);
  const banned = await api.refresh(sessions[1]!.refresh_token);
  assertEquals([banned.body.code, banned.body.reason], [
    "token_revoked",
    "banned",
  ]);
  await withDatabase(stack.dbUrl, (sql) =>
    sql`
    update auth.users set banned_until = null where id = ${user.id}`);
  const { email } = user;
  expectOk(
    await api.post("login", { email, password: "another horse battery" }),
  );
});

Deno.test("sign-out: ending a session waits briefly for Auth's lock on it, and for no other lock", async () => {
  const user = await newUser();
  await withDatabase(stack.superuserUrl, async (sql) => {
    const locked = await quickSession(sql, user);
    const free = await quickSession(sql, user);
    const end = async ({ session_id }: Pick<Session, "session_id">) => {
      const [row] = await sql`
        select latchkey.end_sessions(array[${session_id}]::uuid[], 'admin') as n`;
      return row!.n;
    };
    await sql.begin(async (auth) => {
      await auth`
        select from auth.sessions where id = ${locked.session_id} for update`;
      assertEquals(await end(free), 1);
      await assertRejects(() => end(locked), DatabaseError, "lock");
    });
    assertEquals(await end(locked), 1);
  });
});

Deno.test("sign-out: of devices that end each other at once, one session stays and no call times out", async () => {
  for (let round = 0; round < 20; round++) {
    const user = await newUser();
    const [one, other] = await withDatabase(stack.dbUrl, async (sql) => [
      await quickSession(sql, user),
      await quickSession(sql, user),
    ]);
    const answers = await Promise.all([
      api.revoke(one!, { scope: "others" }),
      api.revoke(other!, { scope: "others" }),
    ]);
    assertEquals(answers.map(({ status }) => status).sort(), [200, 401]);
    const standing = await Promise.all([
      api.profile(one!),
      api.profile(other!),
    ]);
    assertEquals(standing.map(({ status }) => status).sort(), [200, 401]);
  }
});
