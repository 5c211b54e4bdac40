import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import {
  base64url,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  SignJWT,
} from "jose";
import { AccessTokens } from "../supabase/functions/_latchkey/access_token_issuer.ts";
import { Refusal } from "../supabase/functions/_latchkey/outcomes.ts";
import { RefreshTokens } from "../supabase/functions/_latchkey/refresh_token.ts";
import { examine, exitCode, report, type Surroundings } from "./doctor.ts";
import { examineInstallation } from "./doctor/installation.ts";
import type { Session } from "./doctor/session.ts";
import { fileURLToPath } from "node:url";
import { generateKeys, publicJwk } from "../stack/keys.ts";

const URL = "https://abcdefghijklmnopqrst.supabase.co";
const SESSION = "6a1c7e6e-7b5c-4a80-9b1c-0a4f3c3f2b11";
const { signingKey } = await generateKeys();
const otherKey = (await generateKeys()).signingKey;
const NOW = Math.floor(Date.now() / 1000);

const project = { url: URL, named: true, keys: [publicJwk(signingKey)] };
const claims = {
  iss: `${URL}/auth/v1`,
  sub: "11111111-2222-4333-8444-555555555555",
  aud: "authenticated",
  role: "authenticated",
  session_id: SESSION,
  iat: NOW,
  exp: NOW + 3600,
};

interface Recipe {
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
  key?: JWK | Uint8Array;
}

/** Signs a token; a claim or header set to undefined is left out. */
async function jwt({ claims: changed, header, key }: Recipe = {}) {
  const fields = { alg: "ES256", kid: signingKey.kid, typ: "JWT", ...header };
  const used = key ?? signingKey;
  return await new SignJWT({ ...claims, ...changed })
    .setProtectedHeader(JSON.parse(JSON.stringify(fields)))
    .sign(
      used instanceof Uint8Array
        ? used
        : await importJWK({ ...used, key_ops: ["sign"] }),
    );
}

function unsigned(header: unknown, payload: unknown) {
  return [header, payload].map((part) => base64url.encode(JSON.stringify(part)))
    .join(".") + ".";
}

async function diagnose(token: string, surroundings: Partial<Surroundings>) {
  const [diagnosis, ...others] = await examine(token, {
    project,
    ...surroundings,
  });
  assertEquals(others, []);
  const text = report(diagnosis!);
  return {
    ...diagnosis!,
    code: exitCode([diagnosis!]),
    text: text.replace(/\s+/g, " "),
    wrong: diagnosis!.findings.filter(({ level }) => level === "wrong"),
  };
}

