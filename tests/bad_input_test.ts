/**
 * Whatever is sent, an endpoint answers in the words of its contract: the right
 * code, nothing of the database, nothing of what was sent, and nothing lost.
 */
import { assert, assertEquals } from "@std/assert";
import {
  base64url,
  exportSPKI,
  generateKeyPair,
  importJWK,
  type JWTPayload,
  SignJWT,
} from "jose";
import { publicJwk } from "../scripts/local/keys.ts";
import {
  type Answer,
  Api,
  bearer,
  expectOk,
  newUser,
  quickSession,
  refreshTokens,
  stack,
  WAYS,
  withDatabase,
} from "./harness.ts";

/**
 * What is sent, and what must come back: `<status> [<code> [<word>]]`, where the
 * word is one that the description has to name.
 */
type Row = [
  name: string,
  expected: string,
  request: RequestInit,
  path?: string,
];

/** Which request a row changes. */
interface Base {
  method: "GET" | "POST";
  headers?: Record<string, string>;
  body?: Record<string, unknown>;
}

/** Stands in for a secret wherever the contract expects none of ours. */
const HUSH = "hush-hush";
const REFUSED = "400 invalid_request";
const NOBODY = "0198f2c4-5b6d-7e8f-9a0b-1c2d3e4f5a6b";
const KIBIBYTES_16 = 16 * 1024;
const MEGABYTE = 1 << 20;
/** Longer than the deadlines of the functions together. */
const HANGS_AFTER_MILLISECONDS = 20_000;

const admin = { apikey: stack.secretKey };
const { signingKey } = stack.keys;

const json = (body: unknown, headers: Record<string, string> = {}) => ({
  method: "POST",
  headers: { "Content-Type": "application/json", ...headers },
  body: typeof body === "string" ? body : JSON.stringify(body),
});

const form = (body: string, headers: Record<string, string> = {}) => ({
  method: "POST",
  headers: { "Content-Type": "application/x-www-form-urlencoded", ...headers },
  body,
});

// What is wrong at every endpoint.

function wrongMethods({ method, headers }: Base): Row[] {
  return ["GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND", "HEAD"]
    .filter((other) => other !== method)
    .map((other) => [
      `method ${other}`,
      other === "HEAD" ? "405" : "405 method_not_allowed",
      { method: other, headers },
    ]);
}

function secretsInTheUrl({ method, headers, body }: Base): Row[] {
  return ["access_token", "refresh_token", "token", "password", "code"].map(
    (name) => [
      `?${name}= beside a good request`,
      `${REFUSED} URL`,
      body ? json(body, headers) : { method, headers },
      `?a=b&${name}=${HUSH}`,
    ],
  );
}

/** @param forms Whether the endpoint speaks OAuth. */
function wrongBodies({ headers = {}, body }: Base, forms: boolean): Row[] {
  const text = JSON.stringify(body);
  const bytes = new TextEncoder().encode(text);
  const as = (type: string | undefined, body: BodyInit): RequestInit => ({
    method: "POST",
    headers: { ...headers, ...(type && { "Content-Type": type }) },
    body,
  });
  const large = JSON.stringify({ ...body, a: HUSH.repeat(MEGABYTE / 9) });
  const types = [
    "text/plain",
    "text/json",
    "application/jsonp",
    "application/json, application/json",
    "application/x-www-form-urlencoded, application/json",
    "multipart/form-data; boundary=x",
    "*/*",
    ...(forms ? [] : ["application/x-www-form-urlencoded"]),
  ];
  const texts = [
    ...["", " ", "{", '{"a":', "{'a':1}", "{}{}", "undefined", "NaN", HUSH],
    ...["null", "7", "true", '"text"', "[]", "[{}]", `[${text}]`],
    ...["[".repeat(KIBIBYTES_16), '{"a":'.repeat(3000)],
  ];
  return [
    ["no content type", `${REFUSED} application/json`, as(undefined, bytes)],
    ...types.map((type): Row => [
      `content type ${type}`,
      `${REFUSED} application/json`,
      as(type, text),
    ]),
    ...texts.map((text): Row => [
      `body ${text.slice(0, 20)}`,
      `${REFUSED} JSON`,
      as("application/json", text),
    ]),
    ["no body", `${REFUSED} JSON`, {
      ...as("application/json", ""),
      body: null,
    }],
    [
      "bytes that are no UTF-8",
      `${REFUSED} UTF-8`,
      as("application/json", new Uint8Array([0x7b, 0xff, 0x7d])),
    ],
    [
      "UTF-16",
      REFUSED,
      as("application/json; charset=utf-16", new Uint16Array([0x7b, 0x7d])),
    ],
    [
      "1 MB with its length",
      `${REFUSED} bytes`,
      as("application/json", large),
    ],
    [
      "1 MB without its length",
      `${REFUSED} bytes`,
      as("application/json", new Blob([large]).stream()),
    ],
    ...["hush", "__proto__", "constructor", "toString", "", "Scope"].map(
      (name): Row => [
        `unknown parameter ${name}`,
        `${REFUSED} parameter`,
        json(`{"${name}":"${HUSH}",${text.slice(1)}`, headers),
      ],
    ),
  ];
}

