/**
 * The refresh token in SecureStore, the rest in AsyncStorage: what the next
 * start of the app finds after a kill, a failure or a restored backup.
 */
import { assert, assertEquals } from "@std/assert";
import { ADA, BOB, Clock, Server, settle, types } from "./testing.ts";
import { Device, type StorageOperation } from "./testing_react_native.ts";
import { secureStoreKey } from "./secure_storage.ts";

function phone() {
  const clock = new Clock();
  const server = new Server(clock);
  return { clock, server, device: new Device(clock, server) };
}

/** Kills the app after the given operation, and starts it again. */
function killAfter(device: Device, operation: StorageOperation): void {
  device.changed = (changed) => {
    if (changed !== operation) return;
    device.changed = () => {};
    device.app.kill();
  };
}

/** Starts the app an hour later, and returns the session that it has. */
async function startLater({ device, clock, server }: ReturnType<typeof phone>) {
  device.app?.kill();
  device.changed = () => {};
  device.fails = () => false;
  await clock.advance(3_600_000);
  const app = device.tab();
  const token = app.getAccessToken();
  await clock.advance(10_000);
  const sessions = [...server.sessions.values()];
  assert(sessions.every(({ revoked }) => revoked !== "reuse"), "theft");
  return (await token)?.split("/")[0] ?? null;
}

const isWrite = (operation: StorageOperation) => !/get/.test(operation);

Deno.test("the refresh token is in SecureStore, and nothing of it in AsyncStorage", async () => {
  const { device, server } = phone();
  await device.tab().signIn(ADA);
  const { record, tokens } = device;
  assertEquals(tokens, [{
    session_id: "s1",
    revision: record.revision,
    refresh_token: "s1.0",
  }]);
  assertEquals(record.refresh_token, undefined);
  assertEquals(record.user, { id: "ada" });
  assert(![...device.files.values()].join().includes("s1.0"));
  // No backup takes it to another device; a locked device can still read it.
  assertEquals(device.keystoreOptions, { keychainAccessible: 4 });
  assertEquals(server.sessions.size, 1);
});

Deno.test("SecureStore is read once, and written only when the token changes", async () => {
  const { device, clock } = phone();
  const app = device.tab();
  await app.signIn(ADA);
  device.operations = [];
  for (let i = 0; i < 5; i++) await app.getAccessToken();
  assert(device.operations.every((name) => name === "AsyncStorage.getItem"));
  device.operations = [];
  await clock.advance(820_000);
  assertEquals(device.operations.filter(isWrite), [
    "AsyncStorage.setItem", // The attempt.
    "SecureStore.setItemAsync",
    "AsyncStorage.setItem",
  ]);
});

Deno.test("a URL with a port is a valid key of SecureStore", () => {
  const key = secureStoreKey("latchkey.127.0.0.1:54321");
  assertEquals(key, "latchkey.127.0.0.1_3a_54321");
  assertEquals(secureStoreKey("a_b"), "a_5f_b");
});

Deno.test("a session in AsyncStorage alone moves its token to SecureStore", async () => {
  const world = phone();
  const { device } = world;
  await device.tab().signIn(ADA);
  const { record, tokens } = device;
  device.files.set(
    "latchkey.project.example",
    JSON.stringify({ ...record, refresh_token: tokens[0].refresh_token }),
  );
  device.keystore.clear();
  assertEquals(await startLater(world), "s1");
  assertEquals(device.tokens[0].refresh_token, "s1.1");
  assertEquals(device.record.refresh_token, undefined);
});

for (
  const operation of [
    "SecureStore.setItemAsync",
    "AsyncStorage.setItem",
  ] as const
) {
  Deno.test(`killed after ${operation} of a first sign-in: the user is signed in or out`, async () => {
    const world = phone();
    const { device } = world;
    const app = device.tab();
    await settle();
    // Otherwise the first item that is written is the device's id.
    device.files.set("latchkey.project.example.device", "phone");
    killAfter(device, operation);
    void app.signIn(ADA);
    await settle();
    assertEquals(
      await startLater(world),
      operation === "AsyncStorage.setItem" ? "s1" : null,
    );
  });

  Deno.test(`killed after ${operation} of another sign-in: one of both sessions is there`, async () => {
    const world = phone();
    const { device } = world;
    const app = device.tab();
    await app.signIn(ADA);
    killAfter(device, operation);
    void app.signIn(BOB);
    await settle();
    assertEquals(
      await startLater(world),
      operation === "AsyncStorage.setItem" ? "s2" : "s1",
    );
    // Once stored, only one token is left.
    await startLater(world);
    assertEquals(device.tokens.length, 1);
  });

  Deno.test(`killed after ${operation} of a refresh: the session goes on`, async () => {
    const world = phone();
    const { device, clock, server } = world;
    await device.tab().signIn(ADA);
    // Not of the attempt, which is stored before the request.
    const { refreshes } = server;
    device.changed = (changed) => {
      if (server.refreshes === refreshes || changed !== operation) return;
      device.app.kill();
    };
    await clock.advance(820_000);
    assertEquals(device.tabs.size, 0);
    assertEquals(await startLater(world), "s1");
  });
}

