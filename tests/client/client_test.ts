/**
 * The client with the real supabase-js on the stack. Tests move the device's
 * clock instead of waiting.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { decodeJwt } from "jose";
import { type SessionClient, SessionError } from "../../client/mod.ts";
import { accessTokens, api, newUser, stack, until } from "../harness.ts";
import { Device, newCredentials } from "./device.ts";

/** supabase-js as an app makes it, its sockets and what it sent by them. */
class App implements AsyncDisposable {
  readonly supabase: SupabaseClient;
  readonly sockets: WebSocket[] = [];
  readonly sent: [
    join: string | null,
    ref: string,
    topic: string,
    event: string,
    payload: { access_token?: string },
  ][] = [];

  constructor(client: SessionClient) {
    const { sockets, sent } = this;
    this.supabase = createClient(stack.apiUrl, stack.publishableKey, {
      accessToken: client.getAccessToken,
      realtime: {
        transport: class extends WebSocket {
          constructor(address: string | URL, protocols?: string | string[]) {
            super(address, protocols);
            sockets.push(this);
          }
          override send(data: string) {
            sent.push(JSON.parse(data));
            super.send(data);
          }
        },
      },
    });
    client.watch(this.supabase);
  }

  /** The first channel, once it is joined. */
  async joined(besides?: unknown) {
    const channel = () => this.supabase.getChannels()[0];
    await until(
      () => channel()?.state === "joined" && channel() !== besides,
      "the channel to be joined",
    );
    return channel()!;
  }

  async [Symbol.asyncDispose]() {
    await this.supabase.removeAllChannels();
    this.supabase.realtime.disconnect();
  }
}

/** The same token, but a minute past its expiry. */
async function expired(access_token: string): Promise<string> {
  const { iss: _iss, iat: _iat, exp: _exp, ...claims } = decodeJwt(
    access_token,
  );
  const exp = Math.floor(Date.now() / 1000) - 60;
  return await accessTokens.issue({ ...claims, exp });
}

Deno.test("client: callers that ask for the token at once share one refresh", async () => {
  using device = new Device();
  const { client } = device;
  const credentials = await newCredentials();
  const session = await client.signIn(credentials);
  assertEquals(session.user.email, credentials.email);
  assertEquals(await client.getAccessToken(), session.access_token);

  await device.nearExpiry();
  const tokens = await Promise.all(
    Array.from({ length: 10 }, () => client.getAccessToken()),
  );
  assertEquals(new Set(tokens).size, 1);
  assert(tokens[0] !== session.access_token);
  assertEquals(device.answered, [
    "200 /functions/v1/login",
    "200 /functions/v1/refresh",
  ]);
  assertEquals(
    device.events.map(({ type }) => type),
    ["signed_out", "signed_in", "token_refreshed"],
  );
});

Deno.test("client: a wrong password leaves the user signed out", async () => {
  using device = new Device();
  const { email } = await newUser();
  const error = await assertRejects(
    () => device.client.signIn({ email, password: "wrong" }),
  );
  assert(error instanceof SessionError);
  assertEquals([error.code, error.transient], ["invalid_credentials", false]);
  assertEquals(device.client.snapshot().status, "signed_out");
});

for (
  const [name, path, init] of [
    ["a function", "/functions/v1/profile", {}],
    ["the Data API", "/rest/v1/sessions?select=session_id,current", {
      headers: { "Accept-Profile": "latchkey" },
    }],
    ["the Data API with a body", "/rest/v1/rpc/session_active", {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "Content-Profile": "latchkey",
      },
      body: "{}",
    }],
  ] as const
) {
  Deno.test(`client: refreshes and repeats the request when ${name} calls the token expired`, async () => {
    using device = new Device();
    const session = await device.client.signIn(await newCredentials());
    device.replaceAccessToken(await expired(session.access_token));
    device.answered.length = 0;

    const response = await device.client.fetch(stack.apiUrl + path, init);
    const body = await response.json();
    assertEquals(response.status, 200, JSON.stringify(body));
    const { pathname } = new URL(stack.apiUrl + path);
    assertEquals(device.answered, [
      `401 ${pathname}`,
      "200 /functions/v1/refresh",
      `200 ${pathname}`,
    ]);
    if (name === "a function") {
      assertEquals(body.session_id, session.session_id);
    }
  });
}

