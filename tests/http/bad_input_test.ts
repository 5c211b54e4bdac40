/**
 * For any bad input, an endpoint answers with the code of its contract. The answer
 * quotes neither the database nor the request, and nothing is lost.
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
import { publicJwk } from "../../stack/keys.ts";
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
} from "../harness.ts";

/**
 * A request and its expected answer: `<status> [<code> [<word>]]`, where the
 * description must contain the word.
 */
type Row = [
  name: string,
  expected: string,
  request: RequestInit,
  path?: string,
];

/** The request that a row changes. */
interface Base {
  method: "GET" | "POST";
  headers?: Record<string, string>;
  body?: Record<string, unknown>;
}

/** A fake secret that no answer may quote. */
const HUSH = "hush-hush";
const REFUSED = "400 invalid_request";
const UNKNOWN_ID = "0198f2c4-5b6d-7e8f-9a0b-1c2d3e4f5a6b";
const KIBIBYTES_16 = 16 * 1024;
const MEGABYTE = 1 << 20;
/** Longer than all deadlines of the functions together. */
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

// Bad at every endpoint.

function wrongMethods({ method, headers }: Base): Row[] {
  // The answer to HEAD has no body; endpoint_test.ts tests it.
  return ["GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"]
    .filter((other) => other !== method)
    .map((method) => [
      `method ${method}`,
      "405 method_not_allowed",
      { method, headers },
    ]);
}

function secretsInTheUrl({ method, headers, body }: Base): Row[] {
  return [
    ...["access_token", "refresh_token", "token", "password", "code", "jwt"],
    ...["Token", "token[]", "token[a]", "token%5B%5D", "to%6ben"],
  ].map((name) => `${name}=${HUSH}`).concat([
    `apikey=sb_secret_${HUSH}`,
    `a=lkr_${HUSH}`,
    `a=%6ckr_${HUSH}`,
    `a=${encodeURIComponent(`eyJhbGciOiJFUzI1NiJ9.e30.${HUSH}`)}`,
  ]).map((query) => [
    `?${query} beside a good request`,
    `${REFUSED} URL`,
    body ? json(body, headers) : { method, headers },
    `?a=b&${query}`,
  ]);
}

/** One table for every endpoint: a bad key never counts as no key. */
function wrongSecretKeys({ method, headers, body }: Base): Row[] {
  const wrong = `sb_secret_${HUSH}`;
  const credentials: Record<string, string>[] = [
    { apikey: wrong },
    { apikey: `${stack.publishableKey}, ${wrong}` },
    { apikey: stack.secretKey.slice(0, -1) },
    { Authorization: `Bearer ${wrong}` },
    { Authorization: wrong },
  ];
  return credentials.map((credential) => [
    `${JSON.stringify(credential)} beside a good request`,
    "403 forbidden secret",
    body
      ? json(body, { ...headers, ...credential })
      : { method, headers: { ...headers, ...credential } },
  ]);
}

/** @param forms Whether the endpoint accepts forms, as OAuth does. */
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

/** @param limits The maximum length in characters of each parameter. */
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

// Bad access tokens.

/** Signs claims as the project does, with the given differences. */
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

/** HS256 with the project's public key as the secret. */
async function signSymmetric(claims: JWTPayload, secret: string) {
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256", kid: signingKey.kid })
    .sign(new TextEncoder().encode(secret));
}

/** The claims of a valid access token, without its user and session. */
const CLAIMS = {
  aud: "authenticated",
  role: "authenticated",
  exp: Math.floor(Date.now() / 1000) + 3600,
};

type Bearer = [name: string, expected: string, authorization: string];

