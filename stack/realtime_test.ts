/** The relay through supabase-js, on a real database. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  createClient,
  type RealtimeChannel,
  type SupabaseClient,
} from "@supabase/supabase-js";
import * as jose from "jose";
import { connect, type Sql } from "./sql.ts";
import { until } from "../tests/harness.ts";
import { type RealtimeSettings, startRealtime } from "./realtime.ts";
import { startTestDatabase, type TestDatabase } from "./realtime_test_db.ts";

const keys = {
  publishableKey: "sb_publishable_test",
  secretKey: "sb_secret_test",
};
const signingKeys = await jose.generateKeyPair("ES256");

let database: TestDatabase;
Deno.test.beforeAll(async () => {
  database = await startTestDatabase();
});
Deno.test.afterAll(() => database.remove());

Deno.test("a database broadcast reaches the owner's private channel", async () => {
  await using relay = await openRelay();
  for (const vsn of ["1.0.0", "2.0.0"]) {
    const user = relay.client(await sign({ sub: "alice" }), vsn);
    const channel = await join(user, "user:alice", { replication_ready: true });
    await channel.system("Replication connection established");
    await relay.send("user:alice", "greeting", { text: "Grüße", n: "1.10" });
    const { event, payload, meta } = await channel.broadcast();
    assertEquals(event, "greeting");
    assertEquals(payload.text, "Grüße");
    assertMatch(meta.id, /^[0-9a-f-]{36}$/);
    assertEquals(payload.id, meta.id);
  }
});

Deno.test("only committed messages of the same topic and privacy arrive", async () => {
  await using relay = await openRelay();
  const user = relay.client(await sign({ sub: "alice" }));
  const channel = await join(user, "user:alice");
  await relay.sql.begin(async (tx) => {
    await tx`select realtime.send('{}', 'rolled-back', 'user:alice')`;
    await tx`rollback and chain`;
  });
  await relay.send("user:bob", "foreign", {});
  await relay.send("user:alice", "public", {}, false);
  await relay.send("user:alice", "last", {});
  assertEquals((await channel.broadcast()).event, "last");
});

Deno.test("another user's channel is refused, and every channel without a token", async () => {
  await using relay = await openRelay();
  const reason =
    "Unauthorized: You do not have permissions to read from this Channel topic: user:bob";
  const token = await sign({ sub: "alice" });
  for (const client of [relay.client(token), relay.client(null)]) {
    assertEquals(await refusal(client, "user:bob"), reason);
  }
  // The secret key has the role service_role, which bypasses policies.
  await join(relay.client(null, "2.0.0", keys.secretKey), "user:bob");
});

Deno.test("a bad token is refused in Realtime's words", async () => {
  await using relay = await openRelay();
  const other = await jose.generateKeyPair("ES256");
  const cases: [string, RegExp][] = [
    ["garbage", /^MalformedJWT: The token provided is not a valid JWT$/],
    [
      await sign({ sub: "alice" }, -5),
      /^InvalidJWTToken: Token has expired [5-9] seconds ago$/,
    ],
    [
      await sign({ sub: "alice", role: undefined }),
      /^InvalidJWTToken: Fields `role` and `exp` are required in JWT$/,
    ],
    [
      await sign({ sub: "alice" }, 60, other.privateKey),
      /^JwtSignatureError: Failed to validate JWT signature$/,
    ],
  ];
  for (const [token, reason] of cases) {
    assertMatch(await refusal(relay.client(token), "user:alice"), reason);
  }
});

Deno.test("without an insert policy no client can send", async () => {
  await using relay = await openRelay();
  const token = await sign({ sub: "alice" });
  const victim = await join(relay.client(token), "user:alice");
  const sender = await join(relay.client(token), "user:alice", { ack: true });
  const message = { type: "broadcast", event: "forged", payload: {} } as const;
  const sent = sender.channel.send(message, { timeout: 300 });
  assertEquals(await sent, "timed out");
  const response = await relay.post("api/broadcast", token, {
    messages: [{ ...message, topic: "user:alice", private: true }],
  });
  assertEquals(response.status, 202);
  await relay.send("user:alice", "genuine", {});
  assertEquals((await victim.broadcast()).event, "genuine");
});

Deno.test("with an insert policy clients reach each other", async () => {
  await using relay = await openRelay();
  const token = await sign({ sub: "alice" });
  const listeners = [
    await join(relay.client(token, "1.0.0"), "room:1"),
    await join(relay.client(token, "2.0.0"), "room:1"),
  ];
  const sender = await join(relay.client(token), "room:1", { ack: true });
  const payload = { text: "hello ✓" };
  const message = { type: "broadcast", event: "chat", payload } as const;
  assertEquals(await sender.channel.send(message), "ok");
  await sender.channel.httpSend("chat", payload);
  for (const listener of [...listeners, ...listeners]) {
    assertEquals((await listener.broadcast()).payload, payload);
  }
});

Deno.test("public channels need no policy and carry binary data", async () => {
  await using relay = await openRelay();
  const options = { private: false, self: true };
  const listener = await join(relay.client(null), "lobby", options);
  const sender = await join(relay.client(null), "lobby", options);
  const payload = new Uint8Array([1, 2, 255]).buffer;
  await sender.channel.send({ type: "broadcast", event: "bytes", payload });
  for (const receiver of [listener, sender]) {
    const received = await receiver.broadcast();
    assertEquals(new Uint8Array(received.payload), new Uint8Array(payload));
  }
  await relay.send("lobby", "from the database", {}, false);
  assertEquals((await listener.broadcast()).event, "from the database");
});

Deno.test("a channel closes when its token expires", async () => {
  await using relay = await openRelay();
  const user = relay.client(await sign({ sub: "alice" }, 2));
  const channel = await join(user, "user:alice");
  await channel.system(/^Token has expired \d+ seconds ago$/);
  await channel.status("CLOSED");
});

Deno.test("policies are asked again only for a different token", async () => {
  await using relay = await openRelay();
  const token = await sign({ sub: "carol" });
  const user = relay.client(token);
  const channel = await join(user, "member:carol");
  await relay.sql`delete from members where name = 'carol'`;
  await user.realtime.setAuth(token);
  await relay.send("member:carol", "still joined", {});
  assertEquals((await channel.broadcast()).event, "still joined");
  await user.realtime.setAuth(await sign({ sub: "carol" }, 90));
  await channel.system(/^You do not have permissions to read/);
  await channel.status("CLOSED");
});

Deno.test("delivery resumes after the database was killed", async () => {
  const own = await startTestDatabase();
  try {
    await using relay = await openRelay(own);
    const user = relay.client(await sign({ sub: "alice" }));
    const channel = await join(user, "user:alice");
    await own.kill();
    await relay.logged("Lost the replication connection");
    const client = relay.client(await sign({ sub: "alice" }));
    assertMatch(await refusal(client, "user:alice"), /^UnableToConnectTo/);
    await own.start();
    await relay.logged("Replication connection established");
    await relay.send("user:alice", "after", {});
    assertEquals((await channel.broadcast()).event, "after");
    await join(relay.client(await sign({ sub: "alice" })), "user:alice");
  } finally {
    await own.remove();
  }
});

Deno.test("a project at rest has no replication slot, and loses its broadcasts", async () => {
  await using relay = await openRelay(database, {
    awake: false,
    restAfter: 100,
  });
  assertEquals(await relay.slots(), 0);
  await relay.send("lobby", "before", {}, false);
  const user = relay.client(null);
  const channel = await join(user, "lobby", {
    private: false,
    replication_ready: true,
  });
  await channel.system("Replication connection established");
  assertEquals(await relay.slots(), 1);
  await relay.send("lobby", "after", {}, false);
  assertEquals((await channel.broadcast()).event, "after");
  await user.removeAllChannels();
  user.realtime.disconnect();
  await relay.logged("dropped the replication slot");
  await until(async () => await relay.slots() === 0, "the slot to go");
});

Deno.test("SUBSCRIBED comes before broadcasts are delivered: replication_ready tells when", async () => {
  await using relay = await openRelay(database, { awake: false });
  const other = await relay.sql.reserve();
  await other`begin`;
  await other`select txid_current()`;
  const channel = await join(relay.client(null), "lobby", {
    private: false,
    replication_ready: true,
  });
  await relay.send("lobby", "too early", {}, false);
  await other`commit`;
  other.release();
  await channel.system("Replication connection established");
  await relay.send("lobby", "in time", {}, false);
  assertEquals((await channel.broadcast()).event, "in time");
});

Deno.test("the first private join of a new project fails, and the next succeeds", async () => {
  await using relay = await openRelay(database, { awake: false });
  // Partitions of an earlier join.
  for (
    const { name } of await relay.sql`
      select inhrelid::regclass::text as name from pg_inherits
      where inhparent = 'realtime.messages'::regclass`
  ) await relay.sql.unsafe(`drop table ${name}`);
  const user = relay.client(await sign({ sub: "alice" }));
  await user.realtime.setAuth();
  const statuses: string[] = [];
  await new Promise<void>((resolve) =>
    user.channel("user:alice", { config: { private: true } })
      .subscribe((status, error) => {
        statuses.push(error ? error.message : status);
        if (status === "SUBSCRIBED") resolve();
      })
  );
  assertEquals(statuses, [
    "MissingPartition: Realtime was unable to find the expected messages partition",
    "SUBSCRIBED",
  ]);
});

Deno.test("a refused join waits for its answer", async () => {
  await using relay = await openRelay(database, { refusalDelay: 500 });
  const start = performance.now();
  await refusal(relay.client(null), "user:alice");
  assert(performance.now() - start >= 500);
});

Deno.test("a private channel can ask for earlier messages", async () => {
  await using relay = await openRelay();
  const token = await sign({ sub: "dora" });
  const since = Date.now();
  for (const event of ["one", "two", "three"]) {
    await relay.send("user:dora", event, { n: event });
  }
  const channel = await join(relay.client(token), "user:dora", {
    replay: { since, limit: 2 },
  });
  const replayed = [await channel.broadcast(), await channel.broadcast()];
  assertEquals(replayed.map(({ event }) => event), ["two", "three"]);
  for (const { meta } of replayed) assertEquals(meta.replayed, true);
  assertEquals(replayed[0].payload.n, "two");
  await relay.send("user:dora", "four", {});
  const { event, meta } = await channel.broadcast();
  assertEquals([event, meta.replayed], ["four", undefined]);
});

Deno.test("clients can use up the project's rate limit, which drops database broadcasts", async () => {
  await using relay = await openRelay(database, {
    maxEventsPerSecond: 20,
    rateWindow: 1_200,
  });
  const token = await sign({ sub: "alice" });
  const victim = await join(relay.client(token), "user:alice");
  const flooder = await join(relay.client(null), "flood", { private: false });
  const message = { type: "broadcast", event: "x", payload: {} } as const;
  for (let i = 0; i < 100; i++) await flooder.channel.send(message);
  await relay.logged("MessagePerSecondRateLimitReached");
  await relay.send("user:alice", "lost", {});
  await relay.logged("UnableToBroadcastChanges: too_many_requests");
  const response = await relay.post("api/broadcast", token, {
    messages: [{ topic: "flood", event: "x", payload: {} }],
  });
  assertEquals(response.status, 429);
  assertEquals(victim.channel.state, "joined");
  await until(async () => {
    await relay.send("user:alice", "heard", {});
    return !victim.broadcasts.isEmpty;
  }, "the rate to fall");
  assertEquals((await victim.broadcast()).event, "heard");
});

Deno.test("the relay says what it does not support", async () => {
  await using relay = await openRelay();
  const user = relay.client(await sign({ sub: "alice" }));
  const changes = { event: "*", schema: "public", table: "members" } as const;
  const channel = await join(user, "user:alice", {}, (channel) => {
    channel.on("presence", { event: "sync" }, () => {});
    channel.on("postgres_changes", changes, () => {});
  });
  await channel.system(
    "The local Realtime relay does not support postgres_changes",
  );
  assertEquals(await channel.channel.track({ online: true }), "error");
});

Deno.test("requests without a valid key, and malformed frames, are refused", async () => {
  await using relay = await openRelay();
  const status = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${relay.url}/realtime/v1/${path}`, init);
    await response.body?.cancel();
    return response.status;
  };
  const key = `apikey=${keys.publishableKey}`;
  assertEquals(await status("websocket"), 401);
  assertEquals(await status("websocket?apikey=sb_publishable_other"), 401);
  assertEquals(await status(`websocket?${key}`), 426);
  assertEquals(await status(`websocket?${key}&vsn=3.0.0`), 400);
  assertEquals(await status(`api/broadcast?${key}`), 405);
  assertEquals(await status("api/broadcast", { method: "OPTIONS" }), 200);
  assertEquals(
    await status(`api/broadcast?${key}`, { method: "POST", body: "{" }),
    422,
  );
  assertEquals(
    (await relay.post("api/broadcast", "garbage", { messages: [] })).status,
    401,
  );
  assertEquals(await status(`api/broadcast/%zz/events/x?${key}`), 404);
  assertEquals(await status("elsewhere"), 404);
  const url = `${relay.url.replace("http", "ws")}/realtime/v1/websocket`;
  for (const frame of ["{", "[]", "null", new Uint8Array([3, 200])]) {
    const socket = new WebSocket(`${url}?${key}&vsn=2.0.0`);
    socket.onopen = () => socket.send(frame);
    await new Promise((resolve) => socket.onclose = resolve);
  }
});

Deno.test({
  name: "closing the relay leaves nothing behind",
  sanitizeOps: true,
  sanitizeResources: true,
  async fn() {
    const relay = await openRelay();
    const token = await sign({ sub: "alice" });
    const socket = new WebSocket(
      `${relay.url.replace("http", "ws")}/realtime/v1/websocket` +
        `?apikey=${keys.publishableKey}&vsn=2.0.0`,
    );
    const payload = { config: { private: true }, access_token: token };
    const topic = "realtime:user:alice";
    const reply = new Promise<unknown>((resolve) => {
      socket.onmessage = ({ data }) => resolve(JSON.parse(data));
    });
    socket.onopen = () =>
      socket.send(JSON.stringify(["1", "1", topic, "phx_join", payload]));
    assertEquals(await reply, ["1", "1", topic, "phx_reply", {
      status: "ok",
      response: { postgres_changes: [] },
    }]);
    const closed = new Promise((resolve) => socket.onclose = resolve);
    await relay[Symbol.asyncDispose]();
    await closed;
  },
});

/** As with clients already there, and quick enough for tests. */
const quick = { awake: true, refusalDelay: 50, reconnectAfter: 50 };

