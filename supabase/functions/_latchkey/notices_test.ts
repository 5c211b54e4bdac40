import { assertEquals } from "@std/assert";
import { deliverInBackground, deliverNotices } from "./notices.ts";
import { Refusal } from "./outcomes.ts";
import { testContext } from "./testing.ts";

Deno.test("deliverNotices() sends nothing that receivers could not verify", async () => {
  const context = await testContext();
  const outcome = await deliverNotices({
    ...context,
    environment: {
      ...context.environment,
      signingKey: { kty: "oct", k: "A".repeat(43), alg: "HS256", kid: "test" },
    },
  });
  assertEquals(outcome instanceof Refusal && outcome.code, "invalid_request");
  assertEquals(context.calls, []);
});

Deno.test("deliverInBackground() reads the outbox once while there are no receivers", async () => {
  const context = await testContext(() => null);
  assertEquals(await deliverNotices(context), {
    delivered: 0,
    refused: 0,
    failed: 0,
  });
  deliverInBackground(context);
  assertEquals(context.calls, ["take_notices"]);

  const busy = await testContext(() => []);
  await deliverNotices(busy);
  deliverInBackground(busy);
  assertEquals(busy.calls, ["take_notices", "take_notices"]);
});

Deno.test("deliverNotices() does not call a receiver without https and a public name, and says why", async () => {
  const settled: unknown[] = [];
  let taken = false;
  const context = await testContext((name, args) => {
    if (name === "settle_notice") {
      settled.push(args);
      return "failed";
    }
    if (taken) return [];
    taken = true;
    return [{
      id: "1",
      receiver_id: "2",
      url: "https://169.254.169.254/latest",
      audience: "shop",
    }];
  });
  const { fetch } = globalThis;
  globalThis.fetch = () => {
    throw new Error("A receiver was called");
  };
  try {
    await deliverNotices(context);
  } finally {
    globalThis.fetch = fetch;
  }
  assertEquals(settled, [{
    id: "1",
    outcome: "failed",
    answer: "not https to a public host name",
  }]);
});