async function wrongBearers({ session, user }: Fixture): Promise<Bearer[]> {
  const now = Math.floor(Date.now() / 1000);
  const claims = { ...CLAIMS, sub: user.id, session_id: session.session_id };
  const [head, payload, signature] = session.access_token.split(".") as [
    string,
    string,
    string,
  ];
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
    await Promise.all(values.map(async (value): Promise<Bearer> => [
      `${name} ${value === undefined ? "missing" : JSON.stringify(value)}`,
      `401 invalid_jwt_claims ${name}`,
      `Bearer ${await sign({ ...claims, [name]: value } as JWTPayload)}`,
    ]));
  const notIds = [undefined, null, 7, "", "7", [UNKNOWN_ID], `{${UNKNOWN_ID}}`];
  const invalid = (name: string, token: string): Bearer => [
    name,
    "401 invalid_token",
    `Bearer ${token}`,
  ];
  return [
    ["no token", "401 missing_token", ""],
    [
      "an unknown publishable key as bearer",
      "401 missing_token",
      `Bearer sb_publishable_${HUSH}`,
    ],
    [
      "an unknown secret key as bearer",
      "403 forbidden",
      `Bearer sb_secret_${HUSH}`,
    ],
    [
      "the secret key as bearer",
      "401 missing_token",
      `Bearer ${stack.secretKey}`,
    ],
    ["another scheme", "401 missing_token", `Basic ${btoa(HUSH)}`],
    ["DPoP", "401 missing_token", `DPoP ${session.access_token}`],
    ["no scheme", "401 missing_token", session.access_token],
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
      `${head}.${encode({ ...claims, sub: UNKNOWN_ID })}.${signature}`,
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
      "an unknown key",
      await sign(claims, { header: { kid: `'; select 1 --` } }),
    ),
    invalid(
      "an unknown critical header",
      `${encode({ alg: "ES256", kid: signingKey.kid, crit: ["x"], x: 1 })}` +
        `.${payload}.${signature}`,
    ),
  ];
}

const ANY_CASE = ["bearer", "BEARER", "bEaReR", "Bearer "];

// One table per endpoint, and per way of using it.

interface Fixture {
  user: { id: string; email: string; password: string };
  session: Tokens;
  /** Sessions of the same user, which the good requests end. */
  spares: Tokens[];
  /** A session of another user. */
  foreign: Tokens;
}
type Tokens = Awaited<ReturnType<typeof quickSession>>;

function login({ user, session }: Fixture): Row[] {
  const { email, password } = user;
  const body = { email, password };
  const base: Base = { method: "POST", body };
  const wrong = { email, password: HUSH };
  const refused = "400 invalid_credentials";
  return [
    ...wrongMethods(base),
    ...secretsInTheUrl(base),
    ...wrongSecretKeys(base),
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
    ["email empty", `${REFUSED} email`, json({ ...body, email: "" })],
    ["email null", `${REFUSED} email`, json({ ...body, email: null })],
    ["password empty", `${REFUSED} password`, json({ ...body, password: "" })],
    ["password null", `${REFUSED} password`, json({ ...body, password: null })],
    ["both names", `${REFUSED} phone`, json({ ...body, phone: "15551234567" })],
    ["device_name null", "200", json({ ...body, device_name: null })],
    ["phone empty", "200", json({ ...body, phone: "" })],
    [
      "a device of emoji",
      "200",
      json({
        ...body,
        device_name: "📱".repeat(64),
      }),
    ],
    ["a token too", `${REFUSED} both`, json(body, bearer(session))],
    [
      "a bad token too",
      `${REFUSED} both`,
      json(body, {
        Authorization: `Bearer ${HUSH}`,
      }),
    ],
    ["a wrong password", refused, json(wrong)],
    [
      "the longest password",
      refused,
      json({
        email,
        password: "📱".repeat(512),
      }),
    ],
    [
      "an unknown user",
      refused,
      json({ ...wrong, email: `${UNKNOWN_ID}@x.org` }),
    ],
    ["no address", refused, json({ ...wrong, email: "' or 1=1 --" })],
    [
      "a user agent of 20 kB",
      refused,
      json(wrong, {
        "User-Agent": "u".repeat(20_000),
      }),
    ],
    [
      "a user agent of Latin-1",
      "200",
      json(body, {
        "User-Agent": "é\u0080ÿ\t'",
      }),
    ],
    [
      "a forwarded address that is not one",
      "200",
      json(body, {
        "X-Forwarded-For": "'; select 1 --, 1.2.3.4",
      }),
    ],
    [
      "sent on behalf of 60 kB",
      refused,
      json(wrong, {
        "X-Forwarded-For": ":".repeat(60_000) + "x",
      }),
    ],
  ];
}

/** Signed by the project, with claims that its database cannot store. */
const ODD_CLAIMS: [name: string, claims: Record<string, unknown>][] = [
  ...[-1e20, 1e300].map((
    iat,
  ): [string, Record<string, unknown>] => [
    "iat",
    { iat },
  ]),
  ...["\0", "\ud800", { method: "a\0b" }, { "\udc00": 1 }, [["\0"]]].map((
    method,
  ): [string, Record<string, unknown>] => ["amr", { amr: [method] }]),
];

