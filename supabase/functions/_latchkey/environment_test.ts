import { assert, assertEquals, assertThrows } from "@std/assert";
import { ConfigurationError } from "./configuration.ts";
import { readEnvironment } from "./environment.ts";
import { testVariables } from "./testing.ts";

const complete = await testVariables();

function read(changes: Record<string, string | undefined>) {
  const variables: Record<string, string | undefined> = {
    ...complete,
    ...changes,
  };
  return readEnvironment((name) => variables[name]);
}

Deno.test("readEnvironment() reads a complete environment", () => {
  const environment = read({});
  assertEquals(environment.url, "http://127.0.0.1:1");
  assertEquals(environment.issuer, "http://127.0.0.1:1/auth/v1");
  assertEquals(environment.currentRefreshTokenKey, 2);
  assertEquals([...environment.refreshTokenKeys.keys()], [2, 1]);
  assertEquals(environment.databaseUrl, undefined);
  assertEquals(environment.clientAddressHeader, undefined);
  assertEquals(environment.forwardClientAddress, false);
  assertEquals(environment.functionsUrls, [
    "http://127.0.0.1:1/functions/v1",
    "http://localhost:1/functions/v1",
  ]);
  assertEquals(environment.serverThumbprints, []);
});

Deno.test("readEnvironment() reads the URLs and the servers of DPoP proofs", () => {
  const thumbprints = ["a".repeat(42) + "A", "b".repeat(42) + "A"];
  const environment = read({
    LATCHKEY_ISSUER: "https://id.example/auth/v1",
    LATCHKEY_FUNCTIONS_URLS:
      "https://api.example.com/functions/v1, https://api.example.com",
    LATCHKEY_SERVER_THUMBPRINTS: thumbprints.join(" , "),
  });
  assertEquals(environment.functionsUrls, [
    "http://127.0.0.1:1/functions/v1",
    "https://id.example/functions/v1",
    "http://localhost:1/functions/v1",
    "https://api.example.com/functions/v1",
    "https://api.example.com",
  ]);
  assertEquals(environment.serverThumbprints, thumbprints);
  assertEquals(
    read({ SUPABASE_URL: "http://localhost:54321" }).functionsUrls,
    [
      "http://localhost:54321/functions/v1",
      "http://127.0.0.1:54321/functions/v1",
    ],
  );
});

Deno.test("readEnvironment() reads where the client's address is", () => {
  const header = { LATCHKEY_CLIENT_ADDRESS_HEADER: "cf-connecting-ip" };
  const quiet = read({ ...header, LATCHKEY_FORWARD_CLIENT_ADDRESS: "false" });
  assertEquals(quiet.clientAddressHeader, "cf-connecting-ip");
  assertEquals(quiet.forwardClientAddress, false);
  const loud = read({ ...header, LATCHKEY_FORWARD_CLIENT_ADDRESS: "true" });
  assertEquals(loud.forwardClientAddress, true);
});

Deno.test("readEnvironment() refuses to forward an address without a secret key", () => {
  assertThrows(
    () =>
      read({
        LATCHKEY_CLIENT_ADDRESS_HEADER: "cf-connecting-ip",
        LATCHKEY_FORWARD_CLIENT_ADDRESS: "true",
        SUPABASE_SECRET_KEYS: undefined,
        SUPABASE_SERVICE_ROLE_KEY: "legacy",
      }),
    ConfigurationError,
    "no sb_secret_",
  );
});

Deno.test("readEnvironment() takes the legacy keys of older projects", () => {
  const environment = read({
    SUPABASE_PUBLISHABLE_KEYS: undefined,
    SUPABASE_ANON_KEY: "anon",
    SUPABASE_SECRET_KEYS: undefined,
    SUPABASE_SERVICE_ROLE_KEY: "service",
  });
  assertEquals(environment.publishableKey, "anon");
  assertEquals(environment.secretKeys, ["service"]);
});

Deno.test("readEnvironment() takes the key named default first", () => {
  const environment = read({
    SUPABASE_SECRET_KEYS: '{"mobile":"sb_secret_b","default":"sb_secret_a"}',
  });
  assertEquals(environment.secretKeys, ["sb_secret_a", "sb_secret_b"]);
});

const oct = (k: string) => JSON.stringify({ kty: "oct", kid: "legacy", k });

Deno.test("readEnvironment() takes the legacy secret as an oct key", () => {
  assertEquals(
    read({ LATCHKEY_SIGNING_KEY: oct("a".repeat(43)) }).signingKey.alg,
    "HS256",
  );
});

for (
  const [kind, alg] of [
    ['"kty":"EC","crv":"P-256"', "ES256"],
    ['"kty":"RSA"', "RS256"],
    ['"kty":"OKP","crv":"Ed25519"', "EdDSA"],
  ]
) {
  Deno.test(`readEnvironment() takes a key without alg for ${alg}`, () => {
    const { signingKey } = read({
      LATCHKEY_SIGNING_KEY: `{${kind},"d":"x","kid":"a"}`,
    });
    assertEquals(signingKey.alg, alg);
  });
}

