/** Forged refresh tokens end at the function: no statement, no revocation. */
import { assert, assertEquals } from "@std/assert";
import { readConfig } from "../../stack/config.ts";
import { functionsEnvironment, startFunctions } from "../../stack/functions.ts";
import {
  Api,
  countStatements,
  expectOk,
  newUser,
  quickSession,
  refreshTokens,
  type Session,
  stack,
  WAYS,
  withDatabase,
} from "../harness.ts";

const user = await newUser();
const root = new URL("../..", import.meta.url).pathname;

function encode(bytes: Uint8Array): string {
  return "lkr_" + btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function decode(token: string): Uint8Array {
  return Uint8Array.from(
    atob(token.slice(4).replaceAll("-", "+").replaceAll("_", "/")),
    (character) => character.charCodeAt(0),
  );
}

/** Every single-bit change, every truncation, and what else looks like a token. */
function forgeries(token: string): string[] {
  const bytes = decode(token);
  const flipped = Array.from({ length: bytes.length * 8 }, (_, bit) => {
    const copy = bytes.slice();
    copy[bit >> 3]! ^= 1 << (bit & 7);
    return encode(copy);
  });
  const truncated = Array.from(
    { length: token.length - 1 },
    (_, i) => token.slice(0, i + 1),
  );
  const foreignKeys = [0, 2, 255].map((id) => {
    const copy = bytes.slice();
    copy[1] = id;
    return encode(copy);
  });
  const alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const last = alphabet.indexOf(token.at(-1)!);
  const uncanonical = [1, 2, 4, 8].map((bit) =>
    token.slice(0, -1) + alphabet[last | bit]
  );
  return [
    ...flipped,
    ...truncated,
    ...foreignKeys,
    ...uncanonical,
    token + "=",
    token + "==",
    token + "A",
    "lkr_",
    "v1.abcdefghijkl",
    crypto.randomUUID(),
  ];
}

for (const [way, url] of Object.entries(WAYS)) {
  Deno.test(`no forged token reaches the database, ${way}`, async () => {
    const api = new Api(url);
    await withDatabase(stack.superuserUrl, async (sql) => {
      const session = await quickSession(sql, user);
      const before = await countStatements(sql);
      const forged = forgeries(session.refresh_token);
      assert(forged.length > 650);
      for (let i = 0; i < forged.length; i += 25) {
        const answers = await Promise.all(
          forged.slice(i, i + 25).map((token) => api.refresh(token)),
        );
        for (const { status, body } of answers) {
          assertEquals([status, body.code], [400, "invalid_refresh_token"]);
        }
      }
      assertEquals(await countStatements(sql), before);
      expectOk(await api.refresh(session.refresh_token));
      assertEquals(await countStatements(sql), before + 1);
    }, 1);
  });
}

Deno.test("an authentic token with another seed changes nothing", async () => {
  const api = new Api(WAYS["over a connection"]);
  await withDatabase(stack.dbUrl, async (sql) => {
    const session = await quickSession(sql, user);
    const { sessionId } = (refreshTokens.read(session.refresh_token))!;
    // The keys of the functions alone suffice to issue such a token.
    const seed = crypto.getRandomValues(new Uint8Array(16));
    const minted = refreshTokens.issue({ sessionId, generation: 0, seed });
    assertEquals(
      (await api.refresh(minted)).body.code,
      "invalid_refresh_token",
    );
    assertEquals((await api.form("revoke", { token: minted })).status, 200);
    expectOk(await api.refresh(session.refresh_token));
  });
});

Deno.test("tokens of the previous key refresh and come back under the new one", async () => {
  const newKey = `7:${"n".repeat(43)}`;
  const { functions } = await readConfig(root);
  const start = (ring: string) =>
    startFunctions({
      projectRoot: root,
      functions,
      env: functionsEnvironment({
        apiUrl: stack.apiUrl,
        databaseUrl: stack.dbUrl,
        keys: { ...stack.keys, refreshTokenKeys: ring },
      }),
    });
  const rotated = await start(`${newKey},${stack.keys.refreshTokenKeys}`);
  const onlyNew = await start(newKey);
  try {
    const session = await withDatabase(
      stack.dbUrl,
      (sql) => quickSession(sql, user),
    );
    const next = expectOk<Session>(
      await new Api(rotated.url).refresh(session.refresh_token),
    );
    assertEquals(decode(next.refresh_token)[1], 7);
    const foreign = await new Api(onlyNew.url).refresh(session.refresh_token);
    assertEquals([foreign.status, foreign.body.code], [
      400,
      "invalid_refresh_token",
    ]);
    expectOk(await new Api(onlyNew.url).refresh(next.refresh_token));
  } finally {
    await rotated.close();
    await onlyNew.close();
  }
});
