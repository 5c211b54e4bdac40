/**
 * Bound sessions: which proofs are refused, that a copied token and a captured
 * request are worth nothing, and that no honest client loses its session.
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { request as httpRequest } from "node:http";
import { base64url, exportJWK, generateKeyPair, SignJWT } from "jose";
import { readConfig } from "../../stack/config.ts";
import { functionsEnvironment, startFunctions } from "../../stack/functions.ts";
import type { Queries } from "../../stack/sql.ts";
import { ProofNonces } from "../../supabase/functions/_latchkey/proof_nonce.ts";
import { parseKeyRing } from "../../supabase/functions/_latchkey/environment.ts";
import { hashSeed } from "../../supabase/functions/_latchkey/refresh_token.ts";
import {
  type Answer,
  Api,
  bearer,
  countStatements,
  expectOk,
  newUser,
  quickSession,
  refreshTokens,
  type Session,
  stack,
  supabase,
  WAYS,
  withDatabase,
  withSettings,
} from "../harness.ts";
import { newProofId, ProofKey } from "../proof_key.ts";

const root = new URL("../..", import.meta.url).pathname;
const AT_ONCE = 50;
const user = await newUser();
const key = await ProofKey.create(WAYS["over the Data API"]);
const other = await ProofKey.create(WAYS["over the Data API"]);
const urlOf = (endpoint: string) => `${key.functionsUrl}/${endpoint}`;
const now = () => Math.floor(Date.now() / 1000);
const ring = parseKeyRing(stack.keys.refreshTokenKeys);
const nonces = new ProofNonces(ring, [...ring.keys()][0]!);

const part = (value: unknown) => base64url.encode(JSON.stringify(value));
/** An answer in short. A nonce comes with the code that asks for one. */
function seen({ status, body, headers }: Answer): string {
  const { error, code } = body;
  assertEquals(headers.has("DPoP-Nonce"), code === "use_dpop_nonce");
  return `${status} ${error}${error === code ? "" : ` ${code}`}`;
}
const INVALID = "400 invalid_dpop_proof";
const NONCE = "400 use_dpop_nonce";

/** Signs a proof with another kind of key. */
async function signedBy(alg: string, jwkOf = (jwk: unknown) => jwk) {
  const { privateKey, publicKey } = await generateKeyPair(alg, {
    extractable: true,
  });
  return await new SignJWT(key.claims())
    .setProtectedHeader({
      typ: "dpop+jwt",
      alg,
      jwk: jwkOf(await exportJWK(publicKey)) as never,
    })
    .sign(privateKey);
}

/** The signature as ASN.1, which some libraries write in place of JOSE's form. */
function withDerSignature(proof: string): string {
  const [head, payload, signature] = proof.split(".");
  const bytes = base64url.decode(signature!);
  const integer = (part: Uint8Array) => {
    const unsigned = part[0]! & 0x80 ? [0, ...part] : [...part];
    return [2, unsigned.length, ...unsigned];
  };
  const body = [
    ...integer(bytes.subarray(0, 32)),
    ...integer(bytes.subarray(32)),
  ];
  const der = new Uint8Array([0x30, body.length, ...body]);
  return `${head}.${payload}.${base64url.encode(der)}`;
}