/** A relay behind an HTTP server, and what a test does with it. */
async function openRelay(
  on: TestDatabase = database,
  settings: Partial<RealtimeSettings> = {},
) {
  const log = new Inbox<string>();
  const chosen = { ...quick, ...settings };
  const realtime = await startRealtime({
    databaseUrl: on.superuserUrl,
    keys,
    settings: chosen,
    verify: async (token) =>
      (await jose.jwtVerify(token, signingKeys.publicKey)).payload,
    onLog: (line) => log.add(line),
  });
  const logged = (words: string) => log.take((line) => line.includes(words));
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    realtime.fetch,
  );
  const url = `http://127.0.0.1:${server.addr.port}`;
  const sql = connect(on.superuserUrl, { max: 2 });
  const clients: SupabaseClient[] = [];
  return {
    url,
    sql,
    client(token: string | null, vsn = "2.0.0", key = keys.publishableKey) {
      const client = createClient(url, key, {
        accessToken: () => Promise.resolve(token),
        realtime: { vsn },
      });
      clients.push(client);
      return client;
    },
    logged,
    slots: async () =>
      (await sql`select from pg_replication_slots where active`).length,
    async post(path: string, token: string, body: unknown) {
      const response = await fetch(`${url}/realtime/v1/${path}`, {
        method: "POST",
        headers: {
          apikey: keys.publishableKey,
          authorization: `Bearer ${token}`,
        },
        body: JSON.stringify(body),
      });
      await response.body?.cancel();
      return response;
    },
    send: (
      ...args: Parameters<typeof send> extends [Sql, ...infer Rest] ? Rest
        : never
    ) => send(sql, ...args),
    async [Symbol.asyncDispose]() {
      for (const client of clients) {
        await client.removeAllChannels();
        // Otherwise it would connect again, in the middle of another test.
        await client.realtime.disconnect();
      }
      await realtime.close();
      await server.shutdown();
      await sql.end();
    },
  };
}