/** What the doctor says about each invalid access token. */
const FAULTS: Record<string, {
  token: () => Promise<string> | string;
  says: RegExp;
  refusedBy: string;
}> = {
  "that has expired": {
    token: () => jwt({ claims: { exp: NOW - 720 } }),
    says: /It expired 12 minutes ago\. Refresh the session/,
    refusedBy: "the Data API, Realtime, Supabase Auth, and Latchkey",
  },
  "without exp": {
    token: () => jwt({ claims: { exp: undefined } }),
    says: /claim exp is missing/,
    refusedBy: "Realtime and Latchkey",
  },
  "with exp as text": {
    token: () => jwt({ claims: { exp: "tomorrow" } }),
    says: /claim exp is "tomorrow"/,
    refusedBy: "the Data API, Realtime, Supabase Auth, and Latchkey",
  },
  "with exp in milliseconds": {
    token: () => jwt({ claims: { exp: (NOW + 60) * 1000 } }),
    says: /not milliseconds/,
    refusedBy: "",
  },
  "issued in the future": {
    token: () => jwt({ claims: { iat: NOW + 330 } }),
    says: /issued 5 minutes in the future.*clock/,
    refusedBy: "the Data API",
  },
  "not valid before later": {
    token: () => jwt({ claims: { nbf: NOW + 7800 } }),
    says: /not valid before 2 hours from now/,
    refusedBy: "the Data API, Supabase Auth, and Latchkey",
  },
  "without role": {
    token: () => jwt({ claims: { role: undefined } }),
    says: /claim role is missing.*Realtime asks for "role and exp"/,
    refusedBy: "Realtime and Latchkey",
  },
  "with role anon": {
    token: () => jwt({ claims: { role: "anon" } }),
    says: /role is anon, which is not a signed-in user/,
    refusedBy: "Latchkey",
  },
  "with role service_role": {
    token: () => jwt({ claims: { role: "service_role" } }),
    says: /bypasses row level security/,
    refusedBy: "Latchkey",
  },
  "without sub": {
    token: () => jwt({ claims: { sub: undefined } }),
    says: /claim sub is missing/,
    refusedBy: "Supabase Auth and Latchkey",
  },
  "whose sub is not a UUID": {
    token: () => jwt({ claims: { sub: "auth0|17" } }),
    says: /claim sub is "auth0\|17"/,
    refusedBy: "Supabase Auth and Latchkey",
  },
  "without aud": {
    token: () => jwt({ claims: { aud: undefined } }),
    says: /claim aud is missing/,
    refusedBy: "Supabase Auth and Latchkey",
  },
  "with another aud": {
    token: () => jwt({ claims: { aud: "account" } }),
    says: /claim aud is "account"\. It has to be authenticated/,
    refusedBy: "Latchkey",
  },
  "without session_id": {
    token: () => jwt({ claims: { session_id: undefined } }),
    says: /claim session_id is missing/,
    refusedBy: "Latchkey",
  },
  "whose session_id is not a UUID": {
    token: () => jwt({ claims: { session_id: "1" } }),
    says: /session_id is not a UUID/,
    refusedBy: "Supabase Auth and Latchkey",
  },
  "of an unknown kid": {
    token: () => jwt({ key: otherKey, header: { kid: otherKey.kid } }),
    says: /is not one of the keys that https:\/\/abc.* publishes/,
    refusedBy: "the Data API, Realtime, Supabase Auth, and Latchkey",
  },
  "with the kid of another key": {
    token: () => jwt({ key: otherKey }),
    says: /signature does not match the key/,
    refusedBy: "the Data API, Realtime, Supabase Auth, and Latchkey",
  },
  "without kid": {
    token: () => jwt({ header: { kid: undefined } }),
    says: /header has no kid/,
    refusedBy: "the Data API, Realtime, Supabase Auth, and Latchkey",
  },
  "signed with HS256": {
    token: () =>
      jwt({
        key: new Uint8Array(32),
        header: { alg: "HS256", kid: undefined },
      }),
    says: /signed with "HS256", a shared secret, while .* ES256.*JWSError/,
    refusedBy: "Latchkey",
  },
  "signed with HS256 and the public key": {
    token: () =>
      jwt({
        key: new TextEncoder().encode(JSON.stringify(publicJwk(signingKey))),
        header: { alg: "HS256" },
      }),
    says: /a shared secret/,
    refusedBy: "Latchkey",
  },
  "with alg none": {
    token: () => unsigned({ alg: "none", typ: "JWT" }, claims),
    says: /not signed/,
    refusedBy: "the Data API, Realtime, Supabase Auth, and Latchkey",
  },
  "that was changed": {
    token: async () => {
      const [header, , signature] = (await jwt()).split(".");
      const payload = { ...claims, role: "postgres" };
      return [header, base64url.encode(JSON.stringify(payload)), signature]
        .join(".");
    },
    says: /changed after it was signed/,
    refusedBy: "the Data API, Realtime, Supabase Auth, and Latchkey",
  },
  "that was cut off": {
    token: async () => (await jwt()).slice(0, -20),
    says: /cut off/,
    refusedBy: "the Data API, Realtime, Supabase Auth, and Latchkey",
  },
  "with two parts": {
    token: () => "eyJhbGciOiJFUzI1NiJ9.eyJ9",
    says: /three parts.* has 2/,
    refusedBy: "the Data API, Realtime, Supabase Auth, and Latchkey",
  },
  "with five parts": {
    token: () => "a.b.c.d.e",
    says: /encrypted token \(JWE\)/,
    refusedBy: "the Data API, Realtime, Supabase Auth, and Latchkey",
  },
  "with a header that is not JSON": {
    token: () => "e30x.e30.AA",
    says: /first part is not base64url of a JSON object/,
    refusedBy: "the Data API, Realtime, Supabase Auth, and Latchkey",
  },
  "of the legacy anon key": {
    token: () =>
      jwt({
        key: new Uint8Array(32),
        header: { alg: "HS256", kid: undefined },
        claims: {
          iss: "supabase",
          role: "anon",
          sub: undefined,
          aud: undefined,
          session_id: undefined,
        },
      }),
    says: /The legacy anon key \(a JWT\)\..*apikey header/,
    refusedBy: "Supabase Auth and Latchkey",
  },
  "of the legacy service_role key": {
    token: () =>
      jwt({
        key: new Uint8Array(32),
        header: { alg: "HS256", kid: undefined },
        claims: {
          iss: "supabase",
          role: "service_role",
          sub: undefined,
          aud: undefined,
          session_id: undefined,
        },
      }),
    says: /The legacy service_role key.*disable the legacy keys/,
    refusedBy: "Supabase Auth and Latchkey",
  },
};