/** Proofs for an endpoint that the function refuses by itself. */
async function badProofs(endpoint: string) {
  const url = urlOf(endpoint);
  const { host } = new URL(url);
  const header = (changes: Record<string, unknown>) =>
    key.prove(endpoint, {}, changes);
  const claim = (name: string, ...values: unknown[]) =>
    Promise.all(
      values.map(async (value) =>
        [
          `${name} ${JSON.stringify(value) ?? "missing"}`.slice(0, 80),
          INVALID,
          await key.prove(endpoint, { [name]: value }),
        ] as const
      ),
    );
  const good = await key.prove(endpoint);
  const [head, payload, signature] = good.split(".");
  const privateJwk = await exportJWK(key.privateKey);
  const none = part({ typ: "dpop+jwt", alg: "none", jwk: key.publicJwk });
  const hmac = await new SignJWT(key.claims(endpoint))
    .setProtectedHeader({ typ: "dpop+jwt", alg: "HS256", jwk: key.publicJwk })
    .sign(new TextEncoder().encode(JSON.stringify(key.publicJwk)));
  const secret = new Uint8Array(32);
  const oct = await new SignJWT(key.claims(endpoint))
    .setProtectedHeader({
      typ: "dpop+jwt",
      alg: "HS256",
      jwk: { kty: "oct", k: base64url.encode(secret) } as never,
    })
    .sign(secret);
  const flipped = nonces.issue().replace(
    /.$/,
    (last) => last === "A" ? "Q" : "A",
  );
  const foreign = new ProofNonces(
    new Map([[[...ring.keys()][0]!, new Uint8Array(32)]]),
    [...ring.keys()][0]!,
  );
  return [
    ["no text", INVALID, ""],
    ["no JWT", INVALID, "proof"],
    ["a refresh token", INVALID, `lkr_${"a".repeat(90)}`],
    ["no signature", INVALID, `${head}.${payload}.`],
    ["two parts", INVALID, `${head}.${payload}`],
    ["another signature", INVALID, `${head}.${payload}.${"A".repeat(86)}`],
    [
      "half a signature",
      INVALID,
      `${head}.${payload}.${signature!.slice(0, 43)}`,
    ],
    ["a DER signature", INVALID, withDerSignature(good)],
    [
      "other claims under the signature",
      INVALID,
      `${head}.${part(key.claims(endpoint))}.${signature}`,
    ],
    ["two proofs in one header", INVALID, `${good}, ${good}`],
    [
      "more than 4,096 bytes",
      INVALID,
      await key.prove(endpoint, {
        more: "a".repeat(3_100),
      }),
    ],
    ["typ JWT", INVALID, await header({ typ: "JWT" })],
    ["typ missing", INVALID, await header({ typ: undefined })],
    ["alg none", INVALID, `${none}.${payload}.`],
    ["alg none with a signature", INVALID, `${none}.${payload}.${signature}`],
    ["HS256 with the public key as secret", INVALID, hmac],
    ["HS256 with a secret in the header", INVALID, oct],
    ["RS256", INVALID, await signedBy("RS256")],
    ["ES384", INVALID, await signedBy("ES384")],
    ["Ed25519", INVALID, await signedBy("Ed25519")],
    [
      "crit",
      INVALID,
      `${
        part({
          typ: "dpop+jwt",
          alg: "ES256",
          jwk: key.publicJwk,
          crit: ["x"],
          x: 1,
        })
      }.${payload}.${signature}`,
    ],
    ["jwk missing", INVALID, await header({ jwk: undefined })],
    ["jwk null", INVALID, await header({ jwk: null })],
    [
      "jwk as text",
      INVALID,
      await header({
        jwk: JSON.stringify(key.publicJwk),
      }),
    ],
    ["a private jwk", INVALID, await header({ jwk: privateJwk })],
    ["another key's jwk", INVALID, await header({ jwk: other.publicJwk })],
    [
      "a jwk on another curve",
      INVALID,
      await header({
        jwk: { ...key.publicJwk, crv: "P-384" },
      }),
    ],
    [
      "a jwk in a second spelling",
      INVALID,
      await header({
        jwk: { ...key.publicJwk, x: `${key.publicJwk.x}=` },
      }),
    ],
    [
      "a jwk that is no point",
      INVALID,
      await header({
        jwk: { ...key.publicJwk, y: key.publicJwk.x },
      }),
    ],
    [
      "a jwk without y",
      INVALID,
      await header({
        jwk: { ...key.publicJwk, y: undefined },
      }),
    ],
    [
      "a jwk for encryption",
      INVALID,
      await header({
        jwk: { ...key.publicJwk, use: "enc" },
      }),
    ],
    [
      "a jwk whose coordinates are numbers",
      INVALID,
      await header({
        jwk: { ...key.publicJwk, x: 1, y: 2 },
      }),
    ],
    ...await claim("htm", undefined, "GET", "post", "", null, ["POST"]),
    ...await claim(
      "htu",
      undefined,
      null,
      7,
      [url],
      "",
      endpoint,
      `/functions/v1/${endpoint}`,
      urlOf(endpoint === "login" ? "refresh" : "login"),
      urlOf("revoke"),
      urlOf(`${endpoint}x`),
      urlOf(`latchkey-${endpoint}`),
      `${url}/`,
      `${url}/x`,
      `${url}?x=1`,
      `${url}?`,
      `${url}#x`,
      url.replace(host, "attacker.example"),
      url.replace(host, `attacker.example@${host}`),
      url.replace(host, `${host}.attacker.example`),
      url.replace(/:\d+/, ":1"),
      url.replace(/:\d+/, ""),
      url.replace("http:", "https:"),
      url.replace("http:", "javascript:"),
    ),
    ...await claim("jti", undefined, null, 7, "", "a".repeat(129)),
    ...await claim("iat", undefined, null, "now", `${now()}`, [now()]),
    ...await claim("exp", now() - 1),
    ...await claim("nbf", now() + 900),
    ...await claim("nonce", 7, null, [nonces.issue()]),
    [
      "iat 61 seconds ago",
      NONCE,
      await key.prove(endpoint, {
        iat: now() - 61,
      }),
    ],
    [
      "iat in ten minutes",
      NONCE,
      await key.prove(endpoint, {
        iat: now() + 600,
      }),
    ],
    ["iat in 1970", NONCE, await key.prove(endpoint, { iat: 0 })],
    ["iat beyond all clocks", NONCE, await key.prove(endpoint, { iat: 1e300 })],
    [
      "no nonce of the server",
      NONCE,
      await key.prove(endpoint, {
        nonce: "nonce",
      }),
    ],
    ["an empty nonce", NONCE, await key.prove(endpoint, { nonce: "" })],
    ["a changed nonce", NONCE, await key.prove(endpoint, { nonce: flipped })],
    [
      "a nonce under another key",
      NONCE,
      await key.prove(endpoint, {
        nonce: foreign.issue(),
      }),
    ],
    [
      "an old nonce",
      NONCE,
      await key.prove(endpoint, {
        nonce: nonces.issue(undefined, now() - 62),
      }),
    ],
    [
      "a nonce of another session",
      NONCE,
      await key.prove(endpoint, {
        nonce: nonces.issue({ sessionId: crypto.randomUUID(), generation: 1 }),
      }),
    ],
  ] as const;
}