async function send(
  sql: Sql,
  topic: string,
  event: string,
  payload: Record<string, string>,
  isPrivate = true,
) {
  await sql`
    select realtime.send(
      ${payload}, ${event}, ${topic}, ${isPrivate}
    )`;
}

function sign(
  claims: jose.JWTPayload,
  seconds = 60,
  key: jose.CryptoKey = signingKeys.privateKey,
): Promise<string> {
  return new jose.SignJWT({ role: "authenticated", ...claims })
    .setProtectedHeader({ alg: "ES256" })
    .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
    .sign(key);
}

interface JoinOptions {
  private?: boolean;
  ack?: boolean;
  self?: boolean;
  replication_ready?: boolean;
  replay?: { since: number; limit?: number };
}

/** Joins a channel and collects what arrives there. */
async function join(
  client: SupabaseClient,
  topic: string,
  { private: isPrivate = true, ...broadcast }: JoinOptions = {},
  prepare: (channel: RealtimeChannel) => void = () => {},
) {
  const statuses = new Inbox<string>();
  const systems = new Inbox<string>();
  // deno-lint-ignore no-explicit-any -- payloads are whatever was sent
  const broadcasts = new Inbox<any>();
  await client.realtime.setAuth();
  const config = { private: isPrivate, broadcast };
  const channel = client.channel(topic, { config });
  prepare(channel);
  channel
    .on("broadcast", { event: "*" }, (message) => broadcasts.add(message))
    .on("system", {}, ({ message }) => systems.add(message))
    .subscribe((status, error) => {
      statuses.add(error ? `${status}: ${error.message}` : status);
    });
  assertEquals(await statuses.take(() => true), "SUBSCRIBED");
  return {
    channel,
    broadcast: () => broadcasts.take(() => true),
    broadcasts,
    status: (wanted: string) => statuses.take((status) => status === wanted),
    system: (wanted: string | RegExp) =>
      systems.take((message) => message.match(wanted) !== null),
  };
}

/** Why a private channel cannot be joined. */
async function refusal(client: SupabaseClient, topic: string): Promise<string> {
  await client.realtime.setAuth();
  const channel = client.channel(topic, { config: { private: true } });
  const reason = await new Promise<string>((resolve) =>
    channel.subscribe((status, error) => {
      assert(status !== "SUBSCRIBED", `${topic} was joined`);
      if (error) resolve(error.message);
    })
  );
  await client.removeChannel(channel);
  return reason;
}

/** Things that have arrived, and calls that wait for one. */
class Inbox<T> {
  #items: T[] = [];
  #wake = Promise.withResolvers<void>();

  add(item: T) {
    this.#items.push(item);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** Takes the first item that matches, dropping those before it. */
  async take(matches: (item: T) => boolean): Promise<T> {
    while (true) {
      for (let item; (item = this.#items.shift()) !== undefined;) {
        if (matches(item)) return item;
      }
      await this.#wake.promise;
    }
  }
}
