import { assertEquals } from "@std/assert";
import { Refusal } from "./outcomes.ts";
import { toResponse } from "./response.ts";

function challengeOf(refusal: Refusal): string | null {
  return toResponse(refusal).headers.get("WWW-Authenticate");
}

Deno.test("toResponse(): a 401 has a challenge, without an error where no token was sent", () => {
  assertEquals(challengeOf(new Refusal("missing_token")), "Bearer");
  assertEquals(
    challengeOf(
      new Refusal("invalid_jwt_claims", { description: 'The "aud" \\ é' }),
    ),
    `Bearer error="invalid_token", error_description="The 'aud' ' '"`,
  );
});

Deno.test("toResponse(): a 503 and a 429 say when to retry", () => {
  const retryAfter = (refusal: Refusal) => {
    const { status, headers } = toResponse(refusal);
    return [status, headers.get("Retry-After")];
  };
  assertEquals(retryAfter(new Refusal("auth_unavailable")), [503, "1"]);
  assertEquals(retryAfter(new Refusal("database_unavailable")), [503, "1"]);
  assertEquals(
    retryAfter(new Refusal("too_many_requests", { retryAfter: 64 })),
    [429, "64"],
  );
});

Deno.test("toResponse(): a revoked session is 401, and 400 invalid_grant for a refresh token", async () => {
  const answer = async (grant: boolean) => {
    const response = toResponse(new Refusal("token_revoked", { grant }));
    return [response.status, (await response.json()).error];
  };
  assertEquals(await answer(false), [401, "invalid_token"]);
  assertEquals(await answer(true), [400, "invalid_grant"]);
});

Deno.test("toResponse(): the cause of a wrong setting stays in the log", async () => {
  const response = toResponse(
    new Refusal("server_misconfigured", { cause: "hush-hush" }),
  );
  assertEquals(response.status, 500);
  assertEquals((await response.text()).includes("hush-hush"), false);
});