async function adopt(fixture: Fixture): Promise<Row[]> {
  const { session, foreign, user } = fixture;
  const theirs = { ...CLAIMS, sub: user.id, session_id: session.session_id };
  const fromAuth = async (changes: JWTPayload) =>
    bearer({ access_token: await sign({ ...theirs, ...changes }) });
  const headers = await fromAuth({});
  const base: Base = { method: "POST", headers, body: {} };
  const body = { device_name: "Phone" };
  return [
    ...wrongMethods(base),
    ...secretsInTheUrl({ ...base, body }),
    ...wrongSecretKeys({ ...base, body }),
    ...wrongBodies({ ...base, body }, false),
    ...wrongValues(base, { device_name: 128 }),
    ...(await wrongBearers(fixture)).map((
      [name, expected, Authorization],
    ): Row => [
      name,
      // Without a token, this is a sign-in with a password.
      expected === "401 missing_token" ? `${REFUSED} email` : expected,
      json(body, { Authorization }),
    ]),
    ...await Promise.all(
      ODD_CLAIMS.map(async ([name, claims]): Promise<Row> => [
        `the odd claim ${name} ${JSON.stringify(claims)}`,
        `${REFUSED} ${name}`,
        json(body, await fromAuth(claims)),
      ]),
    ),
    ["a password session", `${REFUSED} refresh`, json(body, headers)],
    [
      "a token of our own",
      `${REFUSED} refresh`,
      json(body, bearer(session)),
    ],
    [
      "a token of an OAuth client",
      "403 forbidden",
      json(body, await fromAuth({ client_id: UNKNOWN_ID })),
    ],
    [
      "another user's session",
      "401 token_revoked",
      json(body, await fromAuth({ session_id: foreign.session_id })),
    ],
    [
      "an unknown session",
      "401 token_revoked",
      json(body, await fromAuth({ session_id: UNKNOWN_ID })),
    ],
    [
      "an unknown user",
      "401 token_revoked",
      json(body, await fromAuth({ sub: UNKNOWN_ID })),
    ],
  ];
}

function refresh({ session }: Fixture): Row[] {
  const refused = "400 invalid_refresh_token";
  const refresh_token = `lkr_${HUSH}`;
  const base: Base = { method: "POST", body: { refresh_token } };
  const authentic = refreshTokens.read(session.refresh_token)!;
  const minted = (name: string, changes: Partial<typeof authentic>) =>
    [
      name,
      refused,
      json({
        refresh_token: refreshTokens.issue({ ...authentic, ...changes }),
      }),
    ] satisfies Row;
  const token = `refresh_token=${refresh_token}`;
  const good = `grant_type=refresh_token&${token}`;
  return [
    ...wrongMethods(base),
    ...secretsInTheUrl(base),
    ...wrongSecretKeys(base),
    ...wrongBodies(base, true),
    ...wrongValues(base, { refresh_token: 1024, grant_type: 32 }),
    ["nothing", `${REFUSED} refresh_token`, json({})],
    ["empty", `${REFUSED} refresh_token`, json({ refresh_token: "" })],
    ["null", `${REFUSED} refresh_token`, json({ refresh_token: null })],
    ...["password", "json", "form", "REFRESH_TOKEN", " refresh_token", "hush"]
      .flatMap((grant_type): Row[] => [
        [
          `JSON, grant_type ${grant_type}`,
          `${REFUSED} grant_type`,
          json({ refresh_token, grant_type }),
        ],
        [
          `form, grant_type ${grant_type}`,
          `${REFUSED} grant_type`,
          form(`grant_type=${grant_type}&${token}`),
        ],
      ]),
    ["form without grant_type", `${REFUSED} grant_type`, form(token)],
    ["empty grant_type", `${REFUSED} grant_type`, form(`grant_type=&${token}`)],
    ["no token", `${REFUSED} refresh_token`, form("grant_type=refresh_token")],
    ["an empty form", `${REFUSED} grant_type`, form("")],
    [
      "JSON as a form",
      `${REFUSED} grant_type`,
      form(JSON.stringify(base.body)),
    ],
    ["a form as JSON", `${REFUSED} JSON`, json(good)],
    ["the token twice", `${REFUSED} once`, form(`${good}&${token}`)],
    ["grant_type twice", `${REFUSED} once`, form(`${good}&${good}`)],
    ["a token of NUL", `${REFUSED} refresh_token`, form(`${good}%00`)],
    ["1 MB of form", `${REFUSED} bytes`, form(good + "x".repeat(MEGABYTE))],
    ["bytes that are no UTF-8, encoded", refused, form(`${good}%ff%zz%`)],
    ["unknown form parameters", refused, form(`${good}&hush=1&__proto__=2`)],
    ["prototypes in a form", refused, form(`${good}&constructor=1`)],
    ["a byte order mark", refused, json(`\ufeff${JSON.stringify(base.body)}`)],
    ["grant_type null", refused, json({ refresh_token, grant_type: null })],
    [
      "a damaged token",
      refused,
      json({
        refresh_token: session.refresh_token.slice(0, -2),
      }),
    ],
    [
      "a token in capitals",
      refused,
      json({
        refresh_token: session.refresh_token.toUpperCase(),
      }),
    ],
    ["an access token", refused, json({ refresh_token: session.access_token })],
    ["an access token beside it", refused, json(base.body, bearer(session))],
    ["the secret key beside it", refused, json(base.body, admin)],
    minted("an unknown session", { sessionId: UNKNOWN_ID }),
    minted("another seed", { seed: new Uint8Array(16) }),
    minted("generation 2^31 - 1", { generation: 2 ** 31 - 1 }),
    minted("generation 2^31", { generation: 2 ** 31 }),
    minted("generation 2^32 - 1", { generation: 2 ** 32 - 1 }),
  ];
}

