/**
 * Cookie mode, with requests as a browser sends them: the cookie's attributes,
 * which origins may use it, and that a lost race does not remove it.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { decodeJwt } from "jose";
import {
  accessTokens,
  type Answer,
  Api,
  bearer,
  expectOk,
  newUser,
  type Session,
  stack,
  type User,
  WAYS,
} from "../harness.ts";

const ORIGIN = "http://127.0.0.1:1001";
const MODE = { "Latchkey-Mode": "cookie", Origin: ORIGIN };
const ATTRIBUTES =
  /^__Host-latchkey=(lkr_[\w-]+); Path=\/; Max-Age=34560000; HttpOnly; Secure; SameSite=Strict$/;
const CLEARED =
  "__Host-latchkey=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict";

/** The Cookie header that a browser sends after a Set-Cookie header. */
function cookie(answer: Answer): string {
  const header = answer.headers.get("Set-Cookie") ?? "";
  assertMatch(header, ATTRIBUTES);
  assert(header.length <= 4096);
  return header.split(";")[0]!;
}

async function login(api: Api, { email, password }: User): Promise<Answer> {
  const answer = await api.post("login", { email, password }, MODE);
  expectOk(answer);
  return answer;
}

function refresh(
  api: Api,
  Cookie: string,
  body: unknown = {},
): Promise<Answer> {
  return api.post("refresh", body, { ...MODE, Cookie });
}

