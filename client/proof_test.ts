import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from "jose";
import { createSessionClient } from "./client.ts";
import { SessionError } from "./errors.ts";
import { signProof } from "./proof.ts";
import { importProofKey, memoryProofKey } from "./proof_key.ts";
import {
  ADA,
  BOB,
  Browser,
  FakeKeyStore,
  settle,
  types,
  URL_,
  world,
} from "./testing.ts";

const MINUTE = 60_000;
const WEEK = 7 * 24 * 60 * MINUTE;

/** A world in whose browser sessions are bound. */
function boundWorld() {
  const { browser, ...rest } = world();
  const keys = browser.proofKeys = new FakeKeyStore();
  return { ...rest, browser, keys };
}

/** A profile that has the browser's storage, but not its key. */
function copyProfile({ clock, server, items }: Browser): Browser {
  const copy = new Browser(clock, server);
  copy.items = new Map(items);
  copy.proofKeys = new FakeKeyStore();
  return copy;
}

const claims = { htu: `${URL_}/functions/v1/refresh`, iat: 1_900_000_000 };

Deno.test("a proof is a JWT that jose verifies with the key in its header", async () => {
  const key = await memoryProofKey().create();
  const proof = await signProof(key, { ...claims, nonce: "n", client: "Zoë" });
  assertMatch(proof, /^[\w-]+\.[\w-]+\.[\w-]+$/);
  const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
    algorithms: ["ES256"],
    typ: "dpop+jwt",
  });
  const { jti, ...rest } = payload;
  assert(jti!.length > 16);
  assertEquals(rest, { htm: "POST", ...claims, nonce: "n", client: "Zoë" });
  const { jwk, ...header } = protectedHeader;
  assertEquals(header, { typ: "dpop+jwt", alg: "ES256" });
  assertEquals(Object.keys(jwk!).sort(), ["crv", "kty", "x", "y"]);
});

Deno.test("two proofs have different ids, also without crypto.randomUUID", async () => {
  const key = await memoryProofKey().create();
  const ids = new Set<unknown>();
  const add = async () => {
    const [, payload] = (await signProof(key, claims)).split(".");
    ids.add(JSON.parse(atob(payload!)).jti);
  };
  await add();
  await add();
  const { crypto } = globalThis;
  Object.defineProperty(globalThis, "crypto", {
    value: { subtle: crypto.subtle },
    configurable: true,
  });
  try {
    await add();
    await add();
  } finally {
    Object.defineProperty(globalThis, "crypto", {
      value: crypto,
      configurable: true,
    });
  }
  assertEquals(ids.size, 4);
});

Deno.test("memoryProofKey creates one key, and no script can export it", async () => {
  const store = memoryProofKey();
  assertEquals(await store.get(), null);
  const [one, two] = await Promise.all([store.create(), store.create()]);
  assertEquals(one, two);
  assertEquals(await store.get(), one);
  assert(!JSON.stringify(one).includes('"d"'));
  assertEquals(Object.keys(one.publicJwk), ["kty", "crv", "x", "y"]);
});

Deno.test("importProofKey keeps the key, and refuses a public one", async () => {
  const { privateKey } = await crypto.subtle.generateKey(
    { name: "ECDSA", namedCurve: "P-256" },
    true,
    ["sign", "verify"],
  );
  const { d, ...publicJwk } = await crypto.subtle.exportKey("jwk", privateKey);
  const key = await importProofKey({ ...publicJwk, d });
  assertEquals(
    await calculateJwkThumbprint(key.publicJwk as { kty: string }),
    await calculateJwkThumbprint(publicJwk as { kty: string }),
  );
  await jwtVerify(await signProof(key, claims), EmbeddedJWK);
  await assertRejects(() => importProofKey(publicJwk));
});

