import { assertEquals } from "@std/assert";
import { deliverInBackground, deliverNotices } from "./notices.ts";
import { Refusal } from "./outcomes.ts";
import { testContext } from "./testing.ts";

Deno.test("no notice is sent that nobody else could verify", async () => {
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

Deno.test("where there is nobody to tell, a revocation asks once", async () => {
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