async function revokeByUser(fixture: Fixture): Promise<Row[]> {
  const { session, spares, foreign } = fixture;
  const headers = bearer(session);
  const body = { session_id: UNKNOWN_ID };
  const base: Base = { method: "POST", headers, body };
  return [
    ...wrongMethods(base),
    ...secretsInTheUrl(base),
    ...wrongSecretKeys(base),
    ...wrongBodies(base, true),
    ...wrongValues({ ...base, body: {} }, { scope: 16, session_id: 36 }),
    ...(await wrongBearers(fixture)).map((
      [name, expected, Authorization],
    ): Row => [name, expected, json(body, { Authorization })]),
    ...ANY_CASE.map((scheme): Row => [
      `scheme ${scheme}`,
      "403 forbidden",
      json(body, { Authorization: `${scheme} ${session.access_token}` }),
    ]),
    ["nothing", `${REFUSED} scope`, json({}, headers)],
    ["scope null", `${REFUSED} scope`, json({ scope: null }, headers)],
    ["both", `${REFUSED} either`, json({ ...body, scope: "local" }, headers)],
    ...["", "all", "LOCAL", " local", "__proto__"].map((scope): Row => [
      `scope ${scope}`,
      `${REFUSED} scope`,
      json({ scope }, headers),
    ]),
    ...["", "7", UNKNOWN_ID.replaceAll("-", ""), `${UNKNOWN_ID.slice(0, -1)}g`]
      .map(
        (session_id): Row => [
          `session_id ${session_id}`,
          `${REFUSED} session_id`,
          json({ session_id }, headers),
        ],
      ),
    ["an unknown session", "403 forbidden", json(body, headers)],
    [
      "another user's session",
      "403 forbidden",
      json({
        session_id: foreign.session_id,
      }, headers),
    ],
    [
      "another user's session in capitals",
      "403 forbidden",
      json({
        session_id: foreign.session_id.toUpperCase(),
      }, headers),
    ],
    [
      "an own session in capitals",
      "200",
      json({
        session_id: spares[0]!.session_id.toUpperCase(),
      }, headers),
    ],
    [
      "a user_id",
      `${REFUSED} parameter`,
      json({
        user_id: fixture.user.id,
      }, headers),
    ],
    [
      "a reason",
      `${REFUSED} parameter`,
      json({
        ...body,
        reason: "admin",
      }, headers),
    ],
  ];
}

