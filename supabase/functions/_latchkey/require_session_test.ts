import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { AccessTokens } from "./access_token_issuer.ts";
import { requireRecent } from "./caller.ts";
import { ConfigurationError } from "./configuration.ts";
import { readEnvironment } from "./environment.ts";
import { Refusal } from "./outcomes.ts";
import {
  makeGuard,
  type Requirements,
  requireSession,
} from "./require_session.ts";
import { accepted, testContext, testVariables } from "./testing.ts";

const CLAIMS = {
  sub: "0198f2c4-5b6d-7e8f-9a0b-1c2d3e4f5a6b",
  session_id: "0198f2c4-5b6d-7e8f-9a0b-1c2d3e4f5a6c",
  aud: "authenticated",
  role: "authenticated",
  aal: "aal1",
};
const now = () => Math.floor(Date.now() / 1000);

function request(token?: string): Request {
  return new Request("http://x/", {
    headers: token ? { Authorization: `Bearer ${token}` } : {},
  });
}

const soon = () => Math.floor(Date.now() / 1000) + 60;

/** Asks with a token of these claims; the database answers with `state`. */
async function ask(
  requirements: Requirements,
  claims: Record<string, unknown> = {},
  state?: unknown,
) {
  const context = await testContext(state ? () => state : undefined);
  const token = await context.accessTokens.issue({
    ...CLAIMS,
    exp: soon(),
    ...claims,
  });
  const outcome = await requireSession(request(token), requirements, context);
  return { outcome, calls: context.calls };
}

async function refusal(...args: Parameters<typeof ask>) {
  const { outcome, calls } = await ask(...args);
  assertInstanceOf(outcome, Response);
  const { code, error, error_description, reason } = await (outcome as Response)
    .json();
  return {
    status: (outcome as Response).status,
    challenge: (outcome as Response).headers.get("WWW-Authenticate"),
    ...{ code, error, error_description, reason, calls },
  };
}

Deno.test("requireSession() does not call the database without live", async () => {
  const { outcome, calls } = await ask({});
  assertEquals(accepted(outcome).userId, CLAIMS.sub);
  assertEquals(calls, []);
});

Deno.test("requireSession() calls the database once with live", async () => {
  const { outcome, calls } = await ask({ live: true }, {}, {
    outcome: "active",
    reason: null,
  });
  assertEquals(accepted(outcome).sessionId, CLAIMS.session_id);
  assertEquals(calls, ["session_state"]);
});

Deno.test("requireSession() says why a session ended", async () => {
  const revoked = { outcome: "revoked", reason: "admin" };
  const { code, reason } = await refusal({ live: true }, {}, revoked);
  assertEquals([code, reason], ["token_revoked", "admin"]);
});

for (const aal of ["aal1", undefined, "", "aal9", "toString", null, 2]) {
  Deno.test(`requireSession() refuses aal ${aal} where aal2 is needed, and says so`, async () => {
    const found = await refusal({ live: true, aal: "aal2" }, { aal });
    assertEquals(found.status, 403);
    assertEquals(found.code, "insufficient_aal");
    assert(found.error_description.includes("aal2"));
    assertEquals(
      found.challenge,
      'Bearer error="insufficient_user_authentication", ' +
        `error_description="${found.error_description}", acr_values="aal2"`,
    );
    assertEquals(
      found.calls,
      [],
      "The database was called before the token was checked",
    );
  });
}

// JavaScript, or a value out of a configuration.
for (const aal of ["AAL2", "aal4", "", "toString"]) {
  Deno.test(`requireSession() throws for the unknown level ${aal}`, async () => {
    const needed = { aal } as unknown as Requirements;
    await assertRejects(() => ask(needed, { aal: "aal2" }), RangeError);
    await assertRejects(() => ask(needed, { aal: undefined }), RangeError);
  });
}

for (const aal of ["aal2", "aal3"] as const) {
  Deno.test(`requireSession() takes ${aal} where aal2 is needed`, async () => {
    accepted((await ask({ aal: "aal2" }, { aal })).outcome);
  });
}

for (
  const [what, amr] of [
    ["a sign-in of 301 seconds ago", [{ timestamp: now() - 301 }]],
    ["no amr", undefined],
    ["an empty amr", []],
    ["methods without a time", ["pwd", null, { method: "otp" }]],
    ["a time that is no number", [{ timestamp: "9999999999" }]],
    ["an amr that is no list", { timestamp: now() }],
  ] as const
) {
  Deno.test(`requireSession() refuses ${what} where 300 seconds are allowed`, async () => {
    const found = await refusal({ live: true, maxAge: 300 }, { amr });
    assertEquals([found.status, found.code], [
      401,
      "reauthentication_required",
    ]);
    assertEquals(
      found.challenge,
      'Bearer error="insufficient_user_authentication", ' +
        `error_description="${found.error_description}", max_age="300"`,
    );
    assertEquals(
      found.calls,
      [],
      "The database was called before the token was checked",
    );
  });
}