for (const mode of ["body", "cookie"] as const) {
  Deno.test(`in ${mode} mode, sign-in and refresh carry proofs of one key`, async () => {
    const { browser, clock, server, keys } = boundWorld();
    const tab = browser.tab({ mode });
    await tab.signIn(ADA);
    await clock.advance(15 * MINUTE);
    await tab.sessions().catch(() => {});
    await tab.signOut();
    const { jkt } = server.sessions.get("s1")!;
    assertEquals(
      jkt,
      await calculateJwkThumbprint(keys.key!.publicJwk as { kty: string }),
    );
    assertEquals(
      server.requests.map(({ url, headers }) => [
        new URL(url).pathname.split("/").at(-1),
        headers.has("DPoP"),
      ]),
      [
        ["login", true],
        ["refresh", true],
        ["sessions", false],
        ["revoke", false],
      ],
    );
  });
}

Deno.test("an adopted session is bound", async () => {
  const { browser, clock, server } = boundWorld();
  await browser.tab().adopt("auth token");
  assert(server.sessions.get("s1")!.jkt);
  await clock.advance(15 * MINUTE);
  assertEquals(server.sessions.get("s1")!.generation, 1);
});

Deno.test("the app's session does not contain the key's id", async () => {
  const { browser } = boundWorld();
  const tab = browser.tab();
  const session = await tab.signIn(ADA);
  assert(browser.stored.proof_key);
  assertEquals(await tab.getSession(), session);
  assert(!("proof_key" in session));
});

Deno.test("without a key, no request carries a proof", async () => {
  const { browser, clock, server } = world();
  const tab = browser.tab({ proofKey: "auto" }); // Deno has no IndexedDB.
  await tab.signIn(ADA);
  await clock.advance(15 * MINUTE);
  assertEquals(server.refreshes, 1);
  assert(server.requests.every(({ headers }) => !headers.has("DPoP")));
  assertEquals(browser.stored.proof_key, undefined);
});

Deno.test("a project that requires proofs refuses a sign-in without a key", async () => {
  const { browser, server } = world();
  server.requireProof = true;
  const error = await assertRejects(
    () => browser.tab().signIn(ADA),
    SessionError,
  );
  assertEquals([error.code, error.transient], ["invalid_dpop_proof", false]);
});

Deno.test("with a wrong clock, sign-in repeats the request with the nonce, and a refresh needs none", async () => {
  const { browser, clock, server } = boundWorld();
  browser.ahead = -120 * MINUTE;
  const tab = browser.tab();
  await tab.signIn(ADA);
  assertEquals(server.requests.length, 2);
  await clock.advance(15 * MINUTE);
  assertEquals(server.requests.length, 3);
  // The clock was set right, so the stored difference is wrong.
  browser.ahead = 0;
  browser.fire("visible");
  await clock.advance(MINUTE);
  assertEquals(types(tab).at(-1), "token_refreshed");
  assertEquals(server.sessions.get("s1")!.generation, 2);
  assertEquals(server.requests.length, 5);
});

Deno.test("a request is repeated once with a nonce, and without a nonce not at all", async () => {
  const { browser, server } = boundWorld();
  const tab = browser.tab();
  await tab.signIn(ADA);
  const refuse = (headers?: Record<string, string>) => () =>
    Response.json({ code: "use_dpop_nonce" }, { status: 400, headers });
  const withNonce = refuse({ "DPoP-Nonce": "n" });
  server.next = [withNonce, withNonce, withNonce];
  await assertRejects(() => tab.refresh(), SessionError, "400");
  assertEquals(server.next.length, 1);
  server.next = [refuse(), refuse()];
  await assertRejects(() => tab.refresh(), SessionError, "400");
  assertEquals(server.next.length, 1);
  // Another error is not repeated for its nonce.
  const other = () =>
    Response.json({ code: "invalid_request" }, {
      status: 400,
      headers: { "DPoP-Nonce": "n" },
    });
  server.next = [other, other];
  await assertRejects(() => tab.refresh(), SessionError, "400");
  assertEquals(server.next.length, 1);
  server.next = [];
  assert(await tab.refresh());
});