for (
  const operation of [
    "SecureStore.deleteItemAsync",
    "AsyncStorage.removeItem",
  ] as const
) {
  Deno.test(`killed after ${operation} of a sign-out: the user is signed out`, async () => {
    const world = phone();
    const { device } = world;
    const app = device.tab();
    await app.signIn(ADA);
    killAfter(device, operation);
    void app.signOut();
    await settle();
    assertEquals(device.tabs.size, 0);
    assertEquals(await startLater(world), null);
  });
}

for (
  const operation of [
    "SecureStore.setItemAsync",
    "AsyncStorage.setItem",
  ] as const
) {
  Deno.test(`${operation} fails once at a refresh: the next start has the new token`, async () => {
    const world = phone();
    const { device, clock, server } = world;
    await device.tab().signIn(ADA);
    let failures = 0;
    device.fails = (name) =>
      server.refreshes > 0 && name === operation && failures++ === 0;
    await clock.advance(830_000);
    assertEquals(failures, 2);
    assertEquals(device.tokens[0].refresh_token, "s1.1");
    assertEquals(await startLater(world), "s1");
  });

  Deno.test(`${operation} keeps failing: the running app stays signed in`, async () => {
    const world = phone();
    const { device, clock, server } = world;
    const app = device.tab();
    await app.signIn(ADA);
    device.fails = (name) => name === operation;
    for (let i = 0; i < 4; i++) await clock.advance(830_000);
    assert(await app.getAccessToken());
    assert(server.refreshes >= 4 && server.refreshes <= 5);
    assertEquals(server.repeats, 0);
    assertEquals(types(app).filter((type) => type === "signed_out").length, 1);
    // SecureStore holds the newest token, unless it takes none.
    const next = operation === "AsyncStorage.setItem" ? "s1" : null;
    assertEquals(await startLater(world), next);
  });
}

Deno.test("AsyncStorage takes no record at a sign-in: the session lives as long as the app", async () => {
  const world = phone();
  const { device, clock } = world;
  const app = device.tab();
  await app.signIn(ADA);
  device.fails = (name) => name === "AsyncStorage.setItem";
  const signedIn = app.signIn(BOB);
  await clock.advance(10_000);
  await signedIn;
  for (let i = 0; i < 3; i++) await clock.advance(830_000);
  assertEquals((await app.getAccessToken())!.split("/")[0], "s2");
  // The session that the sign-in replaced does not come back.
  assertEquals(await startLater(world), null);
});

Deno.test("SecureStore takes no token at a sign-in: the session lives as long as the app", async () => {
  const world = phone();
  const { device, clock } = world;
  const app = device.tab();
  await settle();
  device.fails = (name) => name === "SecureStore.setItemAsync";
  const signedIn = app.signIn(ADA);
  await clock.advance(10_000);
  await signedIn;
  for (let i = 0; i < 3; i++) await clock.advance(830_000);
  assert(await app.getAccessToken());
  assert(![...device.files.values()].join().includes("s1."));
  assertEquals(await startLater(world), null);
});

for (
  const operation of [
    "SecureStore.getItemAsync",
    "AsyncStorage.getItem",
  ] as const
) {
  Deno.test(`a locked device is not taken for signed out: ${operation} fails`, async () => {
    const world = phone();
    const { device, clock } = world;
    await device.tab().signIn(ADA);
    device.app.kill();
    device.visible = false;
    device.fails = (name) => name === operation;
    const app = device.tab();
    await clock.advance(3_600_000);
    assertEquals(app.snapshot().status, "loading");
    assertEquals(types(app), []);
    device.fails = () => false;
    device.show(true);
    await clock.advance(10_000);
    assertEquals(types(app)[0], "signed_in");
    assertEquals(await startLater(world), "s1");
  });
}