Deno.test("requireSession() counts from the newest timestamp in amr, at any position", async () => {
  const amr = [{ timestamp: 1 }, { timestamp: now() - 290 }, { timestamp: 2 }];
  accepted((await ask({ maxAge: 300 }, { amr })).outcome);
});

Deno.test("requireRecent() takes 0 for a limit, and undefined for none", async () => {
  const caller = accepted((await ask({})).outcome);
  assertEquals(requireRecent(caller, undefined), undefined);
  assertInstanceOf(requireRecent(caller, 0), Refusal);
});

Deno.test("requireSession() returns an answer that pages of other origins can read", async () => {
  const outcome = await requireSession(request(), {}, await testContext());
  assertInstanceOf(outcome, Response);
  const { status, headers } = outcome as Response;
  assertEquals(status, 401);
  assertEquals(headers.get("WWW-Authenticate"), "Bearer");
  assertEquals(headers.get("Access-Control-Allow-Origin"), "*");
  assertEquals(headers.get("Cache-Control"), "no-store");
});

// The guard of an app's function, with as few variables as it may have.

async function makeKey(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const token = () =>
    new SignJWT(CLAIMS).setProtectedHeader({ alg: "ES256", kid })
      .setExpirationTime("1m").sign(privateKey);
  return { token, jwk: { ...await exportJWK(publicKey), kid } };
}

/** Publishes keys as Supabase Auth does, and counts who asks. */
function publish(keys: JWK[]) {
  const paths: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => {
      paths.push(new URL(request.url).pathname);
      return Response.json({ keys });
    },
  );
  return {
    paths,
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function guardOf(variables: Record<string, string>) {
  return makeGuard((name) => variables[name]);
}

async function codeOf(token: string, guard: ReturnType<typeof makeGuard>) {
  const outcome = await requireSession(request(token), {}, guard);
  return outcome instanceof Response ? (await outcome.json()).code : "ok";
}

Deno.test("makeGuard() needs only the project's URL to verify a token", async () => {
  const key = await makeKey("a");
  await using auth = publish([key.jwk]);
  const guard = guardOf({ SUPABASE_URL: auth.url });
  assertEquals(await codeOf(await key.token(), guard), "ok");
  assertEquals(await codeOf(await key.token(), guard), "ok");
  assertEquals(auth.paths, ["/auth/v1/.well-known/jwks.json"]);
});

Deno.test("makeGuard() fetches keys once for an unknown key id, and not again for forged ones", async () => {
  const [given, added, forged] = await Promise.all(
    ["a", "b", "c"].map(makeKey),
  );
  await using auth = publish([given!.jwk, added!.jwk]);
  const guard = guardOf({
    SUPABASE_URL: auth.url,
    SUPABASE_JWKS: JSON.stringify({ keys: [given!.jwk] }),
  });
  assertEquals(await codeOf(await given!.token(), guard), "ok");
  assertEquals(auth.paths.length, 0);
  assertEquals(await codeOf(await added!.token(), guard), "ok");
  for (let i = 0; i < 50; i++) {
    assertEquals(await codeOf(await forged!.token(), guard), "invalid_token");
  }
  assertEquals(auth.paths.length, 1);
});

Deno.test("makeGuard() answers auth_unavailable while keys cannot be fetched", async () => {
  const key = await makeKey("a");
  const guard = guardOf({ SUPABASE_URL: "http://127.0.0.1:1" });
  assertEquals(await codeOf(await key.token(), guard), "auth_unavailable");
});

Deno.test("makeGuard() verifies tokens of its own key without a request", async () => {
  const variables = await testVariables();
  const { LATCHKEY_SIGNING_KEY, SUPABASE_URL } = variables;
  // Nothing listens at that URL.
  const guard = guardOf({
    LATCHKEY_SIGNING_KEY: LATCHKEY_SIGNING_KEY!,
    SUPABASE_URL: SUPABASE_URL!,
  });
  const own = new AccessTokens(readEnvironment((name) => variables[name]));
  assertEquals(
    await codeOf(await own.issue({ ...CLAIMS, exp: soon() }), guard),
    "ok",
  );
  // The same kid, so it is that key or none.
  const { accessTokens: foreign } = await testContext();
  const token = await foreign.issue({ ...CLAIMS, exp: soon() });
  assertEquals(await codeOf(token, guard), "invalid_token");
});

Deno.test("makeGuard() names the variable that is missing", async () => {
  const key = await makeKey("a");
  const complain = async (
    variables: Record<string, string>,
    variable: string,
  ) => {
    const error = await assertRejects(
      async () =>
        await requireSession(
          request(await key.token()),
          { live: true },
          guardOf(variables),
        ),
      ConfigurationError,
    );
    assertEquals(error.variable, variable);
  };
  await complain({}, "SUPABASE_URL");
  await using auth = publish([key.jwk]);
  await complain({ SUPABASE_URL: auth.url }, "SUPABASE_SECRET_KEYS");
});