for (const isBound of [true, false]) {
  const what = isBound ? "keeps a bound session" : "ends an unbound session";
  Deno.test(`an answer lost before weeks offline ${what}`, async () => {
    const { browser, clock, server } = isBound ? boundWorld() : world();
    const tab = browser.tab();
    await tab.signIn(ADA);
    server.delay = 1_000;
    void tab.refresh().catch(() => {});
    await clock.advance(100);
    server.down = true;
    assertEquals(server.sessions.get("s1")!.generation, 1);
    browser.sleep(3 * WEEK);
    await clock.advance(1_000);
    server.down = false;
    server.delay = 0;
    browser.fire("online");
    await clock.advance(MINUTE);
    assertEquals(
      [types(tab).at(-1), server.sessions.get("s1")!.revoked],
      isBound ? ["token_refreshed", undefined] : ["session_revoked", "reuse"],
    );
  });
}

Deno.test("a request of a bound session that arrives late ends nothing", async () => {
  const { browser, clock, server } = boundWorld();
  const tab = browser.tab();
  await tab.signIn(ADA);
  await tab.refresh();
  const late = server.requests.at(-1)!.clone();
  const proofless = server.requests.at(-1)!.clone();
  proofless.headers.delete("DPoP");
  await clock.advance(30 * MINUTE);
  const codes = await Promise.all(
    [late, proofless].map(async (request) =>
      (await (await server.handle(request)).json()).code
    ),
  );
  assertEquals(codes, ["invalid_dpop_proof", "invalid_dpop_proof"]);
  assert(await tab.refresh());
});

Deno.test("a bound session in doubt waits as long as Retry-After says", async () => {
  const { browser, clock, server } = boundWorld();
  await browser.tab().signIn(ADA);
  const headers = { "Retry-After": "99" };
  server.next = [() => new Response(null, { status: 503, headers })];
  await clock.advance(810_000 + 98_000);
  assertEquals(server.refreshes, 1);
  await clock.advance(1_001);
  assertEquals(server.refreshes, 2);
});

Deno.test("while the key cannot be read, nothing is sent and the session is kept", async () => {
  const { browser, clock, server, keys } = boundWorld();
  await browser.tab().signIn(ADA);
  keys.isFailing = true;
  const tab = browser.tab(); // A page that has not read the key before.
  await clock.advance(MINUTE);
  const error = await assertRejects(() => tab.refresh(), SessionError);
  assertEquals([error.code, error.transient], ["key_unavailable", true]);
  assertEquals(server.refreshes, 0);
  // Longer than the access token is valid.
  for (const other of browser.tabs) if (other !== tab) other.kill();
  await clock.advance(30 * MINUTE);
  assertEquals(server.refreshes, 0);
  await assertRejects(() => tab.getAccessToken(), SessionError, "key");
  assertEquals(tab.snapshot().status, "signed_in");
  keys.isFailing = false;
  await clock.advance(MINUTE);
  assertEquals(types(tab).at(-1), "token_refreshed");
});

Deno.test("a tab that has read the key goes on while the store fails", async () => {
  const { browser, clock, keys, server } = boundWorld();
  const tab = browser.tab();
  await tab.signIn(ADA);
  keys.isFailing = true;
  await clock.advance(60 * MINUTE);
  assertEquals(server.sessions.get("s1")!.generation, 4);
  assertEquals(keys.reads, 2); // By the sign-in.
});

Deno.test("a key that cannot sign at the moment is transient", async () => {
  const { browser, keys } = boundWorld();
  const tab = browser.tab();
  await tab.signIn(ADA);
  const { sign } = keys.key!;
  keys.key!.sign = () => Promise.reject(new Error("locked"));
  const error = await assertRejects(() => tab.refresh(), SessionError);
  assertEquals([error.code, error.transient], ["key_unavailable", true]);
  keys.key!.sign = sign;
  assert(await tab.refresh());
});

Deno.test("with a failing store of its own, an app gets no unbound session", async () => {
  const { browser, keys, server } = boundWorld();
  keys.isFailing = true;
  const error = await assertRejects(
    () => browser.tab().signIn(ADA),
    SessionError,
  );
  assertEquals(error.code, "key_unavailable");
  assertEquals(server.requests.length, 0);
});