function revokeToken({ session, spares, foreign }: Fixture): Row[] {
  const token = `token=${HUSH}`;
  const headers = { "Content-Type": "application/x-www-form-urlencoded" };
  return [
    ["no token", `${REFUSED} token`, form("")],
    ["an empty token", `${REFUSED} token`, form("token=")],
    ["only a hint", `${REFUSED} token`, form("token_type_hint=refresh_token")],
    ["the token twice", `${REFUSED} once`, form(`${token}&${token}`)],
    ["two tokens", `${REFUSED} once`, form(`token=&${token}`)],
    [
      "the hint twice",
      `${REFUSED} once`,
      form(
        `${token}&token_type_hint=a&token_type_hint=b`,
      ),
    ],
    ["too long", `${REFUSED} token`, form(`token=${"x".repeat(8193)}`)],
    ["NUL", `${REFUSED} token`, form("token=%00")],
    ["a line", `${REFUSED} token`, form("token=a%0d%0ab")],
    ["1 MB", `${REFUSED} bytes`, form(`token=${"x".repeat(MEGABYTE)}`)],
    ["1 MB without its length", `${REFUSED} bytes`, {
      method: "POST",
      headers,
      body: new Blob([`token=${"x".repeat(MEGABYTE)}`]).stream(),
    }],
    ["bytes that are no UTF-8", `${REFUSED} UTF-8`, {
      method: "POST",
      headers,
      body: new Uint8Array([0x74, 0xff]),
    }],
    // A token in JSON is one that disavows a session.
    ["in JSON", "400 invalid_disavow_token", json({ token: HUSH })],
    ["a bearer too", `${REFUSED} one`, form(token, bearer(foreign))],
    [
      "a bad bearer too",
      `${REFUSED} one`,
      form(token, {
        Authorization: `Bearer ${HUSH}`,
      }),
    ],
    [
      "a foreign secret key too",
      "403 forbidden",
      form(token, {
        apikey: `sb_secret_${HUSH}`,
      }),
    ],
    ["an unknown token", "200", form(token)],
    ["an unknown token with the secret key", "200", form(token, admin)],
    [
      "a token that is damaged",
      "200",
      form(
        `token=${session.refresh_token.slice(0, -2)}`,
      ),
    ],
    [
      "an access token that is damaged",
      "200",
      form(
        `token=${session.access_token.slice(0, -2)}`,
      ),
    ],
    ["bytes that are no UTF-8, encoded", "200", form("token=%ff%zz%")],
    ["an unknown hint", "200", form(`${token}&token_type_hint=hush`)],
    ["unknown parameters", "200", form(`${token}&scope=global&__proto__=1`)],
    [
      "a good token with a wrong hint",
      "200",
      form(
        `token=${spares[1]!.refresh_token}&token_type_hint=access_token`,
      ),
    ],
    [
      "a token that is over",
      "200",
      form(
        `token=${spares[1]!.refresh_token}`,
      ),
    ],
  ];
}

function revokeByAdministrator({ user, session, foreign }: Fixture): Row[] {
  const body = { user_id: UNKNOWN_ID };
  const base: Base = { method: "POST", headers: admin, body };
  const own = { session_id: session.session_id };
  return [
    ...secretsInTheUrl(base),
    ...wrongSecretKeys(base),
    ...wrongBodies(base, true),
    ...wrongValues(base, { user_id: 36, session_id: 36, reason: 32 }),
    ["nothing", `${REFUSED} either`, json({}, admin)],
    ["only a reason", `${REFUSED} either`, json({ reason: "admin" }, admin)],
    ["two ids", `${REFUSED} either`, json({ ...body, ...own }, admin)],
    [
      "an id and an empty one",
      `${REFUSED} user_id`,
      json({
        ...own,
        user_id: "",
      }, admin),
    ],
    ...[
      "7",
      UNKNOWN_ID.replaceAll("-", ""),
      `{${UNKNOWN_ID.slice(2)}}`,
      user.email,
    ]
      .flatMap((id): Row[] => [
        [`user_id ${id}`, REFUSED, json({ user_id: id }, admin)],
        [`session_id ${id}`, REFUSED, json({ session_id: id }, admin)],
      ]),
    ...["", "hush", "ADMIN", "expired", "constructor"].map((reason): Row => [
      `reason ${reason}`,
      `${REFUSED} reason`,
      json({ ...own, reason }, admin),
    ]),
    ["a scope", `${REFUSED} parameter`, json({ scope: "global" }, admin)],
    ["an unknown user", "200", json(body, admin)],
    ["an unknown session", "200", json({ session_id: UNKNOWN_ID }, admin)],
    [
      "an unknown user in capitals",
      "200",
      json({
        user_id: UNKNOWN_ID.toUpperCase(),
      }, admin),
    ],
    [
      "an access token too",
      `${REFUSED} both`,
      json(body, {
        ...admin,
        ...bearer(foreign),
      }),
    ],
    [
      "a bad token too",
      `${REFUSED} both`,
      json(own, {
        ...admin,
        Authorization: `Bearer ${HUSH}`,
      }),
    ],
    [
      "a secret key that is not ours",
      "403 forbidden",
      json(own, {
        apikey: `sb_secret_${HUSH}`,
      }),
    ],
    [
      "a secret key that is not ours and a token",
      "403 forbidden",
      json(own, {
        apikey: `sb_secret_${HUSH}`,
        ...bearer(session),
      }),
    ],
    [
      "a secret key cut short",
      "403 forbidden",
      json(own, {
        apikey: stack.secretKey.slice(0, -1),
      }),
    ],
    [
      "a secret key twice",
      "403 forbidden",
      json(own, {
        apikey: `${stack.secretKey}, ${stack.secretKey}`,
      }),
    ],
    ["the publishable key, a session", "401 missing_token", json(own)],
    [
      "the publishable key, a user",
      `${REFUSED} parameter`,
      json({
        user_id: user.id,
      }),
    ],
    [
      "the secret key only as bearer",
      "401 missing_token",
      json(own, {
        Authorization: `Bearer ${stack.secretKey}`,
      }),
    ],
  ];
}