/** @param limits Greatest length in characters by parameter. */
function wrongValues(
  { headers, body }: Base,
  limits: Record<string, number>,
): Row[] {
  const values = (limit: number) => [
    ...[7, 0, true, false, {}, { a: HUSH }, [], [HUSH]],
    ...["x".repeat(limit + 1), "a\u0000b", "a\u001fb", "a\r\nb", "\u007f"],
    ...["\ud800", "a\udc00b"],
  ];
  return Object.entries(limits).flatMap(([name, limit]) =>
    values(limit).map((value): Row => [
      `${name} ${JSON.stringify(value).slice(0, 20)}`,
      `${REFUSED} ${name}`,
      json({ ...body, [name]: value }, headers),
    ])
  );
}

// What is wrong with an access token.

/** Signs claims as the project would, except for what is given. */
async function sign(
  claims: JWTPayload,
  { key = signingKey, header = {} }: {
    key?: typeof signingKey;
    header?: Record<string, unknown>;
  } = {},
): Promise<string> {
  const { key_ops: _ops, ...jwk } = key;
  return await new SignJWT(claims)
    .setProtectedHeader({
      alg: "ES256",
      kid: signingKey.kid,
      typ: "JWT",
      ...header,
    })
    .sign(await importJWK(jwk, "ES256"));
}

/** HS256 with what everybody knows of the project's key. */
async function signSymmetric(claims: JWTPayload, secret: string) {
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256", kid: signingKey.kid })
    .sign(new TextEncoder().encode(secret));
}