/** Sends two header lines of one name, which fetch() would join. */
function sendTwice(
  url: string,
  proof: string,
  body: unknown,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, {
      method: "POST",
      headers: {
        "apikey": stack.publishableKey,
        "Content-Type": "application/json",
        "DPoP": [proof, proof],
      },
    }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    request.on("error", reject);
    request.end(JSON.stringify(body));
  });
}

/** The whole row, with the transaction that wrote it last. */
async function rowOf(sql: Queries, sessionId: string) {
  const [row] = await sql`
    select to_jsonb(t) || jsonb_build_object('xmin', t.xmin::text) as row
    from latchkey.refresh_tokens t where t.session_id = ${sessionId}`;
  return row!.row as Record<string, unknown>;
}

async function eventsOf(sql: Queries, sessionId: string) {
  const rows = await sql`
    select event, actor_ip, user_id, reason from latchkey.session_events
    where session_id = ${sessionId} and event <> 'session_created'
    order by created_at`;
  return rows.map(({ event }) => event as string);
}

/** Fifty of something that happens at the same time. */
function atOnce<T>(task: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: AT_ONCE }, task));
}

function count(outcomes: unknown[]): Record<string, number> {
  return Object.fromEntries(
    Object.entries(Object.groupBy(outcomes, String)).sort()
      .map(([outcome, list]) => [outcome, list!.length]),
  );
}

/** A session of Supabase Auth, as after a sign-in without Latchkey. */
async function authSession() {
  const { email, password } = await newUser();
  const { data, error } = await supabase().auth.signInWithPassword({
    email,
    password,
  });
  if (error) throw error;
  return data.session!;
}

const nonceIn = (answer: Answer): string => {
  assertEquals(seen(answer), NONCE);
  return answer.headers.get("DPoP-Nonce")!;
};