const latchkey = new AccessTokens({
  signingKey: signingKey as JWK & { alg: string; kid: string },
  jwks: [],
});

for (const [name, { token, says, refusedBy }] of Object.entries(FAULTS)) {
  Deno.test(`doctor explains an access token ${name}`, async () => {
    const made = await token();
    const { text, wrong } = await diagnose(made, {});
    assertMatch(text, says);
    assert(wrong.length > 0);
    const [, refusers = ""] = /Refused by ([^.]+)\./.exec(text) ?? [];
    assertEquals(refusers, refusedBy);
    // The doctor and Latchkey agree.
    assertEquals(
      await latchkey.verify(made) instanceof Refusal,
      refusedBy.includes("Latchkey"),
    );
    for (const part of made.split(".").filter((part) => part.length > 8)) {
      assert(!text.includes(part), "prints a part of the token");
    }
  });
}

Deno.test("doctor finds nothing wrong with a valid access token", async () => {
  const { text, wrong, code } = await diagnose(await jwt(), {
    session: () => Promise.resolve(activeSession),
  });
  assertEquals(wrong, []);
  assertEquals(code, 0);
  assertMatch(text, /Signed with "ES256" by the key/);
  assertMatch(
    text,
    /Valid for another 5[0-9] minutes|Valid for another 60 min/,
  );
  assertMatch(text, /Nothing wrong was found/);
});

Deno.test("doctor accepts a token with what people copy along", async () => {
  const token = await jwt();
  for (
    const copied of [
      ` ${token}\n`,
      `"${token}"`,
      `Bearer ${token}`,
      `Authorization: bearer ${token}`,
    ]
  ) {
    assertEquals((await diagnose(copied, {})).wrong, []);
  }
});

Deno.test("doctor treats localhost and 127.0.0.1 alike", async () => {
  const token = await jwt({
    claims: { iss: "http://127.0.0.1:54321/auth/v1" },
  });
  const { wrong, text } = await diagnose(token, {
    project: { ...project, url: "http://localhost:54321" },
  });
  assertEquals(wrong, []);
  assertNotMatch(text, /iss/);
});

Deno.test("doctor names another project's token", async () => {
  const token = await jwt({
    key: otherKey,
    header: { kid: otherKey.kid },
    claims: { iss: "https://other.supabase.co/auth/v1" },
  });
  const { text } = await diagnose(token, {});
  assertMatch(text, /issued by "https:\/\/other\.supabase\.co", not by/);
});

Deno.test("doctor trusts a valid signature more than an unusual iss", async () => {
  const token = await jwt({ claims: { iss: "https://auth.example.com" } });
  const { text, wrong } = await diagnose(token, {});
  assertEquals(wrong, []);
  assertMatch(text, /correct with a custom domain/);
});

