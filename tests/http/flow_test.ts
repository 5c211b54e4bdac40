/**
 * The whole flow: sign in on two devices, use everything that the token allows, end
 * one session from the other device, and find everything closed. With the real
 * supabase-js, over HTTP and WebSocket, on both ways to the database.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import {
  Api,
  api,
  expectOk,
  listen,
  newUser,
  type Session,
  stack,
  supabase,
  until,
  WAYS,
  withDatabase,
} from "../harness.ts";

/** A table of an app, with the live check in its policy. */
const NOTES = `
  create table if not exists public.notes (
    id bigint generated always as identity primary key,
    user_id uuid not null default auth.uid(),
    body text not null
  );
  alter table public.notes enable row level security;
  drop policy if exists "Own notes" on public.notes;
  create policy "Own notes" on public.notes to authenticated
    using (user_id = (select auth.uid()) and (select latchkey.session_active()))
    with check (user_id = (select auth.uid()) and (select latchkey.session_active()));
  grant select, insert on public.notes to authenticated;
  notify pgrst, 'reload schema';
`;

for (const [way, url] of Object.entries(WAYS)) {
  Deno.test(`flow: a session from sign-in to its end, ${way}`, async () => {
    await withDatabase(stack.dbUrl, (sql) => sql.unsafe(NOTES));
    const api = new Api(url);
    const user = await newUser();
    let phone = await api.login(user, "Anna's phone");
    const laptop = await api.login(user, "Laptop");
    assertEquals(phone.token_type, "bearer");
    assertEquals(phone.expires_in, 900);
    assertEquals(phone.user.id, user.id);
    assert(phone.session_id !== laptop.session_id);

    // The token has Supabase Auth's claims, signed with the project's key.
    const jwks = createRemoteJWKSet(
      new URL(`${stack.apiUrl}/auth/v1/.well-known/jwks.json`),
    );
    const { payload } = await jwtVerify(phone.access_token, jwks, {
      audience: "authenticated",
      issuer: `${stack.apiUrl}/auth/v1`,
    });
    assertEquals(decodeProtectedHeader(phone.access_token).alg, "ES256");
    assertEquals(payload.sub, user.id);
    assertEquals(payload.session_id, phone.session_id);
    assertEquals(payload.exp, phone.expires_at);
    for (
      const claim of [
        "role",
        "email",
        "phone",
        "aal",
        "amr",
        "app_metadata",
        "user_metadata",
      ]
    ) assert(claim in payload, claim);

    // The Data API, Realtime and Auth accept it.
    const client = supabase(() => phone.access_token);
    const notes = async () => {
      const { data, error } = await client.from("notes").select("body");
      if (error) throw new Error(error.message);
      return data.map((note) => note.body);
    };
    await until(async () => {
      const { error } = await client.from("notes").insert({ body: "mine" });
      return error === null;
    }, "the new table in the Data API");
    assertEquals(await notes(), ["mine"]);
    const listener = await listen(
      `session:${phone.session_id}`,
      phone.access_token,
    );
    const userListener = await listen(`user:${user.id}`, laptop.access_token);
    try {
      assertEquals(
        (await supabase().auth.getUser(phone.access_token)).data.user?.id,
        user.id,
      );
      const profile = expectOk(await api.profile(phone));
      assertEquals(profile, {
        user_id: user.id,
        email: user.email,
        session_id: phone.session_id,
      });

      // Everything uses the new token instead of the old one.
      phone = expectOk<Session>(await api.refresh(phone.refresh_token));
      await client.realtime.setAuth(phone.access_token);
      assertEquals(await notes(), ["mine"]);

      const { sessions } = expectOk<{ sessions: Record<string, unknown>[] }>(
        await api.sessions(phone),
      );
      assertEquals(
        sessions.map(({ session_id, current }) => [session_id, current]),
        [[phone.session_id, true], [laptop.session_id, false]],
      );
      assertEquals(Object.keys(sessions[0]!).sort(), [
        "bound",
        "client",
        "country",
        "created_at",
        "current",
        "device_name",
        "expires_at",
        "ip",
        "last_ip",
        "last_used_at",
        "last_user_agent",
        "session_id",
        "user_agent",
      ]);

      // The laptop ends the phone's session.
      const answer = await api.revoke(laptop, { session_id: phone.session_id });
      assertEquals(expectOk(answer), { revoked: 1 });

      const { payload: event } = await listener.next();
      assertEquals(event.session_id, phone.session_id);
      assertEquals(event.user_id, user.id);
      assertEquals(event.reason, "user");
      assertEquals(event.initiating_entity, "user");
      assertEquals(typeof event.event_timestamp, "number");
      assertEquals(
        (await userListener.next()).payload.session_id,
        phone.session_id,
      );

      assertEquals(await notes(), []);
      const refreshed = await api.refresh(phone.refresh_token);
      assertEquals(
        [
          refreshed.status,
          refreshed.body.error,
          refreshed.body.code,
          refreshed.body.reason,
        ],
        [400, "invalid_grant", "token_revoked", "user"],
      );
      const profiled = await api.profile(phone);
      assertEquals(
        [profiled.status, profiled.body.code, profiled.body.reason],
        [401, "token_revoked", "user"],
      );
      assert(
        profiled.headers.get("WWW-Authenticate")!.startsWith(
          'Bearer error="invalid_token"',
        ),
      );
      // supabase-js's own name for Auth's 403 session_not_found.
      const { error } = await supabase().auth.getUser(phone.access_token);
      assertEquals(error?.name, "AuthSessionMissingError");
      // It can neither list nor end sessions, and it cannot join its channel again.
      assertEquals((await api.sessions(phone)).body.reason, "user");
      assertEquals(
        (await api.revoke(phone, { scope: "global" })).body.code,
        "token_revoked",
      );
      await assertRejects(() =>
        listen(`session:${phone.session_id}`, phone.access_token)
      );

      // The laptop's session is not affected.
      expectOk(await api.profile(laptop));
    } finally {
      await listener.close();
      await userListener.close();
      await client.removeAllChannels();
      await withDatabase(stack.dbUrl, (sql) => sql`drop table public.notes`);
    }
  });
}