/** It ignores the body, so that any scheduler can call it. */
function deliver({ session }: Fixture): Row[] {
  const base: Base = { method: "POST", headers: admin };
  const post = (headers: Record<string, string>) => ({
    method: "POST",
    headers,
  });
  return [
    ...wrongMethods(base),
    ...secretsInTheUrl(base),
    ...wrongSecretKeys(base),
    ["no body", "200", post(admin)],
    ["any body", "200", json(HUSH, admin)],
    ["the publishable key", "403 forbidden secret", post({})],
    ["an access token", "403 forbidden secret", post(bearer(session))],
    ["no key", "401 missing_token secret", post({ apikey: "" })],
    [
      "the secret key and an access token",
      "400 invalid_request not both",
      post({ ...admin, ...bearer(session) }),
    ],
    [
      "another secret key",
      "403 forbidden",
      post({
        apikey: `sb_secret_${HUSH}`,
      }),
    ],
    [
      "the secret key only as bearer",
      "403 forbidden secret",
      post({
        Authorization: `Bearer ${stack.secretKey}`,
      }),
    ],
  ];
}

function introspect({ session }: Fixture): Row[] {
  const token = `token=${HUSH}`;
  const base: Base = { method: "POST", headers: admin };
  const keys: Row[] = [
    ["the publishable key", "403 forbidden", form(token)],
    ["a user's token", "403 forbidden", form(token, bearer(session))],
    [
      "a bad token",
      "403 forbidden",
      form(token, bearer({ access_token: "a" })),
    ],
    [
      "the secret key as bearer",
      "403 forbidden",
      form(token, {
        Authorization: `Bearer ${stack.secretKey}`,
      }),
    ],
    [
      "another secret key",
      "403 forbidden",
      form(token, {
        apikey: `sb_secret_${HUSH}`,
      }),
    ],
    [
      "a secret key twice",
      "403 forbidden",
      form(token, {
        apikey: `${stack.secretKey}, ${stack.secretKey}`,
      }),
    ],
    ["no key", "401 missing_token", form(token, { apikey: "" })],
    ["both", `${REFUSED} both`, form(token, { ...admin, ...bearer(session) })],
    [
      "a header of two tokens",
      `${REFUSED} Bearer`,
      form(token, {
        ...admin,
        Authorization: "Bearer a b",
      }),
    ],
  ];
  return [
    ...wrongMethods(base),
    ...secretsInTheUrl({ ...base, body: {} }),
    ...wrongSecretKeys({ ...base, body: {} }),
    ...keys,
    ["JSON", `${REFUSED} form`, json({ token: HUSH }, admin)],
    ["no content type", `${REFUSED} form`, {
      method: "POST",
      headers: admin,
      body: new TextEncoder().encode(token),
    }],
    ["no token", `${REFUSED} token`, form("", admin)],
    ["an empty token", `${REFUSED} token`, form("token=", admin)],
    ["the token twice", `${REFUSED} once`, form(`${token}&${token}`, admin)],
    ["too long", `${REFUSED} token`, form(`token=${"x".repeat(8193)}`, admin)],
    ["NUL", `${REFUSED} token`, form("token=%00", admin)],
    ["1 MB", `${REFUSED} bytes`, form(`token=${"x".repeat(MEGABYTE)}`, admin)],
    ["an unknown token", "200", form(token, admin)],
    ["an unknown hint", "200", form(`${token}&token_type_hint=hush`, admin)],
    ["unknown parameters", "200", form(`${token}&__proto__=1`, admin)],
  ];
}

function sessionsByAdministrator({ user, session }: Fixture): Row[] {
  const query = `?user_id=${user.id}`;
  const good = { headers: admin };
  return [
    ["the publishable key", "403 forbidden", {}, query],
    ["a user's token", "403 forbidden", { headers: bearer(session) }, query],
    ["no key", "401 missing_token", { headers: { apikey: "" } }, query],
    ["another secret key", "403 forbidden", {
      headers: { apikey: `sb_secret_${HUSH}` },
    }, query],
    ["both", `${REFUSED} both`, {
      headers: { ...admin, ...bearer(session) },
    }, query],
    ["no user_id", "401 missing_token", good],
    ...["", "7", "null", user.id.replaceAll("-", ""), `${user.id}%00`].map(
      (id): Row => [`user ${id}`, `${REFUSED} user_id`, good, `?user_id=${id}`],
    ),
    ["two", `${REFUSED} user_id`, good, `${query}&user_id=${UNKNOWN_ID}`],
    ["an unknown user", "200", good, `?user_id=${UNKNOWN_ID}`],
    ["in capitals", "200", good, `?user_id=${user.id.toUpperCase()}`],
  ];
}

