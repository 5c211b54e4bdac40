import { assertEquals, assertInstanceOf } from "@std/assert";
import { bearerToken, isAdministrator } from "./credentials.ts";
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