Deno.test("doctor does not check a hosted token against the local stack", async () => {
  const { text, wrong } = await diagnose(await jwt(), {
    project: {
      url: "http://127.0.0.1:54321",
      named: false,
      keys: [publicJwk(otherKey)],
    },
  });
  assertEquals(wrong, []);
  assertMatch(text, /Pass --url with that project's URL/);
});

Deno.test("doctor says when it cannot check a signature", async () => {
  const unknown = await diagnose(await jwt(), { project: { named: false } });
  assertMatch(unknown.text, /not checked, because no keys are known/);
  assertMatch(unknown.text, /Nothing wrong in what was checked\. Not checked:/);
  assertEquals(unknown.code, 2);
  const legacy = await diagnose(await jwt(), {
    project: { ...project, keys: [] },
  });
  assertMatch(legacy.text, /still signs with the legacy JWT secret/);
  assertEquals(legacy.code, 2);
});

Deno.test("doctor says when it did not check the session", async () => {
  const { text, code } = await diagnose(await jwt(), {});
  assertMatch(
    text,
    /Nothing wrong in what was checked\. Not checked: - Whether the session is active was not checked: set DB_URL/,
  );
  assertEquals(code, 2);
});

Deno.test("doctor checks a token of the legacy secret with an oct key", async () => {
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const token = await jwt({
    key: secret,
    header: { alg: "HS256", kid: undefined },
  });
  const keys = [{ kty: "oct", k: base64url.encode(secret) }];
  const good = await diagnose(token, { project: { ...project, keys } });
  assertMatch(good.text, /Signed with "HS256" by the key "oct"/);
  keys[0]!.k = "A".repeat(43);
  const bad = await diagnose(token, { project: { ...project, keys } });
  assertMatch(bad.text, /signature does not match/);
});

Deno.test("doctor prints no control character of a token", async () => {
  const { text } = await diagnose(
    await jwt({ claims: { role: "\x1b[2J\u009b31m" } }),
    {},
  );
  // deno-lint-ignore no-control-regex
  assertNotMatch(text, /[\x00-\x1f\x7f-\x9f]/);
});

Deno.test("doctor refuses a token whose algorithm is not the key's", async () => {
  const { privateKey, publicKey } = await generateKeyPair("RS256", {
    extractable: true,
  });
  const kid = signingKey.kid!;
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: "RS256", kid }).sign(privateKey);
  const keys = [{ ...await exportJWK(publicKey), kid, alg: "ES256" }];
  const { text } = await diagnose(token, { project: { ...project, keys } });
  assertMatch(text, /signature does not match/);
});

// Refresh tokens --------------------------------------------------------------

const key = crypto.getRandomValues(new Uint8Array(32));
const ring = { keys: new Map([[7, key]]), source: "the environment" };
const refreshToken = new RefreshTokens(new Map([[7, key]]), 7).issue({
  sessionId: SESSION,
  generation: 41,
  seed: crypto.getRandomValues(new Uint8Array(16)),
});

function changed(at: number, by = 1): string {
  const bytes = base64url.decode(refreshToken.slice(4));
  bytes[at]! ^= by;
  return "lkr_" + base64url.encode(bytes);
}

const REFRESH_FAULTS: Record<string, { token: string; says: RegExp }> = {
  "whose HMAC is wrong": {
    token: changed(69),
    says: /HMAC does not match key 7 in the environment/,
  },
  "of another session id": {
    token: changed(5),
    says: /HMAC does not match/,
  },
  "of an unknown key id": {
    token: changed(1, 7 ^ 3),
    says: /key id 3 is not among the keys in the environment \(7\)/,
  },
  "of another version": {
    token: changed(0, 1 ^ 2),
    says: /version is 2.*knows version 1/,
  },
  "that was cut off": {
    token: refreshToken.slice(0, -2),
    says: /69 bytes instead of 70/,
  },
  "with padding": {
    token: refreshToken + "==",
    says: /not base64url without padding/,
  },
  "with another unused bit": {
    token: refreshToken.slice(0, -1) +
      { A: "B", Q: "R", g: "h", w: "x" }[refreshToken.at(-1)!],
    says: /not base64url without padding/,
  },
  "that is empty": {
    token: "lkr_",
    says: /version is missing/,
  },
};

