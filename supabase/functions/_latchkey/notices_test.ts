import { assert, assertEquals } from "@std/assert";
import { deliverInBackground, deliverNotices } from "./notices.ts";
import type { Environment } from "./environment.ts";
import type { Notice } from "./notice.ts";
import { testContext } from "./testing.ts";

/** One event for one receiver. */
const NOTICE: Notice = {
  id: "1",
  receiver_id: "2",
  url: "http://127.0.0.1:1/events",
  format: "caep",
  audience: "shop",
  secrets: [],
  payload: {
    type: "session.revoked",
    timestamp: "2026-11-25T12:00:00.000000Z",
    data: { session_id: "3", user_id: "4" },
  },
};

/** Delivers one notice, while no receiver may be called, and returns its outcome. */
async function deliverWithoutCall(
  notice: Notice,
  environment?: Environment,
) {
  const settled: Record<string, unknown>[] = [];
  let taken = false;
  const context = await testContext((name, args) => {
    if (name === "settle_notice") {
      settled.push(args as Record<string, unknown>);
      return "failed";
    }
    if (taken) return [];
    taken = true;
    return [notice];
  });
  const { fetch } = globalThis;
  globalThis.fetch = () => {
    throw new Error("A receiver was called");
  };
  try {
    const deliveries = await deliverNotices({
      ...context,
      environment: environment ?? context.environment,
    });
    assertEquals(deliveries, { delivered: 0, refused: 0, failed: 1 });
  } finally {
    globalThis.fetch = fetch;
  }
  assertEquals(settled.length, 1);
  return settled[0]!;
}

Deno.test("deliverNotices() sends no Security Event Token that receivers could not verify, and says why", async () => {
  const { environment } = await testContext();
  const { outcome, answer } = await deliverWithoutCall(NOTICE, {
    ...environment,
    signingKey: { kty: "oct", k: "A".repeat(43), alg: "HS256", kid: "test" },
  });
  assertEquals(outcome, "failed");
  assert(/shared secret/.test(answer as string), `${answer}`);
  assert(
    (answer as string).length <= 200,
    "latchkey.outbox keeps 200 characters",
  );
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
  assertEquals(
    await deliverWithoutCall({
      ...NOTICE,
      url: "https://169.254.169.254/latest",
    }),
    {
      id: "1",
      outcome: "failed",
      answer: "not https to a public host name",
      pause_seconds: null,
    },
  );
});

for (
  const [status, sent, behaviour] of [
    [200, 1, "leaves the other events of a slow receiver to the next delivery"],
    [500, 2, "sends the other events although the first failed slowly"],
  ] as const
) {
  Deno.test(`deliverNotices() ${behaviour}`, async () => {
    const notices = ["1", "2"].map((id): Notice => ({
      ...NOTICE,
      id,
      format: "standard_webhooks",
      secrets: [`whsec_${btoa("x".repeat(32))}`],
    }));
    const context = await testContext((name) =>
      name === "take_notices" ? notices.splice(0) : "failed"
    );
    const { fetch } = globalThis;
    const { now } = performance;
    let posts = 0;
    globalThis.fetch = () => {
      const slow = now.call(performance) + 14_000;
      performance.now = () => slow;
      posts++;
      return Promise.resolve(new Response(null, { status }));
    };
    try {
      await deliverNotices(context);
    } finally {
      globalThis.fetch = fetch;
      performance.now = now;
    }
    assertEquals(posts, sent);
  });
}
