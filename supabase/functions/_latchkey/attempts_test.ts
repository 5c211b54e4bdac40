import { assertEquals, assertInstanceOf } from "@std/assert";
import { accountKey, settleAttempt, takeAttempt } from "./attempts.ts";
import type { Code } from "./outcomes.ts";
import { Refusal } from "./outcomes.ts";
import { testContext } from "./testing.ts";

const attempter = { account: "ann@example.com", address: null };

for (
  const [name, spellings] of [
    ["an e-mail address", ["Ann.Kim@x.org", "ann.kim@x.org", "ANN.KİM@X.ORG"]],
    ["the Kelvin sign", ["ann.kim@x.org", "ann.\u212aim@x.org"]],
    ["a Greek word", ["ΌΔΟΣ@x.org", "όδοσ@x.org"]],
  ] as const
) {
  Deno.test(`accountKey() gives every spelling of ${name} one key, as Auth does`, () => {
    assertEquals(
      new Set(spellings.map((email) => accountKey({ email }))).size,
      1,
    );
  });
}

Deno.test("accountKey() writes a phone number as Auth does", () => {
  const key = (phone: string) => accountKey({ phone });
  assertEquals(key("+1 555 123 4567"), "15551234567");
  assertEquals(key("15551234567"), "15551234567");
});

Deno.test("takeAttempt() refuses with the seconds to wait", async () => {
  const { database } = await testContext(() => 64);
  const refusal = await takeAttempt(database, attempter);
  assertInstanceOf(refusal, Refusal);
  assertEquals(refusal!.code, "too_many_requests");
  assertEquals(refusal!.details.retryAfter, 64);
});

Deno.test("takeAttempt() refuses an attempt that cannot be counted", async () => {
  const { database } = await testContext(() =>
    new Refusal("database_unavailable")
  );
  const refusal = await takeAttempt(database, attempter);
  assertEquals((refusal as Refusal).code, "database_unavailable");
});

for (
  const [refused, settled] of [
    [undefined, true],
    ["email_not_confirmed", true],
    ["auth_unavailable", false],
    ["too_many_requests", false],
    ["invalid_request", false],
    ["invalid_credentials", undefined],
    ["user_banned", undefined],
  ] as [Code | undefined, boolean | undefined][]
) {
  Deno.test(`settleAttempt() after ${refused ?? "a success"} says ${settled ?? "nothing"}`, async () => {
    const told: unknown[] = [];
    const { database } = await testContext((_, args) => told.push(args));
    await settleAttempt(database, attempter, refused);
    assertEquals(
      told,
      settled === undefined ? [] : [{ ...attempter, succeeded: settled }],
    );
  });
}