for (const [name, { token, says }] of Object.entries(REFRESH_FAULTS)) {
  Deno.test(`doctor explains a refresh token ${name}`, async () => {
    const { text, wrong } = await diagnose(token, { ring });
    assertMatch(text, says);
    assertEquals(wrong.length, 1);
    assert(token === "lkr_" || !text.includes(token.slice(4)));
  });
}

Deno.test("doctor reads a valid refresh token", async () => {
  const { text, wrong } = await diagnose(refreshToken, { ring });
  assertEquals(wrong, []);
  assertMatch(
    text,
    new RegExp(`Version 1, key id 7, session ${SESSION}, generation 41`),
  );
  assertMatch(text, /HMAC matches key 7/);
});

Deno.test("doctor says when it has no keys to check with", async () => {
  const { text, wrong, code } = await diagnose(refreshToken, {
    session: () => Promise.resolve(activeSession),
  });
  assertEquals(wrong, []);
  assertEquals(code, 2);
  assertMatch(
    text,
    /Not checked: - Its HMAC was not checked: set LATCHKEY_REF/,
  );
});

// Other texts -------------------------------------------------------------

async function authRefreshToken(): Promise<string> {
  const body = crypto.getRandomValues(new Uint8Array(1 + 16 + 1 + 16));
  body[0] = 0;
  body.set(base64url.decode(refreshToken.slice(4)).subarray(2, 18), 1);
  body[17] = 3;
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  return base64url.encode(new Uint8Array([...body, ...sum.subarray(0, 4)]));
}