for (const [way, url] of Object.entries(WAYS)) {
  const api = new Api(url);
  const bound = (sql: Queries) => quickSession(sql, user, key);

  Deno.test(`dpop: /refresh refuses bad proofs without a statement, ${way}`, async () => {
    await withDatabase(stack.superuserUrl, async (sql) => {
      const session = await bound(sql);
      const unbound = await quickSession(sql, user);
      const before = await countStatements(sql);
      for (const [name, expected, DPoP] of await badProofs("refresh")) {
        for (const { refresh_token } of [session, unbound]) {
          const answer = await api.refresh(refresh_token, { DPoP });
          assertEquals([name, seen(answer)], [name, expected]);
        }
      }
      const sentTwice = await sendTwice(
        `${url}/refresh`,
        await key.prove(),
        { refresh_token: session.refresh_token },
      );
      assertEquals(sentTwice, 400);
      const ath = await key.header("refresh", {
        ath: await hashOf(session.access_token),
      });
      assertEquals(
        seen(await api.refresh(session.refresh_token, ath)),
        INVALID,
        "ath, where the request has no access token",
      );
      assertEquals(await countStatements(sql), before);
      for (const { session_id } of [session, unbound]) {
        assertEquals(await eventsOf(sql, session_id), []);
      }
      expectOk(await api.refresh(session.refresh_token, await key.header()));
      expectOk(await api.refresh(unbound.refresh_token, await key.header()));
    }, 1);
  });

  Deno.test(`dpop: /login refuses bad proofs before it counts an attempt, ${way}`, async () => {
    await withDatabase(stack.superuserUrl, async (sql) => {
      const { email, password } = await newUser();
      const { access_token } = await authSession();
      const before = await countStatements(sql);
      for (const [name, expected, DPoP] of await badProofs("login")) {
        const answers = [
          await api.post("login", { email, password }, { DPoP }),
          await api.post("login", {}, { ...bearer({ access_token }), DPoP }),
        ];
        for (const answer of answers) {
          assertEquals([name, seen(answer)], [name, expected]);
        }
      }
      for (
        const ath of [await hashOf("another token"), access_token, "", null, 7]
      ) {
        const answer = await api.post("login", {}, {
          ...bearer({ access_token }),
          ...await key.header("login", { ath }),
        });
        assertEquals([ath, seen(answer)], [ath, INVALID]);
      }
      assertEquals(await countStatements(sql), before);
    }, 1);
  });

  Deno.test(`dpop: a session that begins with a proof is bound, ${way}`, async () => {
    const own = await newUser();
    const device = await api.login(own, "Bound", await key.header("login"));
    const legacy = await api.login(own, "Unbound");
    assertEquals(device.token_type, "bearer");
    const next = expectOk<Session>(
      await api.refresh(device.refresh_token, await key.header()),
    );
    expectOk(await api.profile(next));

    const listed = expectOk<{ sessions: Record<string, unknown>[] }>(
      await api.sessions(next),
    ).sessions;
    assertEquals(
      listed.map(({ device_name, bound }) => [device_name, bound]),
      [["Bound", true], ["Unbound", false]],
    );
    const { data } = await supabase(() => next.access_token)
      .schema("latchkey").from("sessions").select("device_name,bound")
      .order("device_name");
    assertEquals(data, [
      { device_name: "Bound", bound: true },
      { device_name: "Unbound", bound: false },
    ]);

    // A later proof does not bind: a thief with a copy could lock the owner out.
    const proved = expectOk<Session>(
      await api.refresh(legacy.refresh_token, await other.header()),
    );
    expectOk(await api.refresh(proved.refresh_token));
    // Signing out works without the key.
    const answer = await api.form("revoke", { token: next.refresh_token });
    assertEquals(answer.status, 200);
    assertEquals((await api.profile(next)).body.code, "token_revoked");
  });

  Deno.test(`dpop: a copied token is worth nothing without the key, ${way}`, async () => {
    const own = await newUser();
    await withDatabase(stack.dbUrl, async (sql) => {
      const session = await api.login(own, "", await key.header("login"));
      const { refresh_token, session_id } = session;
      const before = await rowOf(sql, session_id);
      const copies = [
        await api.refresh(refresh_token),
        await api.refresh(refresh_token, await other.header()),
        // Not even an old one, which without the key would look like theft.
        ...await Promise.all(
          Array.from({ length: 20 }, () => api.refresh(refresh_token)),
        ),
      ];
      for (const answer of copies) assertEquals(seen(answer), INVALID);
      assertEquals(await rowOf(sql, session_id), before);
      assertEquals(await eventsOf(sql, session_id), ["authn_proof_refused"]);

      // The owner sees it.
      const { data } = await supabase(() => session.access_token)
        .schema("latchkey").from("session_events")
        .select("event,session_id").eq("event", "authn_proof_refused");
      assertEquals(data, [{ event: "authn_proof_refused", session_id }]);

      // A minute later it is told again.
      await sql`
        update latchkey.session_events
        set created_at = created_at - interval '61 seconds'
        where session_id = ${session_id}`;
      await api.refresh(refresh_token);
      await api.refresh(refresh_token);
      assertEquals((await eventsOf(sql, session_id)).length, 2);

      // The owner's client goes on.
      const next = expectOk<Session>(
        await api.refresh(refresh_token, await key.header()),
      );
      // Copies of replaced tokens end nothing either.
      await api.refresh(refresh_token);
      await api.refresh(refresh_token, await other.header());
      const third = expectOk<Session>(
        await api.refresh(next.refresh_token, await key.header()),
      );
      assertEquals(seen(await api.refresh(refresh_token)), INVALID);
      expectOk(await api.refresh(third.refresh_token, await key.header()));
    });
  });

  Deno.test(`dpop: a captured refresh, sent again, gives and ends nothing, ${way}`, async () => {
    await withDatabase(stack.dbUrl, async (sql) => {
      const { refresh_token, session_id } = await bound(sql);
      const captured: [string, string, Record<string, string>][] = [];
      const send = async (
        name: string,
        token: string,
        headers: Record<string, string>,
      ) => {
        captured.push([name, token, headers]);
        return expectOk<Session>(await api.refresh(token, headers))
          .refresh_token;
      };
      const sendAll = async () => {
        const before = await rowOf(sql, session_id);
        for (const [name, token, headers] of captured) {
          const answer = await api.refresh(token, headers);
          const { code } = answer.body;
          assertEquals(answer.status, 400, name);
          assert(["invalid_dpop_proof", "use_dpop_nonce"].includes(code), name);
        }
        assertEquals(await rowOf(sql, session_id), before);
      };
      const second = await send("rotated", refresh_token, await key.header());
      await sendAll();
      await send("repeated", refresh_token, await key.header());
      await sendAll();
      const third = await send("rotated", second, await key.header());
      await sendAll();
      const fourth = await send(
        "rotated, with a nonce",
        third,
        await key.header("refresh", { nonce: nonces.issue() }),
      );
      await sendAll();
      await send("repeated again", third, await key.header());
      await sendAll();
      // Nor does a proof help with another token, while it is not yet old.
      for (const [name, _, headers] of captured) {
        assertEquals(seen(await api.refresh(fourth, headers)), INVALID, name);
      }
      assertEquals(await eventsOf(sql, session_id), []);
      expectOk(await api.refresh(fourth, await key.header()));
    });
  });

  Deno.test(`dpop: a captured sign-in, sent again, gives nothing, ${way}`, async () => {
    await withDatabase(stack.dbUrl, async (sql) => {
      const { email, password, id } = await newUser();
      const login = { email, password };
      const proof = await key.header("login");
      const session = expectOk<Session>(await api.post("login", login, proof));
      assertEquals(seen(await api.post("login", login, proof)), INVALID);
      const [{ sessions }] = await sql<[{ sessions: number }]>`
        select count(*)::integer as sessions from auth.sessions
        where user_id = ${id}`;
      // The one of the sign-up is Supabase Auth's own.
      assertEquals(sessions, 2);

      const adopted = await authSession();
      const headers = {
        ...bearer(adopted),
        ...await key.header("login", {
          ath: await hashOf(adopted.access_token),
        }),
      };
      const first = expectOk<Session>(await api.post("login", {}, headers));
      assertEquals(seen(await api.post("login", {}, headers)), INVALID);
      // One proof is for one request, also of another kind or another session.
      assertEquals(
        seen(
          await api.post("login", {}, {
            ...bearer(await authSession()),
            ...proof,
          }),
        ),
        INVALID,
      );
      for (const { refresh_token } of [session, first]) {
        expectOk(await api.refresh(refresh_token, await key.header()));
      }
    });
  });

  Deno.test(`dpop: a client whose clock is wrong uses the server's nonce, ${way}`, async () => {
    for (const hours of [-9, 9]) {
      const iat = now() + hours * 3600;
      const { email, password } = await newUser();
      const login = async (changes: Record<string, unknown>) =>
        await api.post(
          "login",
          { email, password },
          await key.header("login", changes),
        );
      const nonce = nonceIn(await login({ iat }));
      const session = expectOk<Session>(await login({ iat, nonce }));
      const refresh = async (changes: Record<string, unknown>) =>
        await api.refresh(
          session.refresh_token,
          await key.header("refresh", changes),
        );
      const next = nonceIn(await refresh({ iat }));
      expectOk(await refresh({ iat, nonce: next }));
      // It serves for several requests, until it is too old.
      expectOk(await refresh({ iat, nonce: next }));
    }
  });

  Deno.test(`dpop: a lost answer is repeated weeks later, ${way}`, async () => {
    await withDatabase(stack.dbUrl, async (sql) => {
      const { refresh_token, session_id } = await bound(sql);
      const lost = expectOk<Session>(
        await api.refresh(refresh_token, await key.header()),
      );
      await sql`
        update latchkey.refresh_tokens
        set rotated_at = rotated_at - interval '3 weeks',
          idle_expires_at = idle_expires_at - interval '3 weeks'
        where session_id = ${session_id}`;
      const repeated = expectOk<Session>(
        await api.refresh(refresh_token, await key.header()),
      );
      assertEquals(repeated.refresh_token, lost.refresh_token);
      // Without the key it is still nothing.
      assertEquals(seen(await api.refresh(refresh_token)), INVALID);
      expectOk(await api.refresh(lost.refresh_token, await key.header()));
    });
  });

  Deno.test(`dpop: two generations behind is reuse, with a new nonce only, ${way}`, async () => {
    await withDatabase(stack.dbUrl, async (sql) => {
      const { refresh_token, session_id } = await bound(sql);
      const another = await bound(sql);
      const rotate = async (token: string) =>
        expectOk<Session>(await api.refresh(token, await key.header()))
          .refresh_token;
      const old = async (nonce?: string) =>
        await api.refresh(
          refresh_token,
          await key.header("refresh", { nonce }),
        );
      let newest = await rotate(await rotate(refresh_token));
      const nonce = nonceIn(await old());
      // Neither a nonce for any request nor one from before the last rotation.
      nonceIn(await old(nonces.issue()));
      newest = await rotate(newest);
      const fresh = nonceIn(await old(nonce));
      assertNotEquals(fresh, nonce);
      // It is of no use to another session.
      nonceIn(
        await api.refresh(
          another.refresh_token,
          await key.header("refresh", { nonce: fresh }),
        ),
      );
      assertEquals(await eventsOf(sql, session_id), []);
      // Only the key's holder can end the session this way.
      const copy = await other.header("refresh", { nonce: fresh });
      assertEquals(seen(await api.refresh(refresh_token, copy)), INVALID);

      // Within the reuse interval it may be a request that was overtaken.
      nonceIn(await old(fresh));
      await sql`
        update latchkey.refresh_tokens set rotated_at = now() - interval '11 seconds'
        where session_id = ${session_id}`;
      const reused = await old(fresh);
      assertEquals([reused.status, reused.body.code], [
        400,
        "refresh_token_reused",
      ]);
      const { body } = await api.refresh(newest, await key.header());
      assertEquals([body.code, body.reason], ["token_revoked", "reuse"]);
    });
  });

  Deno.test(`dpop: a bound session is adopted again with the same key only, ${way}`, async () => {
    const session = await authSession();
    const adopt = async (proofKey?: ProofKey) =>
      await api.post("login", {}, {
        ...bearer(session),
        ...await proofKey?.header("login"),
      });
    const first = expectOk<Session>(await adopt(key));
    const again = expectOk<Session>(await adopt(key));
    assertEquals(again.refresh_token, first.refresh_token);
    for (const proofKey of [undefined, other]) {
      const answer = await adopt(proofKey);
      assertEquals([answer.status, answer.body.code], [400, "invalid_request"]);
    }
    expectOk(await api.refresh(first.refresh_token, await key.header()));

    // An unbound one stays unbound.
    const unbound = await authSession();
    const plain = expectOk<Session>(
      await api.post("login", {}, bearer(unbound)),
    );
    const proved = expectOk<Session>(
      await api.post("login", {}, {
        ...bearer(unbound),
        ...await key.header("login"),
      }),
    );
    assertEquals(proved.refresh_token, plain.refresh_token);
    expectOk(await api.refresh(plain.refresh_token));
  });

  Deno.test(`dpop: cookie mode, ${way}`, async () => {
    const MODE = {
      "Latchkey-Mode": "cookie",
      "Origin": "http://127.0.0.1:1001",
    };
    const { email, password } = await newUser();
    const cookieOf = (answer: Answer) =>
      answer.headers.get("Set-Cookie")!.split(";")[0]!;
    const login = await api.post("login", { email, password }, {
      ...MODE,
      ...await key.header("login"),
    });
    const { access_token } = expectOk<Session>(login);
    const refresh = async (headers: Record<string, string>) =>
      await api.post("refresh", {}, {
        ...MODE,
        Cookie: cookieOf(login),
        ...headers,
      });
    for (const headers of [{}, await other.header()]) {
      const answer = await refresh(headers);
      assertEquals(seen(answer), INVALID);
      assertEquals(answer.headers.get("Set-Cookie"), null);
    }
    const stale = await refresh(await key.header("refresh", { iat: 0 }));
    assert(
      stale.headers.get("Access-Control-Expose-Headers")!
        .split(", ").includes("DPoP-Nonce"),
    );
    expectOk(
      await refresh(await key.header("refresh", { nonce: nonceIn(stale) })),
    );
    // With an access token beside the cookie, ath is that token's hash.
    const ath = await hashOf(access_token);
    expectOk(
      await refresh({
        ...bearer({ access_token }),
        ...await key.header("refresh", { ath }),
      }),
    );
    const preflight = await api.send("refresh", { method: "OPTIONS" });
    assert(
      preflight.headers.get("Access-Control-Allow-Headers")!
        .split(", ").includes("DPoP"),
    );
  });

  Deno.test(`dpop: require_proof refuses new sessions without one, ${way}`, async () => {
    const { email, password, id } = await newUser();
    const before = await api.login({ id, email, password });
    const auth = await authSession();
    await withSettings({ require_proof: true }, async (sql) => {
      const sessions = async () => {
        const [row] = await sql`
          select count(*)::integer as count from auth.sessions
          where user_id = ${id}`;
        return row!.count;
      };
      const count = await sessions();
      for (
        const answer of [
          await api.post("login", { email, password }),
          await api.post("login", {}, bearer(auth)),
        ]
      ) {
        assertEquals(seen(answer), INVALID);
        assert(answer.body.error_description.includes("project requires"));
      }
      assertEquals(await sessions(), count);
      expectOk(await api.refresh(before.refresh_token));
      await api.login({ id, email, password }, "", await key.header("login"));
      const adopted = expectOk<Session>(
        await api.post("login", {}, {
          ...bearer(auth),
          ...await key.header("login"),
        }),
      );
      expectOk(await api.refresh(adopted.refresh_token, await key.header()));
    });
  });
}