const brokenDatabases = {
  "throws": {
    open() {
      throw new DOMException("denied", "SecurityError");
    },
  },
  "reports an error": {
    open() {
      const request: Record<string, unknown> = { error: new Error("no") };
      queueMicrotask(request.onerror as () => void ?? (() => {}));
      queueMicrotask(() => (request.onerror as () => void)());
      return request;
    },
  },
  "never answers": { open: () => ({}) },
};
for (const [how, indexedDB] of Object.entries(brokenDatabases)) {
  Deno.test(`a browser whose IndexedDB ${how} signs in without a key`, async () => {
    const { browser, clock, server } = world();
    const { setTimeout } = globalThis;
    Object.assign(globalThis, {
      indexedDB,
      // The time limit is reached at once.
      setTimeout: (work: () => void) => setTimeout(work, 0),
    });
    try {
      const tab = browser.tab({ proofKey: "auto" });
      await tab.signIn(ADA);
      assertEquals(server.sessions.get("s1")!.jkt, undefined);
      await clock.advance(15 * MINUTE);
      assertEquals(server.sessions.get("s1")!.generation, 1);
    } finally {
      Reflect.deleteProperty(globalThis, "indexedDB");
      Object.assign(globalThis, { setTimeout });
    }
  });
}

Deno.test("without its key a session goes on until its access token expires, then the user signs in again", async () => {
  const { browser, clock, server, keys } = boundWorld();
  (await opened(browser)).kill();
  keys.key = null;
  const tab = browser.tab();
  const { access_token } = (await tab.getSession())!;
  const error = await assertRejects(() => tab.refresh(), SessionError);
  assertEquals([error.code, error.transient], ["key_lost", false]);
  browser.random = () => 1; // The longest pauses.
  await clock.advance(15 * MINUTE - 1_000);
  assertEquals(await tab.getAccessToken(), access_token);
  assertEquals(tab.snapshot().status, "signed_in");
  await clock.advance(1_001);
  assertEquals(tab.events.at(-1), {
    type: "session_revoked",
    session_id: "s1",
    reason: "key_lost",
  });
  assertEquals(await tab.getAccessToken(), null);
  // Nothing has ended on the server.
  assertEquals(server.sessions.get("s1")!.revoked, undefined);
  await tab.signIn(ADA);
  await clock.advance(15 * MINUTE);
  assertEquals(server.sessions.get("s2")!.generation, 1);
});

/** A tab in which Ada is signed in. */
async function opened(browser: Browser) {
  const tab = browser.tab();
  await tab.signIn(ADA);
  return tab;
}

Deno.test("an expired session without its key ends at the next request", async () => {
  const { browser, clock, keys } = boundWorld();
  (await opened(browser)).kill();
  keys.key = null;
  await settle();
  clock.now += 20 * MINUTE;
  const tab = browser.tab();
  assertEquals(await tab.getAccessToken(), null);
  assertEquals(tab.snapshot().reason, "key_lost");
});

Deno.test("offline, a session without its key does not end", async () => {
  const { browser, clock, keys } = boundWorld();
  (await opened(browser)).kill();
  keys.key = null;
  browser.online = false;
  const tab = browser.tab();
  await clock.advance(60 * MINUTE);
  assertEquals(tab.snapshot().status, "signed_in");
});

Deno.test("a key that is found again before the expiry keeps the session", async () => {
  const { browser, clock, keys } = boundWorld();
  (await opened(browser)).kill();
  const { key } = keys;
  keys.key = null;
  const tab = browser.tab();
  await assertRejects(() => tab.refresh(), SessionError);
  await clock.advance(14 * MINUTE);
  keys.key = key;
  await clock.advance(10 * MINUTE);
  assertEquals(types(tab).at(-1), "token_refreshed");
});

