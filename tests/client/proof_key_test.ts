/** Sessions that are bound to a key of the device, on the stack. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { join, toFileUrl } from "@std/path";
import { memoryProofKey, SessionError } from "../../client/mod.ts";
import type { ProofKeyStore, Session } from "../../client/mod.ts";
import { codeBlocks, page } from "../docs/pages.ts";
import { api, stack, until, withDatabase } from "../harness.ts";
import { Device, newCredentials } from "./device.ts";

/** What the server knows about a session. */
async function row({ session_id }: Session) {
  return await withDatabase(stack.dbUrl, async (sql) => {
    const [row] = await sql`
      select generation, revoked_reason as reason, jkt is not null as bound,
        (select count(*)::int from latchkey.session_events e
         where e.session_id = t.session_id
           and e.event = 'authn_proof_refused') as refused
      from latchkey.refresh_tokens t where session_id = ${session_id}`;
    return { ...row };
  });
}

/** Lets three weeks pass since the last rotation. */
async function passWeeks({ session_id }: Session) {
  await withDatabase(stack.dbUrl, async (sql) => {
    await sql`
      update latchkey.refresh_tokens
      set rotated_at = rotated_at - interval '3 weeks'
      where session_id = ${session_id}`;
  });
}

Deno.test("client: a copied refresh token is worth nothing without the key, and the device goes on", async () => {
  using device = new Device({ proofKey: memoryProofKey() });
  const session = await device.client.signIn(await newCredentials());
  const list = await device.client.sessions();
  assertEquals(list.map(({ bound }) => bound), [true]);

  const { refresh_token } = session;
  const copied = await api.refresh(refresh_token);
  assertEquals(copied.status, 400);
  assertEquals(copied.body.code, "invalid_dpop_proof");
  // Another key does not help.
  using thief = new Device({ proofKey: memoryProofKey() });
  for (const [key, value] of device.items) thief.items.set(key, value);
  const error = await assertRejects(
    () => thief.client.refresh(),
    SessionError,
  );
  assertEquals(error.code, "key_lost");
  assertEquals(await row(session), {
    generation: 0,
    reason: null,
    bound: true,
    refused: 1,
  });

  assert(await device.client.refresh());
  assertEquals((await row(session)).generation, 1);
  thief.ahead = 20 * 60_000;
  assertEquals(await thief.client.getAccessToken(), null);
  assertEquals(thief.client.snapshot().reason, "key_lost");
  assertEquals((await row(session)).reason, null);
});

for (const isBound of [true, false]) {
  const outcome = isBound ? "keeps a bound session" : "ends an unbound session";
  Deno.test(`client: an answer that was lost before weeks offline ${outcome}`, async () => {
    using device = new Device({
      proofKey: isBound ? memoryProofKey() : "none",
    });
    const session = await device.client.signIn(await newCredentials());
    device.losesAnswers = true;
    await assertRejects(() => device.client.refresh(), SessionError);
    await passWeeks(session);
    device.losesAnswers = false;
    await until(
      () => device.events.length > 2,
      "the repeated refresh",
    );
    assertEquals(
      device.events.at(-1)!.type,
      isBound ? "token_refreshed" : "session_revoked",
    );
    const { generation, reason } = await row(session);
    assertEquals([generation, reason], [1, isBound ? null : "reuse"]);
  });
}

Deno.test("client: with a clock that is two hours off, sign-in uses the server's nonce and a refresh needs none", async () => {
  using device = new Device({ proofKey: memoryProofKey() });
  device.ahead = -2 * 60 * 60_000;
  const session = await device.client.signIn(await newCredentials());
  assert(await device.client.refresh());
  assertEquals(device.answered, [
    "400 /functions/v1/login",
    "200 /functions/v1/login",
    "200 /functions/v1/refresh",
  ]);
  assertEquals((await row(session)).generation, 1);
});

Deno.test("client: signing out needs no key", async () => {
  let isLost = false;
  const store = memoryProofKey();
  const proofKey: ProofKeyStore = {
    get: async () => isLost ? null : await store.get(),
    create: () => store.create(),
  };
  using device = new Device({ proofKey });
  const session = await device.client.signIn(await newCredentials());
  isLost = true;
  await device.client.signOut();
  assertEquals((await row(session)).reason, "signed_out");
});

Deno.test("client: with the guide's key in a file, a program that starts again is still signed in", async () => {
  const folder = await Deno.makeTempDir({ prefix: "latchkey_key_" });
  try {
    const example = codeBlocks(page("docs/client.md"), "ts")
      .find((code) => code.includes("function fileProofKey("))!;
    const path = join(folder, "example.ts");
    const library = new URL("../../client/mod.ts", import.meta.url).href;
    await Deno.writeTextFile(
      path,
      example.replaceAll('"supabase-latchkey"', JSON.stringify(library))
        .split("\nconst session =")[0] + "\nexport { fileProofKey };\n",
    );
    const { fileProofKey } = await import(toFileUrl(path).href);
    const file = join(folder, "key.json");

    using before = new Device({ proofKey: fileProofKey(file) });
    const session = await before.client.signIn(await newCredentials());
    using after = new Device({ proofKey: fileProofKey(file) });
    for (const [key, value] of before.items) after.items.set(key, value);
    assert(await after.client.refresh());
    assertEquals(await row(session), {
      generation: 1,
      reason: null,
      bound: true,
      refused: 0,
    });
    if (Deno.build.os !== "windows") {
      assertEquals((await Deno.stat(file)).mode! & 0o777, 0o600);
    }
    // Programs that start at the same moment use one key.
    const other = join(folder, "other.json");
    const keys = await Promise.all(
      Array.from({ length: 20 }, () => fileProofKey(other).create()),
    );
    assertEquals(new Set(keys.map(({ publicJwk }) => publicJwk.x)).size, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