Deno.test("dpop: of fifty requests with one proof, one gets tokens", async () => {
  await withDatabase(stack.dbUrl, async (sql) => {
    const session = await quickSession(sql, user, key);
    const { seed } = refreshTokens.read(session.refresh_token)!;
    const refresh = async (generation: number, proofId: string) => {
      const [result] = await sql`
        select outcome from latchkey.refresh(
          ${session.session_id}, ${generation},
          ${hashSeed(seed)}::text::bytea, null, null,
          proof_jkt => ${key.jkt}::text::bytea,
          proof_id => ${proofId}::text::bytea)`;
      return result!.outcome;
    };
    // Open all connections before the first round.
    await atOnce(() => sql`select pg_sleep(0.05)`);
    for (let round = 0; round < 50; round++) {
      for (const outcome of ["rotated", "repeated"]) {
        const captured = newProofId();
        assertEquals(count(await atOnce(() => refresh(round, captured))), {
          [outcome]: 1,
          replayed: AT_ONCE - 1,
        });
      }
    }
  }, AT_ONCE);
  const api = new Api(WAYS["over a connection"]);
  const { email, password } = await newUser();
  const captured = await key.header("login");
  const logins = await Promise.all(
    Array.from(
      { length: 5 },
      () => api.post("login", { email, password }, captured),
    ),
  );
  assertEquals(count(logins.map(({ body }) => body.code ?? "ok")), {
    invalid_dpop_proof: 4,
    ok: 1,
  });
});

