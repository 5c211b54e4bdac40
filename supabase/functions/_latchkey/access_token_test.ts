import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import {
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  importJWK,
  SignJWT,
} from "jose";
import { AccessTokens } from "./access_token_issuer.ts";
import { Refusal } from "./outcomes.ts";
import { accepted } from "./testing.ts";

const SUB = "0198f2c4-5b6d-7e8f-9a0b-1c2d3e4f5a6b";
const SESSION = "0198f2c4-5b6d-7e8f-9a0b-1c2d3e4f5a6c";
const CLAIMS = {
  sub: SUB,
  session_id: SESSION,
  aud: "authenticated",
  role: "authenticated",
};

async function makeKey(kid: string) {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return {
    ...await exportJWK(privateKey),
    kid,
    alg: "ES256",
    key_ops: ["sign", "verify"],
  };
}

type Key = Awaited<ReturnType<typeof makeKey>>;
const signingKey: Key = await makeKey("own");
const tokens = new AccessTokens({
  signingKey,
  jwks: [],
});

const now = () => Math.floor(Date.now() / 1000);

async function sign(
  claims: Record<string, unknown>,
  { key = signingKey, exp = "5m" }: {
    key?: Key;
    exp?: string | number | null;
  } = {},
) {
  const jwt = new SignJWT(claims).setProtectedHeader({
    alg: "ES256",
    kid: key.kid,
  });
  if (exp !== null) jwt.setExpirationTime(exp);
  return await jwt.sign(await importJWK({ ...key, key_ops: undefined }));
}

Deno.test("verify() returns the caller that issue() was given", async () => {
  const times = { iat: now(), exp: now() + 900 };
  const token = await tokens.issue({ ...CLAIMS, ...times });
  assertEquals(decodeProtectedHeader(token), {
    alg: "ES256",
    kid: "own",
    typ: "JWT",
    latchkey: true,
  });
  const caller = accepted(await tokens.verify(token));
  assertEquals([caller.userId, caller.sessionId], [SUB, SESSION]);
  assertEquals(caller.claims, { ...CLAIMS, ...times });
});

Deno.test("verify() tells Latchkey's tokens from those of Supabase Auth", async () => {
  const ours = await tokens.issue({ ...CLAIMS, exp: now() + 60 });
  assertEquals(accepted(await tokens.verify(ours)).issuedByLatchkey, true);
  const theirs = await sign(CLAIMS);
  assertEquals(accepted(await tokens.verify(theirs)).issuedByLatchkey, false);
});

Deno.test("verify() takes tokens of the project's other signing keys", async () => {
  const other = await makeKey("other");
  const both = new AccessTokens({ signingKey, jwks: [other] });
  accepted(await both.verify(await sign(CLAIMS, { key: other })));
});

const without = (name: string) =>
  Object.fromEntries(Object.entries(CLAIMS).filter(([key]) => key !== name));

for (
  const [name, code, claim, make] of [
    ["that has expired", "token_expired", "", () => sign(CLAIMS, { exp: 1 })],
    [
      "without exp",
      "invalid_jwt_claims",
      "exp",
      () => sign(CLAIMS, { exp: null }),
    ],
    ["without sub", "invalid_jwt_claims", "sub", () => sign(without("sub"))],
    ["without aud", "invalid_jwt_claims", "aud", () => sign(without("aud"))],
    ["without role", "invalid_jwt_claims", "role", () => sign(without("role"))],
    [
      "without session_id",
      "invalid_jwt_claims",
      "session_id",
      () => sign(without("session_id")),
    ],
    [
      "of another audience",
      "invalid_jwt_claims",
      "aud",
      () => sign({ ...CLAIMS, aud: "anon" }),
    ],
    [
      "of an API key's role",
      "invalid_jwt_claims",
      "role",
      () => sign({ ...CLAIMS, role: "anon" }),
    ],
    [
      "with service_role",
      "invalid_jwt_claims",
      "role",
      () => sign({ ...CLAIMS, role: "service_role" }),
    ],
    [
      "with a role that is no text",
      "invalid_jwt_claims",
      "role",
      () => sign({ ...CLAIMS, role: 1 }),
    ],
    [
      "with a sub that is no UUID",
      "invalid_jwt_claims",
      "sub",
      () => sign({ ...CLAIMS, sub: "me" }),
    ],
    [
      "with a session_id that is no UUID",
      "invalid_jwt_claims",
      "session_id",
      () => sign({ ...CLAIMS, session_id: "1' or true" }),
    ],
    [
      "of an unknown key",
      "invalid_token",
      "",
      async () => sign(CLAIMS, { key: await makeKey("unknown") }),
    ],
    [
      "of another key under our kid",
      "invalid_token",
      "",
      async () => sign(CLAIMS, { key: await makeKey("own") }),
    ],
    [
      "signed with the public key as HMAC secret",
      "invalid_token",
      "",
      async () => {
        const secret = new TextEncoder().encode(JSON.stringify(signingKey.x));
        return await new SignJWT(CLAIMS).setProtectedHeader({
          alg: "HS256",
          kid: "own",
        })
          .setExpirationTime("5m").sign(secret);
      },
    ],
    ["with alg none", "invalid_token", "", () =>
      Promise.resolve(
        `${btoa('{"alg":"none","kid":"own"}').replaceAll("=", "")}.${
          btoa(JSON.stringify(CLAIMS)).replaceAll("=", "")
        }.`,
      )],
    ["that is no JWT", "invalid_token", "", () => Promise.resolve("lkr_abc")],
    ["that is empty dots", "invalid_token", "", () => Promise.resolve("..")],
  ] as const
) {
  Deno.test(`verify() refuses a token ${name} as ${code}`, async () => {
    const outcome = await tokens.verify(await make());
    assertInstanceOf(outcome, Refusal);
    assertEquals((outcome as Refusal).code, code);
    const { description } = outcome as Refusal;
    if (claim) assert(description.includes(` ${claim} `), description);
  });
}

Deno.test("verify() takes HS256 only where the project's key is the legacy secret", async () => {
  const secret = { kty: "oct", k: "a".repeat(43), kid: "legacy", alg: "HS256" };
  const legacy = new AccessTokens({
    signingKey: secret,
    jwks: [],
  });
  const token = await legacy.issue({ ...CLAIMS, exp: now() + 60 });
  accepted(await legacy.verify(token));
  assertInstanceOf(await tokens.verify(token), Refusal);
});
