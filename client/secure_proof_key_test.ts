/** The device's key in SecureStore, with WebCrypto as quick-crypto has it. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { secureProofKey } from "./secure_proof_key.ts";
import { Clock, Server } from "./testing.ts";
import { Device } from "./testing_react_native.ts";
import type { Locks } from "./types.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const QuickCrypto = crypto;
/** Runs everything at once: only the second read keeps one key. */
const locks: Locks = { request: (_name, _options, work) => work() };

function phone() {
  const clock = new Clock();
  const device = new Device(clock, new Server(clock));
  const { SecureStore } = device.tab().modules;
  return { device, options: { SecureStore, QuickCrypto, locks } };
}

Deno.test("proof key: SecureStore keeps it for the next start, and it signs", async () => {
  const { device, options } = phone();
  const store = secureProofKey(options);
  assertEquals(await store.get(), null);
  const created = await store.create();
  assertEquals(Object.keys(created.publicJwk), ["kty", "crv", "x", "y"]);
  const found = await secureProofKey(options).get();
  assertEquals(found!.publicJwk, created.publicJwk);
  const data = new Uint8Array([1, 2, 3]);
  const signature = await found!.sign(data);
  assertEquals(signature.length, 64);
  const publicKey = await crypto.subtle.importKey(
    "jwk",
    created.publicJwk,
    ALGORITHM,
    false,
    ["verify"],
  );
  assert(
    await crypto.subtle.verify(
      ALGORITHM,
      publicKey,
      signature as Uint8Array<ArrayBuffer>,
      data,
    ),
  );
  assertEquals(device.keystoreOptions, { keychainAccessible: 4 });
  assertEquals(device.files.size, 0);
});

Deno.test("proof key: create() keeps a key that is there", async () => {
  const { options } = phone();
  const one = await secureProofKey(options).create();
  const two = await secureProofKey(options).create();
  assertEquals(one.publicJwk, two.publicJwk);
});

Deno.test("proof key: a failing SecureStore rejects, and no key is replaced", async () => {
  const { device, options } = phone();
  const store = secureProofKey(options);
  const before = await store.create();
  device.fails = (name) => name === "SecureStore.getItemAsync";
  await assertRejects(() => store.get());
  await assertRejects(() => store.create());
  device.fails = () => false;
  assertEquals((await store.get())!.publicJwk, before.publicJwk);
});