const FOREIGN: Record<string, { token: string; says: RegExp }> = {
  "a publishable key": {
    token: "sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH",
    says: /A publishable key\..*apikey header/,
  },
  "a secret key": {
    token: "sb_secret_N7UND0UgjKTVKUodkm0Hgx_xSvEMPv0",
    says: /A secret key\..*replace it in the dashboard now/,
  },
  "a personal access token": {
    token: "sbp_" + "0".repeat(40),
    says: /personal access token.*revoke it in the dashboard/,
  },
  "Supabase Auth's refresh token": {
    token: "v7fzb2k3mq9a",
    says:
      /refresh token of Supabase Auth \(12 char.*only Supabase Auth accepts/,
  },
  "Supabase Auth's refresh token, version 2": {
    token: await authRefreshToken(),
    says: /refresh token of Supabase Auth \(version 2\)/,
  },
  "any other text": {
    token: "correct-horse-battery-staple",
    says: /Not a known kind of token/,
  },
};

for (const [name, { token, says }] of Object.entries(FOREIGN)) {
  Deno.test(`doctor identifies ${name}`, async () => {
    const { text, wrong } = await diagnose(token, { ring });
    assertMatch(text, says);
    assertEquals(wrong.length, 1);
    assert(!text.includes(token));
  });
}

// The session -----------------------------------------------------------------

const activeSession: Session = {
  outcome: "active",
  reason: null,
  token: { generation: 41, rotatedSecondsAgo: 5, reuseIntervalSeconds: 10 },
  endSetByAuth: false,
};
const rotated = (by: number, rotatedSecondsAgo = 5): Session => ({
  ...activeSession,
  token: { ...activeSession.token!, generation: 41 + by, rotatedSecondsAgo },
});
const over = (outcome: string, reason: string): Session => ({
  ...activeSession,
  outcome,
  reason,
});

const SESSIONS: Record<
  string,
  { session: Session | null; says: RegExp; wrong: number }
> = {
  "is active": {
    session: activeSession,
    says: /The session is active\. ok It is the current refresh token/,
    wrong: 0,
  },
  "is managed by Supabase Auth": {
    session: { ...activeSession, token: undefined },
    says: /Supabase Auth manages it/,
    wrong: 0,
  },
  "will be deleted by Supabase Auth": {
    session: { ...activeSession, endSetByAuth: true },
    says: /has set an end for this session/,
    wrong: 0,
  },
  "was revoked": {
    session: over("revoked", "password_changed"),
    says: /was ended: the password was changed \(token_revoked\)/,
    wrong: 1,
  },
  "has expired idle": {
    session: over("expired", "idle"),
    says: /not refreshed within latchkey\.settings\.idle_timeout/,
    wrong: 1,
  },
  "has expired": {
    session: over("expired", "absolute"),
    says: /reached latchkey\.settings\.absolute_timeout/,
    wrong: 1,
  },
  "has expired without its second factor": {
    session: over("expired", "aal1"),
    says: /did not verify it within latchkey\.settings\.aal1_timeout/,
    wrong: 1,
  },
  "does not exist": {
    session: null,
    says: /The session does not exist/,
    wrong: 1,
  },
  "has just rotated": {
    session: rotated(1),
    says: /replaced just now\. Within the reuse interval/,
    wrong: 0,
  },
  "rotated longer ago": {
    session: rotated(1, 300),
    says: /replaced 5 minutes ago\. Do not send it/,
    wrong: 1,
  },
  "rotated twice": {
    session: rotated(2),
    says: /replaced 2 times, the last time 5 seconds ago/,
    wrong: 1,
  },
  "was restored from a backup": {
    session: rotated(-1),
    says: /newer than the one in the database/,
    wrong: 0,
  },
};

for (const [name, { session, says, wrong }] of Object.entries(SESSIONS)) {
  Deno.test(`doctor says that a session ${name}`, async () => {
    const asked: string[] = [];
    const found = await diagnose(refreshToken, {
      ring,
      session: (id) => {
        asked.push(id);
        return Promise.resolve(session);
      },
    });
    assertEquals(asked, [SESSION]);
    assertMatch(found.text, says);
    assertEquals(found.wrong.length, wrong);
  });
}

Deno.test("doctor does not look up the session of a forged token", async () => {
  await diagnose(changed(69), {
    ring,
    session: () => Promise.reject(new Error("asked")),
  });
});

Deno.test("doctor checks both tokens of a session", async () => {
  const session = { access_token: await jwt(), refresh_token: refreshToken };
  const surroundings = {
    project,
    ring,
    session: () => Promise.resolve(activeSession),
  };
  const good = await examine(JSON.stringify(session, null, 2), surroundings);
  assertEquals(
    good.map(({ subject }) => subject),
    ["An access token (JWT)", "A refresh token of Latchkey"],
  );
  assertEquals(exitCode(good), 0);
  const bad = await examine(
    JSON.stringify({ ...session, refresh_token: changed(69) }),
    surroundings,
  );
  assertEquals(exitCode(bad), 1);
});

// The command -----------------------------------------------------------------

async function run(
  args: string[],
  input = "",
  env: Record<string, string> = {},
) {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      fileURLToPath(import.meta.resolve("./main.ts")),
      "doctor",
    ]
      .concat(args),
    env: {
      LATCHKEY_REFRESH_TOKEN_KEYS: `7:${base64url.encode(key)}`,
      DB_URL: "",
      ...env,
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await process.output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

Deno.test("doctor reads standard input and exits with 1 or 2", async () => {
  const jwks = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(jwks, JSON.stringify([signingKey]));
    const good = await run(["--jwks", jwks], await jwt());
    assertEquals([good.code, good.stderr], [2, ""]);
    assertMatch(
      good.stdout,
      /Signed with.*\n[^]*Whether the session is active/,
    );
    const bad = await run(["--jwks", jwks], await jwt({ key: otherKey }));
    assertEquals(bad.code, 1);
  } finally {
    await Deno.remove(jwks);
  }
});

for (
  const [mistake, status, code, level, says] of [
    [
      "schema latchkey is not exposed",
      406,
      "PGRST106",
      "wrong",
      /does not expose schema latchkey. Add latchkey to \[api\] schemas/,
    ],
    [
      "the migration is missing",
      404,
      "PGRST205",
      "wrong",
      /no view latchkey.sessions. Apply Latchkey's migration/,
    ],
    ["nothing is wrong", 401, "42501", "ok", /exposes schema latchkey/],
    ["the key is wrong", 401, undefined, "skipped", /Set --key/],
    ["it is overloaded", 503, "PGRST003", "skipped", /503 PGRST003/],
  ] as const
) {
  Deno.test(`doctor checks the Data API and finds that ${mistake}`, async () => {
    const seen: (string | null)[] = [];
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => {
        seen.push(
          request.headers.get("Accept-Profile"),
          request.headers.get("apikey"),
        );
        return Response.json({ code, message: "" }, { status });
      },
    );
    const { findings } = await examineInstallation(
      `http://127.0.0.1:${server.addr.port}`,
      "sb_publishable_x",
    );
    assertEquals(findings.map((finding) => finding.level), [level]);
    assertMatch(findings[0]!.text, says);
    assertEquals(seen, ["latchkey", "sb_publishable_x"]);
  });
}