/** For the endpoints that need only an access token. */
async function protectedRead(fixture: Fixture): Promise<Row[]> {
  const { session, foreign, user } = fixture;
  const headers = bearer(session);
  const base: Base = { method: "GET", headers };
  const theirs = { ...CLAIMS, sub: user.id, session_id: foreign.session_id };
  return [
    ...wrongMethods(base),
    ...secretsInTheUrl(base),
    ...wrongSecretKeys(base),
    ...(await wrongBearers(fixture)).map((
      [name, expected, Authorization],
    ): Row => [name, expected, { headers: { Authorization } }]),
    ...ANY_CASE.map((scheme): Row => [`scheme ${scheme}`, "200", {
      headers: { Authorization: `${scheme} ${session.access_token}` },
    }]),
    ["another query", "200", { headers }, "?select=*&__proto__=1"],
    ["another user's session", "401 token_revoked", {
      headers: bearer({ access_token: await sign(theirs) }),
    }],
    ["an unknown session", "401 token_revoked", {
      headers: bearer({
        access_token: await sign({ ...theirs, session_id: UNKNOWN_ID }),
      }),
    }],
    ["an unknown user", "401 token_revoked", {
      headers: bearer({
        access_token: await sign({ ...theirs, sub: UNKNOWN_ID }),
      }),
    }],
  ];
}

const TABLES: [
  name: string,
  endpoint: string,
  rows: (fixture: Fixture) => Row[] | Promise<Row[]>,
][] = [
  ["login", "login", login],
  ["login with an access token", "login", adopt],
  ["refresh", "refresh", refresh],
  ["revoke by a user", "revoke", revokeByUser],
  ["revoke by the holder of a token", "revoke", revokeToken],
  ["revoke by an administrator", "revoke", revokeByAdministrator],
  ["deliver", "deliver", deliver],
  ["sessions", "sessions", protectedRead],
  ["sessions by an administrator", "sessions", sessionsByAdministrator],
  ["introspect", "introspect", introspect],
  ["profile", "profile", protectedRead],
];

/** What no answer may contain. */
const DATABASE_WORDS =
  /postgres|sql|relation|column|PGRST|duplicate|constraint|stack|at file/i;

/** Says what is wrong with an answer. */
function complaints(
  endpoint: string,
  answer: Answer,
  expected: string,
  secrets: string[],
): string[] {
  const { status, headers, body } = answer;
  const [wantedStatus, wantedCode, word] = expected.split(" ");
  const found: string[] = [];
  const check = (holds: unknown, complaint: string) => {
    if (!holds) found.push(complaint);
  };
  const text = JSON.stringify([body, ...headers]);
  check(
    status === Number(wantedStatus) && body?.code === wantedCode,
    `answered ${status} ${text.slice(0, 300)}`,
  );
  check(headers.get("Cache-Control") === "no-store", "can be cached");
  check(headers.has("X-Request-Id"), "has no id to find it by in the log");
  check(
    headers.get("Access-Control-Allow-Origin") === "*" &&
      /authorization.*apikey/.test(
        headers.get("Access-Control-Allow-Headers") ?? "",
      ) &&
      /WWW-Authenticate/.test(
        headers.get("Access-Control-Expose-Headers") ?? "",
      ),
    "lacks CORS headers",
  );
  check(
    headers.get("Allow") ===
      (status !== 405
        ? null
        : ["profile", "sessions"].includes(endpoint)
        ? "GET, OPTIONS"
        : "POST, OPTIONS"),
    `allows ${headers.get("Allow")}`,
  );
  const challenge = headers.get("WWW-Authenticate");
  check(
    status !== 401
      ? challenge === null
      : wantedCode === "missing_token"
      ? challenge === "Bearer"
      : challenge ===
        `Bearer error="invalid_token", error_description="${body.error_description}"`,
    `challenges with ${challenge}`,
  );
  if (!wantedCode) return found;
  check(!DATABASE_WORDS.test(text), `speaks of the inside: ${text}`);
  check(!secrets.some((secret) => text.includes(secret)), `quotes: ${text}`);
  check(
    body?.error_description?.includes(word ?? ""),
    `does not name ${word}: ${body?.error_description}`,
  );
  const errors: Record<string, string> = {
    invalid_credentials: "invalid_grant",
    invalid_disavow_token: "invalid_grant",
    invalid_refresh_token: "invalid_grant",
    forbidden: "forbidden",
  };
  check(
    body?.error ===
      (errors[wantedCode] ??
        (status === 401 ? "invalid_token" : "invalid_request")),
    `is the error ${body?.error}`,
  );
  return found;
}