Deno.test("client: lists the sessions and ends one; its device notices at the next request", async () => {
  using phone = new Device();
  using laptop = new Device();
  const user = await newCredentials();
  const { session_id } = await phone.client.signIn({
    ...user,
    deviceName: "Phone",
  });
  await laptop.client.signIn({ ...user, deviceName: "Laptop" });

  const list = async () =>
    (await laptop.client.sessions()).filter(({ device_name }) => device_name)
      .map(({ device_name, current }) => [device_name, current]).sort();
  assertEquals(await list(), [["Laptop", true], ["Phone", false]]);
  assertEquals(await laptop.client.revoke(session_id), 1);
  assertEquals(await list(), [["Laptop", true]]);

  const response = await phone.client.fetch(
    `${stack.apiUrl}/functions/v1/profile`,
  );
  assertEquals(response.status, 401);
  await response.body?.cancel();
  assertEquals(phone.events.at(-1), {
    type: "session_revoked",
    session_id,
    reason: "user",
  });
  assertEquals(await phone.client.getAccessToken(), null);
  assertEquals(laptop.client.snapshot().status, "signed_in");
});

Deno.test("client: signs out this session, the others, and all", async () => {
  using phone = new Device();
  using laptop = new Device();
  const user = await newCredentials();
  const signIn = ({ client }: Device) => client.signIn(user);
  const stands = async (session: { access_token: string }) =>
    (await api.profile(session)).status === 200;

  const first = await signIn(phone);
  const other = await signIn(laptop);
  await phone.client.signOut();
  assertEquals([await stands(first), await stands(other)], [false, true]);
  assertEquals(phone.events.at(-1), { type: "signed_out" });

  const second = await signIn(phone);
  await phone.client.signOut({ scope: "others" });
  assertEquals([await stands(second), await stands(other)], [true, false]);
  assertEquals(phone.client.snapshot().status, "signed_in");

  const third = await signIn(laptop);
  await phone.client.signOut({ scope: "global" });
  assertEquals([await stands(second), await stands(third)], [false, false]);
  assertEquals(phone.client.snapshot().status, "signed_out");
});

Deno.test("client: supabase-js uses its token and hears the end on its own socket", async () => {
  using phone = new Device();
  using laptop = new Device();
  await using app = new App(phone.client);
  const user = await newCredentials();
  const { session_id } = await phone.client.signIn(user);
  await laptop.client.signIn(user);

  const { data, error } = await app.supabase.schema("latchkey").from("sessions")
    .select("session_id").eq("current", true);
  assertEquals(error, null);
  assertEquals(data, [{ session_id }]);

  const channel = await app.joined();
  assertEquals(channel.topic, `realtime:session:${session_id}`);
  app.supabase.channel("of the app's own").subscribe();

  // A new token goes to the channel at once, not at the next heartbeat.
  await phone.nearExpiry();
  const fresh = await phone.client.getAccessToken();
  await until(
    () =>
      app.sent.some(([, , topic, event, { access_token }]) =>
        topic === channel.topic && event === "access_token" &&
        access_token === fresh
      ),
    "the new token on the channel",
  );
  assertEquals(channel.state, "joined");

  await laptop.client.revoke(session_id);
  await until(
    () => phone.client.snapshot().status === "signed_out",
    "the broadcast",
  );
  // deno-lint-ignore no-explicit-any
  const { at, ...event }: any = phone.events.at(-1);
  assertEquals(event, { type: "session_revoked", session_id, reason: "user" });
  assertEquals(typeof at, "number");
  await until(() => app.supabase.getChannels().length === 0, "no channel");
  assertEquals(app.sockets.length, 1);
  // It came by the socket: no request of the phone's was refused.
  assert(phone.answered.every((line) => line.startsWith("200")));
});

Deno.test("client: after the server closed the channel, watch joins a new one and checks the session", async () => {
  using device = new Device();
  await using app = new App(device.client);
  const session = await device.client.signIn(await newCredentials());
  const first = await app.joined();
  const checks = () =>
    device.answered.filter((line) => line.endsWith("/session_active")).length;
  await until(() => checks() === 2, "the checks after the join");

  const [join] = app.sent.find(([, , , event]) => event === "phx_join")!;
  app.sockets[0]!.send(
    JSON.stringify([join, "close", first.topic, "access_token", {
      access_token: await expired(session.access_token),
    }]),
  );
  const second = await app.joined(first);
  assertEquals(second.topic, first.topic);
  await until(() => checks() === 5, "checks at the close and the second join");
  assertEquals(app.supabase.getChannels().length, 1);
  assertEquals(device.client.snapshot().status, "signed_in");

  await api.revoke(session, { scope: "global" });
  await until(
    () => device.client.snapshot().status === "signed_out",
    "the broadcast on the second channel",
  );
});

Deno.test("client: signing out removes every channel", async () => {
  using device = new Device();
  await using app = new App(device.client);
  await device.client.signIn(await newCredentials());
  await app.joined();
  app.supabase.channel("of the app's own").subscribe();
  await device.client.signOut();
  await until(() => app.supabase.getChannels().length === 0, "no channel");
});