for (const [way, url] of Object.entries(WAYS)) {
  const api = new Api(url);

  Deno.test(`cookie: holds the refresh token, and no body does, ${way}`, async () => {
    const first = await login(api, await newUser());
    const session: Session = first.body;
    assert(!JSON.stringify(first.body).includes("lkr_"));
    assertEquals(session.refresh_token, undefined);
    expectOk(await api.profile(session));

    const second = await refresh(api, cookie(first));
    expectOk(second);
    assert(!JSON.stringify(second.body).includes("lkr_"));
    assertEquals(second.body.session_id, session.session_id);
    assert(cookie(second) !== cookie(first));

    // The loser of a race gets the winner's cookie.
    const third = await refresh(api, cookie(first));
    expectOk(third);
    assertEquals(cookie(third), cookie(second));
    assertEquals(
      second.headers.get("Access-Control-Allow-Origin"),
      ORIGIN,
    );
    assertEquals(
      second.headers.get("Access-Control-Allow-Credentials"),
      "true",
    );
  });

  Deno.test(`cookie: of two, the newest of the session counts, ${way}`, async () => {
    const user = await newUser();
    const old = cookie(await login(api, user));
    const other = cookie(await login(api, user));
    const current = cookie(await refresh(api, old));
    for (
      const [cookies, id] of [
        [`${old}; ${current}`, undefined],
        [`${current}; ${old}`, undefined],
        [`a=b; __Host-latchkey=forged; ${current}; c`, undefined],
        [`${other}; ${current}`, "named"],
      ] as const
    ) {
      const session_id = id &&
        expectOk<Session>(await refresh(api, current)).session_id;
      const answer = await refresh(api, cookies, { session_id });
      expectOk(answer);
    }
    // No session ended.
    expectOk(await refresh(api, other));
  });

  Deno.test(`cookie: a refused refresh does not change it, ${way}`, async () => {
    const first = await login(api, await newUser());
    const session: Session = first.body;
    for (
      const [Cookie, body, code] of [
        ["", {}, "invalid_refresh_token"],
        ["__Host-latchkey=forged", {}, "invalid_refresh_token"],
        [
          cookie(first),
          { session_id: crypto.randomUUID() },
          "invalid_refresh_token",
        ],
        [cookie(first), { refresh_token: "lkr_" }, "invalid_request"],
      ] as const
    ) {
      const answer = await refresh(api, Cookie, body);
      assertEquals([answer.status, answer.body.code], [400, code]);
      assertEquals(answer.headers.get("Set-Cookie"), null);
    }
    expectOk(await api.profile(session));
  });

  Deno.test(`cookie: is ignored without the header Latchkey-Mode, ${way}`, async () => {
    const first = await login(api, await newUser());
    const Cookie = cookie(first);
    const session: Session = first.body;
    const plain: Record<string, string>[] = [
      { Cookie },
      { Cookie, Origin: ORIGIN },
      { Cookie, "Latchkey-Mode": "body" },
    ];
    for (const headers of plain) {
      const json = { "Content-Type": "application/json", ...headers };
      for (
        const init of [
          { headers: json, body: "{}" },
          {
            headers,
            body: new URLSearchParams({ grant_type: "refresh_token" }),
          },
        ]
      ) {
        const answer = await api.send("refresh", { method: "POST", ...init });
        assertEquals(answer.body.code, "invalid_request");
        assertEquals(answer.headers.get("Set-Cookie"), null);
      }
      const answer = await api.send("revoke", {
        method: "POST",
        headers: json,
        body: '{"scope":"local"}',
      });
      assertEquals(answer.body.code, "missing_token");
    }
    expectOk(await api.profile(session));
  });

  Deno.test(`cookie: no other origin can use it, ${way}`, async () => {
    const user = await newUser();
    const first = await login(api, user);
    const Cookie = cookie(first);
    const strangers: Record<string, string>[] = [
      { Origin: "https://evil.example" },
      { Origin: "null" },
      { Origin: `${ORIGIN}.evil.example` },
      {},
      { Origin: ORIGIN, "Sec-Fetch-Mode": "navigate" },
      { Origin: ORIGIN, "Sec-Fetch-Mode": "no-cors" },
    ];
    for (const stranger of strangers) {
      const headers = { Cookie, "Latchkey-Mode": "cookie", ...stranger };
      for (
        const [name, body] of [
          ["refresh", {}],
          ["revoke", { scope: "local" }],
          ["login", { email: user.email, password: user.password }],
        ] as const
      ) {
        const answer = await api.post(name, body, headers);
        assertEquals([answer.status, answer.body.code], [403, "forbidden"]);
        assertEquals(answer.headers.get("Set-Cookie"), null);
      }
      if (stranger.Origin !== ORIGIN) {
        const preflight = await api.send("refresh", {
          method: "OPTIONS",
          headers: stranger,
        });
        assertEquals(
          preflight.headers.get("Access-Control-Allow-Credentials"),
          null,
        );
        assertEquals(preflight.headers.get("Vary"), "Origin");
      }
    }
    expectOk(await refresh(api, Cookie));
  });

  Deno.test(`cookie: a preflight of a listed origin allows the header and credentials, ${way}`, async () => {
    const { headers } = await api.send("refresh", {
      method: "OPTIONS",
      headers: { Origin: ORIGIN },
    });
    assertEquals(headers.get("Access-Control-Allow-Origin"), ORIGIN);
    assertEquals(headers.get("Access-Control-Allow-Credentials"), "true");
    assertMatch(
      headers.get("Access-Control-Allow-Headers") ?? "",
      /latchkey-mode/i,
    );
  });

  Deno.test(`cookie: signing out removes the cookie of that session only, ${way}`, async () => {
    const user = await newUser();
    const [one, two, three] = [
      await login(api, user),
      await login(api, user),
      await login(api, user),
    ];
    // With the access token, while the cookie already belongs to another session.
    const mixed = await api.post("revoke", { scope: "local" }, {
      ...MODE,
      ...bearer(one.body),
      Cookie: cookie(two),
    });
    assertEquals(expectOk(mixed), { revoked: 1 });
    assertEquals(mixed.headers.get("Set-Cookie"), null);
    expectOk(await refresh(api, cookie(two)));

    // With the cookie alone.
    const own = await api.post("revoke", { scope: "local" }, {
      ...MODE,
      Cookie: cookie(two),
    });
    assertEquals(expectOk(own), { revoked: 1 });
    assertEquals(own.headers.get("Set-Cookie"), CLEARED);
    assertEquals((await refresh(api, cookie(two))).body.code, "token_revoked");

    // With the cookie alone, and only if it belongs to that session.
    const four = await login(api, user);
    const session_id = four.body.session_id;
    const wrong = await api.post("revoke", { session_id }, {
      ...MODE,
      Cookie: cookie(three),
    });
    assertEquals(wrong.body.code, "missing_token");
    assertEquals(wrong.headers.get("Set-Cookie"), null);
    const right = await api.post("revoke", { session_id }, {
      ...MODE,
      Cookie: `${cookie(three)}; ${cookie(four)}`,
    });
    assertEquals(expectOk(right), { revoked: 1 });
    assertEquals(right.headers.get("Set-Cookie"), CLEARED);
    expectOk(await refresh(api, cookie(three)));

    // Ending other sessions needs an access token.
    const others = await api.post("revoke", { scope: "global" }, {
      ...MODE,
      Cookie: cookie(three),
    });
    assertEquals(others.body.code, "missing_token");
    const kept = await api.post("revoke", { scope: "others" }, {
      ...MODE,
      ...bearer(three.body),
      Cookie: cookie(three),
    });
    expectOk(kept);
    assertEquals(kept.headers.get("Set-Cookie"), null);
    const all = await api.post("revoke", { scope: "global" }, {
      ...MODE,
      ...bearer(three.body),
      Cookie: cookie(three),
    });
    assertEquals(expectOk(all), { revoked: 1 });
    assertEquals(all.headers.get("Set-Cookie"), CLEARED);
  });

  Deno.test(`cookie: a bad Authorization header does not fall back to it, ${way}`, async () => {
    const first = await login(api, await newUser());
    for (
      const [Authorization, code] of [
        ["Bearer not.a.token", "invalid_token"],
        ["Bearer a b", "invalid_request"],
        ["Bearer", "invalid_request"],
        [`Basic ${btoa("a:b")}`, "invalid_request"],
        [`DPoP ${first.body.access_token}`, "invalid_request"],
        [first.body.access_token, "invalid_request"],
        ["Bearer sb_secret_hush", "forbidden"],
      ] as const
    ) {
      const headers = { ...MODE, Cookie: cookie(first), Authorization };
      for (
        const [name, body] of [
          ["refresh", {}],
          ["refresh", { session_id: first.body.session_id }],
          ["revoke", { scope: "local" }],
          ["revoke", { session_id: first.body.session_id }],
        ] as const
      ) {
        const answer = await api.post(name, body, headers);
        assertEquals(answer.body.code, code, `${name} with ${Authorization}`);
        assertEquals(answer.headers.get("Set-Cookie"), null);
      }
    }
    const next = await refresh(api, cookie(first));
    assertEquals(expectOk<Session>(next).session_id, first.body.session_id);
  });

  Deno.test(`cookie: works with a valid, an expired and no access token, ${way}`, async () => {
    let answer = await login(api, await newUser());
    const { iat: _iat, exp: _exp, ...claims } = decodeJwt(
      answer.body.access_token,
    );
    const expired = await accessTokens.issue({ ...claims, exp: 1 });
    for (
      const Authorization of [
        `Bearer ${answer.body.access_token}`,
        `Bearer ${expired}`,
        `Bearer ${stack.publishableKey}`,
        "",
      ]
    ) {
      answer = await api.post("refresh", {}, {
        ...MODE,
        Cookie: cookie(answer),
        Authorization,
      });
      expectOk(answer);
    }
  });

  Deno.test(`cookie: a session id in capitals names the same session, ${way}`, async () => {
    const user = await newUser();
    const [one, other] = [await login(api, user), await login(api, user)];
    const session_id = one.body.session_id.toUpperCase();
    const Cookie = `${cookie(one)}; ${cookie(other)}`;
    const next = await refresh(api, Cookie, { session_id });
    assertEquals(expectOk<Session>(next).session_id, one.body.session_id);
    const ended = await api.post("revoke", { session_id }, {
      ...MODE,
      ...bearer(next.body),
      Cookie: cookie(next),
    });
    assertEquals(expectOk(ended), { revoked: 1 });
    assertEquals(ended.headers.get("Set-Cookie"), CLEARED);
  });
}