for (const [way, url] of Object.entries(WAYS)) {
  Deno.test(`bad input is refused and nothing is lost, ${way}`, async (test) => {
    const api = new Api(url);
    const [user, stranger] = await Promise.all([newUser(), newUser()]);
    const fixture = await withDatabase(stack.dbUrl, async (sql) => ({
      user,
      session: await quickSession(sql, user),
      spares: [await quickSession(sql, user), await quickSession(sql, user)],
      foreign: await quickSession(sql, stranger),
    }));
    const { session, foreign } = fixture;
    const secrets = [
      ...[HUSH, btoa(HUSH), user.password, stack.secretKey],
      ...[session.access_token, session.refresh_token],
      session.access_token.split(".")[2]!,
      session.session_id,
      foreign.session_id,
    ];

    for (const [name, endpoint, rows] of TABLES) {
      await test.step(name, async () => {
        const table = await rows(fixture);
        const failures: string[] = [];
        for (const [name, expected, request, query = ""] of table) {
          const answer = await api.send(endpoint + query, {
            ...request,
            signal: AbortSignal.timeout(HANGS_AFTER_MILLISECONDS),
          });
          failures.push(
            ...complaints(endpoint, answer, expected, secrets).map(
              (complaint) => `${name}: wanted ${expected}, ${complaint}`,
            ),
          );
        }
        assertEquals(failures, []);
      });
    }

    expectOk(await api.profile(foreign));
    expectOk(await api.refresh(foreign.refresh_token));
    expectOk(await api.profile(session));
    expectOk(await api.refresh(session.refresh_token));
  });

  Deno.test(`another user's session and an unknown one get the same answer, ${way}`, async () => {
    const api = new Api(url);
    const [user, stranger] = await Promise.all([newUser(), newUser()]);
    const [session, foreign] = await withDatabase(
      stack.dbUrl,
      async (sql) => [
        await quickSession(sql, user),
        await quickSession(sql, stranger),
      ],
    );
    const answer = async (session_id: string) => {
      const { status, body } = await api.revoke(session!, { session_id });
      return { status, body };
    };
    assertEquals(await answer(foreign!.session_id), await answer(UNKNOWN_ID));
  });

  Deno.test(`an unknown token gets the same answer as one that was just revoked, ${way}`, async () => {
    const api = new Api(url);
    const user = await newUser();
    const session = await withDatabase(
      stack.dbUrl,
      (sql) => quickSession(sql, user),
    );
    const answer = async (token: string) => {
      const { status, headers, body } = await api.form("revoke", { token });
      const lasting = [...headers].filter(([name]) =>
        !["date", "x-request-id"].includes(name)
      );
      return { status, headers: lasting, body };
    };
    const ended = await answer(session.refresh_token);
    assertEquals([ended.status, ended.body], [200, ""]);
    assertEquals(await answer(session.refresh_token), ended);
    assertEquals(await answer(session.access_token), ended);
    assertEquals(await answer(HUSH), ended);
    assertEquals((await api.profile(session)).body.code, "token_revoked");
  });
}

Deno.test("a body that ends early is a bad request", async () => {
  const { hostname, port } = new URL(stack.connectionFunctionsUrl);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(new TextEncoder().encode(
    "POST /refresh HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" +
      'Content-Length: 100\r\n\r\n{"refresh_token":',
  ));
  await connection.closeWrite();
  const response = await new Response(connection.readable).text();
  assert(response.startsWith("HTTP/1.1 400 "), response);
  assert(response.includes('"code":"invalid_request"'), response);
});

// fetch sends neither TRACE nor a method in lower case.
for (
  const [where, url, status] of [
    ["the gateway", `${stack.apiUrl}/functions/v1`, 501],
    ["the functions", stack.connectionFunctionsUrl, 405],
  ] as const
) {
  for (const method of ["TRACE", "get", "post", "Get", "TRACK"]) {
    Deno.test(`${where} answers ${status} to the method ${method}`, async () => {
      const { hostname, port, pathname } = new URL(`${url}/profile`);
      using connection = await Deno.connect({ hostname, port: Number(port) });
      await connection.write(new TextEncoder().encode(
        `${method} ${pathname} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      ));
      const response = await new Response(connection.readable).text();
      assert(response.startsWith(`HTTP/1.1 ${status} `), response);
    });
  }
}