Deno.test("flow: another user's channels are refused at join", async () => {
  const api = new Api(Object.values(WAYS)[0]!);
  const [anna, ben] = await Promise.all([newUser(), newUser()]);
  const [hers, his] = await Promise.all([api.login(anna), api.login(ben)]);
  for (
    const topic of [
      `session:${hers.session_id}`,
      `user:${anna.id}`,
      "session:",
      "user:",
    ]
  ) {
    await assertRejects(
      () => listen(topic, his.access_token),
      Error,
      "permissions",
    );
  }
  await assertRejects(() =>
    listen(`session:${hers.session_id}`, stack.publishableKey)
  );
});

Deno.test("flow: only the database sends on the channels of a session", async () => {
  const api = new Api(Object.values(WAYS)[0]!);
  const user = await newUser();
  const session = await api.login(user);
  const topic = `session:${session.session_id}`;
  const listener = await listen(topic, session.access_token);
  const client = supabase(() => session.access_token);
  try {
    const forged = { session_id: session.session_id, reason: "admin" };
    await client.realtime.setAuth();
    const channel = client.channel(topic, {
      config: { private: true },
    });
    await new Promise<void>((resolve, reject) =>
      channel.subscribe((status, error) => {
        if (status === "SUBSCRIBED") resolve();
        else if (status !== "CLOSED") reject(error ?? new Error(status));
      })
    );
    await channel.send({
      type: "broadcast",
      event: "session-revoked",
      payload: forged,
    });
    await channel.httpSend("session-revoked", forged).catch(() => {});
    await client.schema("realtime" as never).from("messages").insert({ topic });
    // The database's message comes after the attempts before it.
    expectOk(await api.revoke(session, { scope: "local" }));
    const { payload } = await listener.next();
    assertEquals(payload.reason, "signed_out");
    assertEquals(listener.events.length, 1);
  } finally {
    await client.removeAllChannels();
    await listener.close();
  }
});

Deno.test("flow: a user lists and ends sessions with plain supabase-js", async () => {
  const api = new Api(Object.values(WAYS)[0]!);
  const [user, other] = await Promise.all([newUser(), newUser()]);
  const phone = await api.login(user, "Phone");
  const laptop = await api.login(user, "Laptop");
  const foreign = await api.login(other);
  const client = supabase(() => laptop.access_token).schema("latchkey");

  const { data } = await client.from("sessions").select("*").order(
    "created_at",
  );
  assertEquals(
    data!.map((row) => [row.session_id, row.device_name, row.current]),
    [[phone.session_id, "Phone", false], [laptop.session_id, "Laptop", true]],
  );
  const end = async (session_id: string) =>
    (await client.rpc("revoke_session", { session_id })).data;
  assertEquals(await end(foreign.session_id), false);
  assertEquals(await end(crypto.randomUUID()), false);
  assertEquals(await end(phone.session_id), true);
  assertEquals(await end(phone.session_id), false);
  assertEquals((await api.profile(phone)).body.reason, "user");
  expectOk(await api.profile(foreign));

  const hidden = await client.from("refresh_tokens").select("secret_hash");
  assertEquals(hidden.error?.code, "42501");
});

Deno.test("flow: revoke_session() answers false for a token, and neither the answer nor the log quotes it", async () => {
  const session = await api.login(await newUser());
  const client = supabase(() => session.access_token).schema("latchkey");
  for (
    const session_id of [session.refresh_token, session.access_token, "", null]
  ) {
    const { data, error } = await client.rpc("revoke_session", { session_id });
    assertEquals([data, error], [false, null]);
  }
  expectOk(await api.profile(session));

  await withDatabase(stack.superuserUrl, async (sql) => {
    const [row] = await sql`
      select pg_read_file(current_setting('data_directory') || '/../postgres.log') as log`;
    for (const token of [session.refresh_token, session.access_token]) {
      assert(!row!.log.includes(token));
    }
  });
});