for (
  const [name, value, problem] of [
    ["SUPABASE_URL", undefined, "is not set"],
    ["SUPABASE_URL", "nowhere", "is not a URL"],
    ["SUPABASE_PUBLISHABLE_KEYS", undefined, "is not set"],
    ["SUPABASE_PUBLISHABLE_KEYS", "sb_publishable_x", "is not JSON"],
    ["SUPABASE_SECRET_KEYS", "{}", "is not an object"],
    ["SUPABASE_SECRET_KEYS", '["sb_secret_a"]', "is not an object"],
    ["LATCHKEY_SIGNING_KEY", undefined, "is not set"],
    ["LATCHKEY_SIGNING_KEY", "secret-text", "is not JSON"],
    ["LATCHKEY_SIGNING_KEY", "null", "is not a private JWK"],
    [
      "LATCHKEY_SIGNING_KEY",
      '{"kty":"EC","kid":"a","alg":"ES256"}',
      "is not a private JWK",
    ],
    ["LATCHKEY_SIGNING_KEY", oct("short"), "is not a private JWK"],
    [
      "LATCHKEY_SIGNING_KEY",
      '{"kty":"EC","d":"x","alg":"ES256"}',
      "has no kid",
    ],
    ["LATCHKEY_SIGNING_KEY", '{"kty":"EC","d":"x","kid":"a"}', "has no alg"],
    [
      "LATCHKEY_SIGNING_KEY",
      '{"kty":"EC","crv":"P-384","d":"x","kid":"a","alg":"ES384"}',
      "is not a key for ES256",
    ],
    [
      "LATCHKEY_SIGNING_KEY",
      '{"kty":"RSA","d":"x","kid":"a","alg":"ES256"}',
      "is not a key for ES256",
    ],
    ["SUPABASE_JWKS", '{"keys":1}', "is not a JWK set"],
    ["LATCHKEY_CLIENT_ADDRESS_HEADER", "x-real-ip, x", "is not the name"],
    ["LATCHKEY_CLIENT_ADDRESS_HEADER", "x-real-ip:", "is not the name"],
    ["LATCHKEY_FORWARD_CLIENT_ADDRESS", "yes", "is neither true nor false"],
    ["LATCHKEY_FORWARD_CLIENT_ADDRESS", "true", "does not say where"],
    ...[
      "secret-text",
      "api.example.com/functions/v1",
      "ftp://api.example.com",
      "https://api.example.com/",
      "https://api.example.com/functions/v1/",
      "https://API.example.com",
      "https://api.example.com:443",
      "https://api.example.com?x=1",
      "https://api.example.com#x",
      "https://user@api.example.com",
      "https://a.example https://b.example",
    ].map((urls) =>
      ["LATCHKEY_FUNCTIONS_URLS", urls, "is not a list"] as const
    ),
    ...[
      "secret-text",
      "a".repeat(42),
      "a".repeat(43),
      "a".repeat(44),
      `${"a".repeat(42)}+`,
      `${"a".repeat(42)}A=`,
    ]
      .map(
        (thumbprint) =>
          ["LATCHKEY_SERVER_THUMBPRINTS", thumbprint, "is not a list"] as const,
      ),
    ["LATCHKEY_REFRESH_TOKEN_KEYS", undefined, "is not set"],
    ["LATCHKEY_REFRESH_TOKEN_KEYS", "", "is not set"],
    ["LATCHKEY_REFRESH_TOKEN_KEYS", "secret-text", "is not a list"],
    ["LATCHKEY_REFRESH_TOKEN_KEYS", "1:secret-text", "less than 32 bytes"],
    [
      "LATCHKEY_REFRESH_TOKEN_KEYS",
      `256:${"a".repeat(43)}`,
      "ids from 0 to 255",
    ],
    [
      "LATCHKEY_REFRESH_TOKEN_KEYS",
      `1:${"a".repeat(43)},1:${"b".repeat(43)}`,
      "twice",
    ],
  ] as const
) {
  Deno.test(`readEnvironment() names ${name} where it ${problem} (${String(value).length})`, () => {
    const error = assertThrows(
      () => read({ [name]: value }),
      ConfigurationError,
    );
    assert(error.message.startsWith(`${name} `), error.message);
    assert(error.message.includes(problem), error.message);
    assert(!error.message.includes("secret-text"), "quotes a secret");
  });
}

Deno.test("readEnvironment() reads the settings of cookie mode", () => {
  assertEquals(read({}).cookies, undefined);
  assertEquals(
    read({
      LATCHKEY_COOKIE_ORIGINS: "https://app.example, http://localhost:3000",
      LATCHKEY_COOKIE_SAME_SITE: "none",
    }).cookies,
    {
      origins: ["https://app.example", "http://localhost:3000"],
      sameSite: "None",
    },
  );
  assertEquals(
    read({ LATCHKEY_COOKIE_ORIGINS: "https://app.example" }).cookies?.sameSite,
    "Strict",
  );
});

for (
  const origins of [
    "*",
    "https://*.example",
    "https://app.example/",
    "app.example",
    "null",
    "https://APP.example",
  ]
) {
  Deno.test(`readEnvironment() refuses cookies for ${origins}`, () => {
    const error = assertThrows(
      () => read({ LATCHKEY_COOKIE_ORIGINS: origins }),
      ConfigurationError,
    );
    assertEquals(error.variable, "LATCHKEY_COOKIE_ORIGINS");
  });
}

Deno.test("readEnvironment() refuses a SameSite that is none of the three", () => {
  const error = assertThrows(
    () => read({ LATCHKEY_COOKIE_SAME_SITE: "sometimes" }),
    ConfigurationError,
  );
  assertEquals(error.variable, "LATCHKEY_COOKIE_SAME_SITE");
});