async function wrongBearers(
  session: { access_token: string; refresh_token: string; session_id: string },
  user_id: string,
): Promise<[name: string, expected: string, authorization: string][]> {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    sub: user_id,
    session_id: session.session_id,
    aud: "authenticated",
    role: "authenticated",
    exp: now + 900,
  };
  const { [0]: head = "", [1]: payload = "", [2]: signature = "" } = session
    .access_token.split(".");
  const encode = (value: unknown) => base64url.encode(JSON.stringify(value));
  const publicKey = publicJwk(signingKey);
  const other = await generateKeyPair("ES256", { extractable: true });
  const otherKey = {
    ...await crypto.subtle.exportKey("jwk", other.privateKey),
    kid: signingKey.kid,
  } as typeof signingKey;
  const spki = await exportSPKI(
    await importJWK(publicKey, "ES256", { extractable: true }) as CryptoKey,
  );

  const claim = async (
    name: keyof typeof claims | "nbf",
    ...values: unknown[]
  ) =>
    await Promise.all(values.map(async (value): Promise<[
      string,
      string,
      string,
    ]> => [
      `${name} ${value === undefined ? "missing" : JSON.stringify(value)}`,
      `401 invalid_jwt_claims ${name}`,
      `Bearer ${await sign({ ...claims, [name]: value } as JWTPayload)}`,
    ]));
  const notIds = [undefined, null, 7, "", "7", [NOBODY], `{${NOBODY}}`];
  const invalid = (name: string, token: string): [string, string, string] => [
    name,
    "401 invalid_token",
    `Bearer ${token}`,
  ];
  return [
    ["no token", "401 missing_token", ""],
    ...["publishable", "secret"].map((kind): [string, string, string] => [
      `an unknown ${kind} key as bearer`,
      "401 missing_token",
      `Bearer sb_${kind}_${HUSH}`,
    ]),
    [
      "the secret key as bearer",
      "401 missing_token",
      `Bearer ${stack.secretKey}`,
    ],
    ["another scheme", `${REFUSED} Bearer`, `Basic ${btoa(HUSH)}`],
    ["DPoP", `${REFUSED} Bearer`, `DPoP ${session.access_token}`],
    ["no scheme", `${REFUSED} Bearer`, session.access_token],
    ["no value", `${REFUSED} Bearer`, "Bearer"],
    ["a tab", `${REFUSED} Bearer`, `Bearer\t${session.access_token}`],
    [
      "two tokens",
      `${REFUSED} Bearer`,
      `Bearer ${session.access_token} ${session.access_token}`,
    ],
    [
      "two headers",
      `${REFUSED} Bearer`,
      `Bearer ${session.access_token}, Bearer ${session.access_token}`,
    ],
    [
      "no ASCII",
      `${REFUSED} Bearer`,
      `Bearer ${session.access_token}é`,
    ],
    [
      "expired",
      "401 token_expired",
      `Bearer ${await sign({ ...claims, exp: now - 1 })}`,
    ],
    [
      "expired long ago",
      "401 token_expired",
      `Bearer ${await sign({ ...claims, exp: 0 })}`,
    ],
    ...await claim("exp", undefined, "soon", null),
    ...await claim("nbf", now + 900, "soon"),
    ...await claim("aud", undefined, "anon", "", 7, null, ["anon"]),
    ...await claim("role", undefined, "anon", "service_role", "", 7, null),
    ...await claim("sub", ...notIds),
    ...await claim("session_id", ...notIds, session.session_id.toUpperCase()),
    invalid("not a JWT", HUSH),
    invalid("a refresh token", session.refresh_token),
    invalid("20 kB", "a".repeat(20_000)),
    invalid("no signature", `${head}.${payload}.`),
    invalid("two parts", `${head}.${payload}`),
    invalid("five parts", `${head}.${payload}.${signature}.a.b`),
    invalid(
      "another signature",
      `${head}.${payload}.${base64url.encode(new Uint8Array(64).fill(1))}`,
    ),
    invalid("half a signature", `${head}.${payload}.${signature.slice(0, 43)}`),
    invalid(
      "other claims under the signature",
      `${head}.${encode({ ...claims, sub: NOBODY })}.${signature}`,
    ),
    invalid("claims that are no JSON", `${head}.${HUSH}.${signature}`),
    invalid("a header that is no JSON", `${HUSH}.${payload}.${signature}`),
    invalid("a header that is null", `${encode(null)}.${payload}.${signature}`),
    ...["none", "None", "", 7, null, undefined].map((alg) =>
      invalid(`alg ${alg}`, `${encode({ alg })}.${payload}.`)
    ),
    ...["RS256", "EdDSA", "ES384", "HS512"].map((alg) =>
      invalid(
        `alg ${alg}`,
        `${encode({ alg, kid: signingKey.kid })}.${payload}.${signature}`,
      )
    ),
    invalid("HS256 with the public key", await signSymmetric(claims, spki)),
    invalid(
      "HS256 with the public JWK",
      await signSymmetric(claims, JSON.stringify(publicKey)),
    ),
    invalid("another key", await sign(claims, { key: otherKey })),
    invalid(
      "another key that it brings along",
      await sign(claims, {
        key: otherKey,
        header: {
          kid: "own",
          jwk: publicJwk(otherKey),
          jku: "http://127.0.0.1:1/",
        },
      }),
    ),
    invalid(
      "a key nobody knows",
      await sign(claims, { header: { kid: `'; select 1 --` } }),
    ),
    invalid(
      "a critical header nobody knows",
      `${encode({ alg: "ES256", kid: signingKey.kid, crit: ["x"], x: 1 })}` +
        `.${payload}.${signature}`,
    ),
  ];
}

const ANY_CASE = ["bearer", "BEARER", "bEaReR", "Bearer "];

// The tables.

type Fixture = Awaited<ReturnType<typeof makeFixture>>;