Deno.test("a storage that was copied to another profile is worth nothing there, and the first profile goes on", async () => {
  const { browser, clock, server } = boundWorld();
  const owner = browser.tab();
  await owner.signIn(ADA);
  const profile = copyProfile(browser);
  // A key of an earlier session of that profile.
  await profile.proofKeys!.create();
  const thief = profile.tab();
  await assertRejects(() => thief.refresh(), SessionError);
  assertEquals(server.proofRefusals, 1);
  assertEquals(server.sessions.get("s1")!.generation, 0);
  await clock.advance(20 * MINUTE);
  assertEquals(thief.snapshot().reason, "key_lost");
  assertEquals(types(owner).at(-1), "token_refreshed");
  // A sign-in there is bound to that profile's own key.
  await thief.signIn(BOB);
  await clock.advance(15 * MINUTE);
  assertEquals(types(thief).at(-1), "token_refreshed");
  assertEquals(server.sessions.get("s1")!.revoked, undefined);
});

Deno.test("a server that refuses the right key ends no session", async () => {
  const { browser, clock, server } = boundWorld();
  const tab = browser.tab();
  await tab.signIn(ADA);
  // For example, because it does not know the URL of a new custom domain.
  server.next = Array(99).fill(() =>
    Response.json({ code: "invalid_dpop_proof" }, { status: 400 })
  );
  await clock.advance(30 * MINUTE);
  assertEquals(tab.snapshot().status, "signed_in");
  server.next = [];
  await clock.advance(MINUTE);
  assertEquals(types(tab).at(-1), "token_refreshed");
});

Deno.test("a session that the server does not call bound needs no key", async () => {
  const { browser, clock, server, keys } = boundWorld();
  const tab = await opened(browser);
  server.sessions.get("s1")!.jkt = undefined;
  keys.key = null;
  tab.kill();
  const other = browser.tab();
  await clock.advance(15 * MINUTE);
  assertEquals(types(other).at(-1), "token_refreshed");
});

Deno.test("an unbound session that is adopted again stays unbound", async () => {
  const { browser, server } = boundWorld();
  const session = await browser.tab({ proofKey: "none" }).adopt("auth token");
  const tab = browser.tab();
  server.next = [() => Response.json({ ...session, refresh_token: "s1.0" })];
  await tab.adopt("auth token");
  assertEquals(browser.stored.proof_key, undefined);
});

for (const scope of ["local", "global"] as const) {
  Deno.test(`${scope} sign-out works without the key`, async () => {
    const { browser, keys, server } = boundWorld();
    (await opened(browser)).kill();
    keys.key = null;
    await browser.tab().signOut({ scope });
    assertEquals(browser.stored, null);
    assert(server.sessions.get("s1")!.revoked);
  });
}

Deno.test("signing out through supabase.auth, or everywhere with an expired token, proves the key", async () => {
  const { browser, clock, server } = boundWorld();
  const tab = await opened(browser);
  const { storage, storageKey } = tab.authOptions();
  await storage.removeItem(storageKey);
  assertEquals(tab.snapshot().status, "signed_out");
  await tab.signIn(ADA);
  await settle();
  clock.now += 20 * MINUTE;
  await tab.signOut({ scope: "global" });
  assertEquals(server.sessions.get("s2")!.revoked, "user");
  assertEquals(server.proofRefusals, 0);
});

Deno.test("a tab notices that the key was replaced in another tab", async () => {
  const { browser, clock, server, keys } = boundWorld();
  const [one, two] = [browser.tab(), browser.tab()];
  await one.signIn(ADA);
  await one.refresh(); // It has read the key.
  keys.key = null;
  await two.signIn(BOB);
  two.kill();
  await clock.advance(15 * MINUTE);
  assertEquals(server.sessions.get("s2")!.generation, 1);
});

Deno.test("auto binds no session in Deno and Node.js", async () => {
  const { server } = world();
  const session = createSessionClient({
    url: URL_,
    key: "sb_publishable_x",
    fetch: server.fetch,
  });
  await session.signIn({ email: "ada", password: "x" });
  assertEquals(server.sessions.get("s1")!.jkt, undefined);
  session.close();
});
