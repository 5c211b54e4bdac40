import { assertEquals, assertInstanceOf } from "@std/assert";
import {
  bearerToken,
  isAdministrator,
  refuseSecretInUrl,
} from "./credentials.ts";
import { Refusal } from "./outcomes.ts";
import { testContext } from "./testing.ts";

const authorization = (value: string) =>
  new Request("http://x/", { headers: { Authorization: value } });

Deno.test("bearerToken() takes the scheme in any case", () => {
  for (const scheme of ["Bearer", "bearer", "BEARER", "bEaReR"]) {
    assertEquals(
      bearerToken(authorization(`${scheme} abc.def.ghi`)),
      "abc.def.ghi",
    );
  }
});

Deno.test("bearerToken() counts no header, another scheme and an API key as no token", () => {
  assertEquals(bearerToken(authorization("Basic YTpi")), undefined);
  assertEquals(bearerToken(new Request("http://x/")), undefined);
  assertEquals(
    bearerToken(authorization("Bearer sb_publishable_x")),
    undefined,
  );
});

for (
  const value of [
    "Bearer",
    "Bearer a b",
    "Bearer a, Bearer b",
  ]
) {
  Deno.test(`bearerToken() refuses "${value}"`, () => {
    assertInstanceOf(bearerToken(authorization(value)), Refusal);
  });
}

Deno.test("isAdministrator() takes the project's secret key only", async () => {
  const { environment } = await testContext();
  const ask = (apikey: string) =>
    isAdministrator(
      new Request("http://x/", { headers: { apikey } }),
      environment,
    );
  assertEquals(ask("sb_secret_test"), true);
  assertEquals(ask("sb_publishable_test"), false);
});

for (
  const [query, isRefused] of Object.entries({
    "?Token=x": true,
    "?token[]=x": true,
    "?a[token]=x": true,
    "?user.token=x": true,
    "?refreshToken=x": true,
    "?access-token=x": true,
    "?a=%6ckr_x": true,
    "?a=lkw_x": true,
    "?user_id=x": false,
    "?tokens_per_page=x": false,
    "?tokenize=x": false,
    "?country_code=x": false,
  })
) {
  Deno.test(`refuseSecretInUrl() ${isRefused ? "refuses" : "accepts"} ${query}`, () => {
    const refusal = refuseSecretInUrl(new Request(`http://x/profile${query}`));
    assertEquals(refusal instanceof Refusal, isRefused);
  });
}

Deno.test("bearerToken() takes what is also the apikey for a token, unless it is a legacy API key", () => {
  const sent = (token: string) =>
    bearerToken(
      new Request("http://x/", {
        headers: { Authorization: `Bearer ${token}`, apikey: token },
      }),
    );
  const jwt = (claims: unknown) => `e30.${btoa(JSON.stringify(claims))}.x`;
  for (const role of ["anon", "service_role"]) {
    assertEquals(sent(jwt({ iss: "supabase", role })), undefined);
  }
  for (const token of ["garbage", jwt({ role: "authenticated" })]) {
    assertEquals(sent(token), token);
  }
});