async function makeFixture() {
  const [user, stranger] = await Promise.all([newUser(), newUser()]);
  return await withDatabase(stack.dbUrl, async (sql) => ({
    user,
    session: await quickSession(sql, user),
    /** Ended by the one good request among the bad. */
    spare: await quickSession(sql, user),
    foreign: await quickSession(sql, stranger),
  }));
}

const TABLES: Record<
  string,
  (fixture: Fixture) => { endpoint: string; rows: Row[] | Promise<Row[]> }
> = {
  login: ({ user, session }) => {
    const { email, password } = user;
    const body = { email, password };
    const base: Base = { method: "POST", body };
    const wrong = { email, password: HUSH };
    return {
      endpoint: "login",
      rows: [
        ...wrongMethods(base),
        ...secretsInTheUrl(base),
        ...wrongBodies(base, false),
        ...wrongValues(base, {
          email: 320,
          phone: 32,
          password: 1024,
          device_name: 128,
          captcha_token: 8192,
        }),
        ["nothing", `${REFUSED} password`, json({})],
        ["no password", `${REFUSED} password`, json({ email })],
        ["no email", `${REFUSED} email`, json({ password })],
        ["empty email", `${REFUSED} email`, json({ email: "", password })],
        ["email null", `${REFUSED} email`, json({ email: null, password })],
        [
          "empty password",
          `${REFUSED} password`,
          json({ email, password: "" }),
        ],
        [
          "password null",
          `${REFUSED} password`,
          json({ email, password: null }),
        ],
        [
          "email and phone",
          `${REFUSED} either`,
          json({ ...body, phone: "15551234567" }),
        ],
        ["null for absent", "200", json({ ...body, device_name: null })],
        ["an access token too", `${REFUSED} both`, json(body, bearer(session))],
        [
          "a bad token too",
          `${REFUSED} both`,
          json(body, bearer({ access_token: HUSH })),
        ],
        [
          "another scheme too",
          `${REFUSED} Bearer`,
          json(body, { Authorization: `Basic ${btoa(HUSH)}` }),
        ],
        ["a wrong password", "400 invalid_credentials", json(wrong)],
        [
          "an unknown user",
          "400 invalid_credentials",
          json({ ...wrong, email: `${NOBODY}@example.com` }),
        ],
        [
          "no address",
          "400 invalid_credentials",
          json({ ...wrong, email: "' or 1=1 --" }),
        ],
        [
          "the longest password",
          "400 invalid_credentials",
          json({ email, password: "📱".repeat(512) }),
        ],
        [
          "a user agent of 20 kB",
          "400 invalid_credentials",
          json(wrong, { "User-Agent": "u".repeat(20_000) }),
        ],
        [
          "a user agent of Latin-1",
          "200",
          json(body, { "User-Agent": "é\u0080ÿ\t'" }),
        ],
        [
          "forwarded for nobody",
          "200",
          json(body, { "X-Forwarded-For": "'; select 1 --, 1.2.3.4" }),
        ],
        [
          "forwarded for 60 kB",
          "400 invalid_credentials",
          json(wrong, { "X-Forwarded-For": ":".repeat(60_000) + "x" }),
        ],
        [
          "a device of emoji",
          "200",
          json({ ...body, device_name: "📱".repeat(64) }),
        ],
      ],
    };
  },

  refresh: async ({ session }) => {
    const refresh_token = `lkr_${HUSH}`;
    const unknown = "400 invalid_refresh_token";
    const base: Base = { method: "POST", body: { refresh_token } };
    const authentic = (await refreshTokens.read(session.refresh_token))!;
    const elsewhere = await refreshTokens.mint({
      ...authentic,
      sessionId: NOBODY,
    });
    const overflowing = await Promise.all(
      [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1].map((generation) =>
        refreshTokens.mint({ ...authentic, generation })
      ),
    );
    const token = `refresh_token=${refresh_token}`;
    const grant = "grant_type=refresh_token";
    return {
      endpoint: "refresh",
      rows: [
        ...wrongMethods(base),
        ...secretsInTheUrl(base),
        ...wrongBodies(base, true),
        ...wrongValues(base, { refresh_token: 1024, grant_type: 32 }),
      ],
    };
  },
};