Deno.test("a broken SecureStore delays the sign-in page by seconds, and removes nothing", async () => {
  const world = phone();
  const { device, clock } = world;
  await device.tab().signIn(ADA);
  device.app.kill();
  device.fails = (name) => /SecureStore/.test(name);
  const app = device.tab();
  await clock.advance(3_000);
  assertEquals(app.snapshot().status, "signed_out");
  const signedIn = app.signIn(BOB);
  await clock.advance(30_000);
  assertEquals((await signedIn).user.id, "bob");
  assert(await app.getAccessToken());
  app.kill();
  // Without a sign-in, the session is there when SecureStore works again.
  const other = phone();
  await other.device.tab().signIn(ADA);
  other.device.app.kill();
  other.device.fails = device.fails;
  other.device.tab();
  await other.clock.advance(3_000);
  assertEquals(await startLater(other), "s1");
});

Deno.test("SecureStore reports a failure though it stored the token: sign-out removes it", async () => {
  const { device, clock } = phone();
  const app = device.tab();
  await settle();
  device.changed = (operation) => {
    if (operation === "SecureStore.setItemAsync") throw new Error("failed");
  };
  const signedIn = app.signIn(ADA);
  await clock.advance(10_000);
  await signedIn;
  await app.signOut();
  assertEquals(device.keystore.size, 0);
});

for (const storage of ["SecureStore", "AsyncStorage"]) {
  Deno.test(`${storage} fails at a sign-out: the user is signed out`, async () => {
    const world = phone();
    const { device, clock } = world;
    const app = device.tab();
    await app.signIn(ADA);
    device.fails = (name) => name.startsWith(storage) && isWrite(name);
    const signedOut = app.signOut();
    await clock.advance(20_000);
    await signedOut;
    assertEquals(app.snapshot().status, "signed_out");
    assertEquals(await startLater(world), null);
  });
}

Deno.test("SecureStore cannot be read: a sign-in and a sign-out work", async () => {
  const world = phone();
  const { device, clock } = world;
  await device.tab().signIn(ADA);
  device.app.kill();
  const fails = (name: StorageOperation) => name === "SecureStore.getItemAsync";
  device.fails = fails;
  device.tab();
  await clock.advance(3_000);
  await device.app.signIn(BOB);
  assertEquals(await startLater(world), "s2");
  device.app.kill();
  device.fails = fails;
  device.tab();
  await clock.advance(3_000);
  await device.app.signOut();
  assertEquals(device.keystore.size, 0);
  assertEquals([...device.files.keys()], ["latchkey.project.example.device"]);
});

Deno.test("the end of the session removes its token", async () => {
  const { device, server } = phone();
  const app = device.tab();
  await app.signIn(ADA);
  server.sessions.get("s1")!.revoked = "admin";
  await app.refresh();
  assertEquals(device.keystore.size, 0);
  assertEquals(device.record.ended.reason, "admin");
});

Deno.test("AsyncStorage.clear() signs out", async () => {
  const { device } = phone();
  const app = device.tab();
  await app.signIn(ADA);
  device.files.clear();
  assertEquals(await app.getAccessToken(), null);
});

/** What a restored backup can bring together. */
Deno.test("restored: the record without its token is no session", async () => {
  const world = phone();
  const { device, server } = world;
  await device.tab().signIn(ADA);
  device.keystore.clear();
  assertEquals(await startLater(world), null);
  assertEquals(server.refreshes, 0);
});

Deno.test("reinstalled on iOS: the token without its record is no session", async () => {
  const world = phone();
  const { device, server } = world;
  await device.tab().signIn(ADA);
  device.files.clear();
  assertEquals(await startLater(world), null);
  assertEquals(server.refreshes, 0);
  // A new sign-in replaces it.
  await device.app.signIn(BOB);
  assertEquals(device.tokens.length, 1);
  assertEquals(device.tokens[0].session_id, "s2");
});

Deno.test("restored: an older record goes with the newer token of its session", async () => {
  const world = phone();
  const { device, clock } = world;
  await device.tab().signIn(ADA);
  const backup = new Map(device.files);
  for (let i = 0; i < 3; i++) await clock.advance(820_000);
  device.items = backup;
  assertEquals(await startLater(world), "s1");
});

Deno.test("restored: an older token is not sent", async () => {
  const world = phone();
  const { device, clock, server } = world;
  await device.tab().signIn(ADA);
  const backup = new Map(device.keystore);
  for (let i = 0; i < 3; i++) await clock.advance(820_000);
  device.app.kill();
  device.keystore = backup;
  const { refreshes } = server;
  assertEquals(await startLater(world), null);
  assertEquals(server.refreshes, refreshes);
});

Deno.test("restored: the record of another session is no session", async () => {
  const world = phone();
  const { device, server } = world;
  await device.tab().signIn(ADA);
  const backup = new Map(device.files);
  await device.app.signIn(BOB);
  device.items = backup;
  assertEquals(await startLater(world), null);
  assertEquals(server.refreshes, 0);
});