Deno.test("dpop: refused proofs at the same time are one event", async () => {
  await withDatabase(stack.dbUrl, async (sql) => {
    const session = await quickSession(sql, user, key);
    const { seed } = refreshTokens.read(session.refresh_token)!;
    const refuse = async (queries: Queries) => {
      const [result] = await queries`
        select outcome from latchkey.refresh(
          ${session.session_id}, 0, ${hashSeed(seed)}::text::bytea, null,
          '192.0.2.66')`;
      assertEquals(result!.outcome, "proof_required");
    };
    // The others do not see the event of the first, which is not yet committed.
    await sql.begin(async (first) => {
      await refuse(first);
      await atOnce(() => refuse(sql));
    });
    const events = await sql`
      select host(actor_ip) as ip from latchkey.session_events
      where session_id = ${session.session_id}
        and event = 'authn_proof_refused'`;
    assertEquals(events.map(({ ip }) => ip), ["192.0.2.66"]);
  }, AT_ONCE + 1);
});

Deno.test("dpop: sign-ins through the app's own server count for the browser's address", async () => {
  const server = await ProofKey.create(key.functionsUrl);
  const { functions } = await readConfig(root);
  const lines: string[] = [];
  const running = await startFunctions({
    projectRoot: root,
    functions,
    env: {
      ...functionsEnvironment({
        apiUrl: stack.apiUrl,
        databaseUrl: stack.dbUrl,
        keys: stack.keys,
      }),
      LATCHKEY_SERVER_THUMBPRINTS: server.thumbprint,
    },
    onLog: (line) => lines.push(line),
  });
  const api = new Api(running.url);
  const client_ip = "198.51.100.77";
  const client_user_agent = "Mozilla/5.0 (X11; Linux) Fïrefox/140.0";
  const vouched = { client_ip, client_user_agent };
  const own = await newUser();
  try {
    await withDatabase(stack.dbUrl, async (sql) => {
      const failuresOf = async (address: string) => {
        const [row] = await sql`
          select a.failures from latchkey.login_attempts a
          where a.key_hash = latchkey.attempt_key('address', ${address})`;
        return row?.failures ?? 0;
      };
      const guess = async (proofKey: ProofKey) => {
        const answer = await api.post("login", {
          email: own.email,
          password: "wrong",
        }, {
          ...await proofKey.header("login", vouched),
          "X-Forwarded-For": "203.0.113.1",
        });
        assertEquals(answer.body.code, "invalid_credentials");
      };
      // Only the listed key is believed.
      await guess(key);
      assertEquals(await failuresOf(client_ip), 0);
      await guess(server);
      assertEquals(await failuresOf(client_ip), 1);

      const session = await api.login(
        own,
        "",
        await server.header("login", vouched),
      );
      const row = await rowOf(sql, session.session_id);
      assertEquals([row.ip, row.user_agent], [
        client_ip,
        "Mozilla/5.0 (X11; Linux) F?refox/140.0",
      ]);
      const stolen = await api.refresh(
        session.refresh_token,
        await key.header("refresh", { client_ip: "192.0.2.66" }),
      );
      assertEquals(seen(stolen), INVALID);
      const next = expectOk<Session>(
        await api.refresh(
          session.refresh_token,
          await server.header("refresh", { client_ip: "198.51.100.78" }),
        ),
      );
      const malformed = await api.refresh(
        next.refresh_token,
        await server.header("refresh", { client_ip: "localhost" }),
      );
      assertEquals(seen(malformed), INVALID);
    });
  } finally {
    await running.close();
  }
  const ips = lines.flatMap((line) => {
    const [, json] = /(\{.*\})/.exec(line) ?? [];
    const { outcome, ip } = JSON.parse(json ?? "{}");
    return outcome === "ok" ? [ip] : [];
  });
  assertEquals(ips, [client_ip, "198.51.100.78"]);
});

async function hashOf(accessToken: string): Promise<string> {
  return base64url.encode(
    new Uint8Array(
      await crypto.subtle.digest(
        "SHA-256",
        new TextEncoder().encode(accessToken),
      ),
    ),
  );
}
