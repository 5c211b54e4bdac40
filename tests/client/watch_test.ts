/**
 * `watch()` where broadcasts are lost: on a relay of its own, which behaves as a
 * hosted project's Realtime at rest and under too many messages.
 */
import { assertEquals } from "@std/assert";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { importJWK, jwtVerify } from "jose";
import type { SessionClient } from "../../client/mod.ts";
import { type RealtimeSettings, startRealtime } from "../../stack/realtime.ts";
import { connect } from "../../stack/sql.ts";
import { api, expectOk, stack, until } from "../harness.ts";
import { Device, newCredentials } from "./device.ts";

/** A relay on the stack's database. */
async function openRelay(settings: Partial<RealtimeSettings>) {
  await using cleanup = new AsyncDisposableStack();
  const { d: _, key_ops: __, ...publicKey } = stack.keys.signingKey;
  const verificationKey = await importJWK(publicKey, "ES256");
  const lines: string[] = [];
  const relay = await startRealtime({
    databaseUrl: stack.superuserUrl,
    keys: stack,
    settings,
    verify: async (token) => (await jwtVerify(token, verificationKey)).payload,
    onLog: (line) => lines.push(line),
  });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    relay.fetch,
  );
  cleanup.defer(async () => {
    await relay.close();
    await server.shutdown();
  });
  const closing = cleanup.move();
  return {
    /** supabase-js whose socket goes to this relay. */
    supabase(client?: SessionClient): SupabaseClient {
      const supabase = createClient(
        `http://127.0.0.1:${server.addr.port}`,
        stack.publishableKey,
        {
          accessToken: client?.getAccessToken ?? (() => Promise.resolve(null)),
        },
      );
      closing.defer(async () => {
        await supabase.removeAllChannels();
        supabase.realtime.disconnect();
      });
      return supabase;
    },
    logged: (words: string) =>
      until(() => lines.some((line) => line.includes(words)), words),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

function checksOf({ answered }: Device): number {
  return answered.filter((line) => line.endsWith("/session_active")).length;
}

/** Ends the device's session from another device. */
async function revokeFromElsewhere(
  credentials: Awaited<ReturnType<typeof newCredentials>>,
  session_id: string,
) {
  const other = await api.login({ ...credentials, id: "" });
  expectOk(await api.revoke(other, { session_id }));
}

Deno.test("watch: on a project at rest, an end before the first delivery is noticed", async () => {
  await using relay = await openRelay({ awake: false });
  using device = new Device();
  const credentials = await newCredentials();
  const { session_id } = await device.client.signIn(credentials);

  // The replication slot waits for every open transaction that writes.
  const sql = connect(stack.superuserUrl, { max: 1 });
  try {
    const transaction = await sql.reserve();
    await transaction`begin`;
    await transaction`select txid_current()`;

    const supabase = relay.supabase(device.client);
    device.client.watch(supabase, { checkSeconds: 0 });
    await until(() => checksOf(device) === 1, "the check after SUBSCRIBED");
    await revokeFromElsewhere(credentials, session_id);
    assertEquals(device.client.snapshot().status, "signed_in");

    await transaction`commit`;
    transaction.release();
    await until(
      () => device.client.snapshot().status === "signed_out",
      "the check when broadcasts are delivered",
    );
    assertEquals(device.events.at(-1), {
      type: "session_revoked",
      session_id,
      reason: "user",
    });
  } finally {
    await sql.end();
  }
});

Deno.test("watch: an end whose broadcast was dropped is noticed by the periodic check", async () => {
  await using relay = await openRelay({
    awake: true,
    maxEventsPerSecond: 20,
    rateWindow: 1_200,
  });
  using device = new Device();
  const credentials = await newCredentials();
  const { session_id } = await device.client.signIn(credentials);
  const supabase = relay.supabase(device.client);
  device.client.watch(supabase, { checkSeconds: 5 });
  // After SUBSCRIBED, and when broadcasts are delivered.
  await until(() => checksOf(device) === 2, "both checks after the join");

  // Anybody with the publishable key can do this.
  const flood = relay.supabase().channel("flood");
  await new Promise<void>((resolve) =>
    flood.subscribe((status) => status === "SUBSCRIBED" && resolve())
  );
  const message = { type: "broadcast", event: "x", payload: {} } as const;
  const flooding = setInterval(() => {
    for (let i = 0; i < 20; i++) void flood.send(message);
  }, 50);
  try {
    await relay.logged("MessagePerSecondRateLimitReached");
    await revokeFromElsewhere(credentials, session_id);
    await relay.logged("UnableToBroadcastChanges: too_many_requests");
    assertEquals(supabase.getChannels()[0]!.state, "joined");
    await until(
      () => device.client.snapshot().status === "signed_out",
      "the periodic check",
    );
  } finally {
    clearInterval(flooding);
  }
  // A broadcast would also tell the time of the end.
  assertEquals(device.events.at(-1), {
    type: "session_revoked",
    session_id,
    reason: "user",
  });
});
