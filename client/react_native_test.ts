/**
 * What the client for React Native makes of AppState and NetInfo, and which
 * options it refuses.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  createSessionClient,
  isSessionError,
  type NativeModules,
} from "./react_native.ts";
import {
  ADA,
  Clock,
  FakeKeyStore,
  FakeSupabase,
  Server,
  settle,
  URL_,
} from "./testing.ts";
import { Device } from "./testing_react_native.ts";

function phone() {
  const clock = new Clock();
  const server = new Server(clock);
  return { clock, server, device: new Device(clock, server) };
}

Deno.test("React Native: the app refreshes ahead of time while it is visible", async () => {
  const { device, clock, server } = phone();
  await device.tab().signIn(ADA);
  await clock.advance(820_000);
  assertEquals(server.refreshes, 1);
});

Deno.test("React Native: in the background the app refreshes only on demand", async () => {
  const { device, clock, server } = phone();
  const app = device.tab();
  await app.signIn(ADA);
  device.show(false);
  await clock.advance(5 * 3_600_000);
  assertEquals(server.refreshes, 0);
  // A background task needs a token.
  assert(await app.getAccessToken());
  assertEquals(server.refreshes, 1);
  await clock.advance(5 * 3_600_000);
  device.show(true);
  await settle();
  assertEquals(server.refreshes, 2);
  // The timer runs again.
  await clock.advance(820_000);
  assertEquals(server.refreshes, 3);
});

Deno.test("React Native: an attempt without an answer is repeated in the background", async () => {
  const { device, clock, server } = phone();
  const app = device.tab();
  await app.signIn(ADA);
  server.next = [() => Promise.reject(new TypeError("Network request failed"))];
  const refreshed = app.refresh().catch(() => {});
  device.show(false);
  await clock.advance(7_000);
  await refreshed;
  assertEquals(server.refreshes, 2);
});

Deno.test("React Native: while offline no request is sent, and back online the client refreshes", async () => {
  const { device, clock, server } = phone();
  const app = device.tab();
  await app.signIn(ADA);
  device.connect(false);
  await clock.advance(3_600_000);
  assertEquals(server.refreshes, 0);
  const error = await app.getAccessToken().catch((error) => error);
  assert(isSessionError(error) && error.transient);
  device.connect(true);
  await settle();
  assertEquals(server.refreshes, 1);
  assert(await app.getAccessToken());
});

Deno.test("React Native: NetInfo's first report does not count as back online", async () => {
  const { device, server } = phone();
  await device.tab().signIn(ADA);
  const supabase = new FakeSupabase(device.app.getAccessToken);
  const before = server.requests.length;
  device.app.watch(supabase.client, { checkSeconds: 0 });
  await settle();
  // Only the check after the channel has joined.
  assertEquals(server.requests.length - before, 1);
});

Deno.test("React Native: close() removes the listeners", () => {
  const { device } = phone();
  const app = device.tab();
  assertEquals(app.machine.listeners, 2);
  app.close();
  assertEquals(app.machine.listeners, 0);
});

Deno.test("React Native: two clients in one app send one refresh", async () => {
  const { device, clock, server } = phone();
  const app = device.tab();
  await app.signIn(ADA);
  const second = createSessionClient({
    url: URL_,
    key: "sb_publishable_test",
    fetch: server.fetch,
    ...app.modules,
    environment: app.machine.environment,
  });
  clock.now += 850_000;
  server.delay = 500;
  const tokens = Promise.all([app.getAccessToken(), second.getAccessToken()]);
  await clock.advance(1_000);
  const [one, two] = await tokens;
  assert(one && one === two);
  assertEquals(server.refreshes, 1);
  second.close();
});

Deno.test("React Native: with quick-crypto, sessions are bound to a key in SecureStore", async () => {
  const { device, server } = phone();
  const app = device.tab({ proofKey: undefined, QuickCrypto: crypto });
  await app.signIn(ADA);
  assertEquals(typeof server.sessions.get("s1")!.jkt, "string");
  assertEquals([...device.keystore.keys()].sort(), [
    "latchkey.project.example",
    "latchkey.proof_5f_key",
  ]);
  assert(await app.refresh());
  // Without it, sessions are not bound.
  await device.tab({ proofKey: undefined }).signIn(ADA);
  assertEquals(server.sessions.get("s2")!.jkt, undefined);
});

Deno.test("React Native: a bound session survives a token that SecureStore did not take", async () => {
  const { device, clock, server } = phone();
  device.proofKeys = new FakeKeyStore();
  const app = device.tab();
  await app.signIn(ADA);
  device.fails = (name) => name === "SecureStore.setItemAsync";
  await clock.advance(830_000);
  assert(await app.getAccessToken());
  assertEquals(device.tokens[0].refresh_token, "s1.0");
  app.kill();
  device.fails = () => false;
  // A week later, the token that was replaced once refreshes the session.
  await clock.advance(7 * 24 * 3_600_000);
  const next = device.tab();
  const token = next.getAccessToken();
  await clock.advance(10_000);
  assert(await token);
  assertEquals(server.sessions.get("s1")!.revoked, undefined);
});

Deno.test("React Native: a missing module is named, with its import", () => {
  const { device } = phone();
  const { modules } = device.tab();
  for (const name of Object.keys(modules) as (keyof NativeModules)[]) {
    assertThrows(
      () =>
        createSessionClient({
          url: URL_,
          key: "sb_publishable_test",
          ...modules,
          // As `import SecureStore from "expo-secure-store"` gives.
          [name]: undefined,
        }),
      Error,
      `Pass ${name} to createSessionClient: import `,
    );
  }
});

Deno.test("React Native: a secret key is refused", () => {
  const { device } = phone();
  const { modules } = device.tab();
  const { navigator } = globalThis;
  const define = (value: unknown) =>
    Object.defineProperty(globalThis, "navigator", {
      value,
      configurable: true,
    });
  define({ product: "ReactNative" });
  try {
    assertThrows(
      () =>
        createSessionClient({ url: URL_, key: "sb_secret_test", ...modules }),
      Error,
      "publishable",
    );
  } finally {
    define(navigator);
  }
});