Deno.test("doctor --key checks the project's Data API after the token", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) =>
      request.url.includes("/rest/")
        ? Response.json({ code: "PGRST106", message: "" }, { status: 406 })
        : Response.json({ keys: [publicJwk(signingKey)] }),
  );
  const url = `http://127.0.0.1:${server.addr.port}`;
  const { code, stdout } = await run(
    ["--url", url, "--key", "sb_publishable_x"],
    await jwt(),
  );
  assertEquals(code, 1);
  assertMatch(stdout, /The Data API of [^]*does not expose schema\s+latchkey/);
});

Deno.test("doctor --project reads the keys of another project", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/supabase/functions`, { recursive: true });
    await Deno.writeTextFile(
      `${folder}/supabase/functions/.env`,
      `LATCHKEY_REFRESH_TOKEN_KEYS='7:${base64url.encode(key)}'\n`,
    );
    const { stdout } = await run(["--project", folder], refreshToken, {
      LATCHKEY_REFRESH_TOKEN_KEYS: "",
    });
    assertMatch(stdout, /HMAC matches key 7 in supabase\/functions\/\.env/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

for (
  const [name, args, says, input, env] of [
    ["an empty input", [], /The input is empty/],
    ["a token as argument", ["eyJsecret"], /read from standard input/],
    ["an unknown flag", ["--tokne", "eyJsecret"], /An argument is unknown/],
    [
      "JSON that is cut off",
      [],
      /begins like JSON/,
      '{"access_token":"eyJsecret',
    ],
    ["JSON without a token", [], /neither access_token/, '{"a":"eyJsecret"}'],
    [
      "malformed keys",
      [],
      /^LATCHKEY_REFRESH_TOKEN_KEYS is not a list/,
      "x",
      {
        LATCHKEY_REFRESH_TOKEN_KEYS: "eyJsecret",
      },
    ],
    [
      "a missing folder",
      ["--project", "/nowhere"],
      /^\/nowhere is not a Supabase project/,
    ],
    ["an invalid URL", ["--url", "localhost"], /--url takes/],
    ["an unreachable server", ["--url", "http://127.0.0.1:1"], /--url/],
    ["a missing file", ["--jwks", "/nowhere"], /Check --jwks/],
    [
      "an unreachable database",
      ["--db-url", "postgres://postgres:hunter2@127.0.0.1:1/x"],
      /Cannot query the database.*\(ECONNREFUSED\)/,
      refreshToken,
    ],
  ] as [string, string[], RegExp, string?, Record<string, string>?][]
) {
  Deno.test(`doctor exits with 2 for ${name}`, async () => {
    const { code, stdout, stderr } = await run(args, input, env);
    assertEquals(code, 2);
    assertMatch(stderr, says);
    assertNotMatch(stdout + stderr, /eyJsecret|hunter2/);
  });
}
