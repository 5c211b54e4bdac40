/**
 * Delivers what waits in the outbox: each notice by POST to its receiver, at
 * least once. Receivers are served side by side, so that one which fails or
 * hangs delays no other.
 *
 * @see RFC 8935, push-based delivery.
 * @module
 */
import type { Database } from "./database.ts";
import type { Context } from "./endpoint.ts";
import { Refusal } from "./outcomes.ts";
import { mayReceive } from "./receiver_url.ts";
import { malformed } from "./request.ts";
import { type Notice, signSecurityEvent } from "./security_event.ts";

/** What came of the notices that were sent. */
export type Deliveries = Record<"delivered" | "refused" | "failed", number>;

/** What came of one, and the answer in a few words, for the owner to see. */
interface Delivery {
  outcome: keyof Deliveries;
  answer: string;
}

/** At once to one receiver. */
const PER_RECEIVER = 10;
const RECEIVER_MILLISECONDS = 5_000;
/** After this no more are taken; the next call goes on. */
const BUDGET_MILLISECONDS = 20_000;
const MAX_ANSWER_BYTES = 4096;

/**
 * Most projects have no receiver: then a revocation asks for notices only once
 * in this time, and a new receiver hears of the first ones when the scheduler
 * calls.
 */
const NOBODY_MILLISECONDS = 60_000;
let nobodyUntil = 0;

/**
 * Sends what is due.
 *
 * @returns How many were delivered, refused for good, and failed for now; or a
 * `database_unavailable` refusal where the outbox could not be read. Nothing is
 * sent, and `invalid_request` says so, where nobody else could verify it.
 */
export async function deliverNotices(
  context: Pick<Context, "database" | "environment">,
): Promise<Deliveries | Refusal> {
  if (context.environment.signingKey.kty === "oct") {
    return malformed(
      "This project signs with a shared secret, which receivers cannot verify: import the key that `deno task keys` makes.",
    );
  }
  const deliveries: Deliveries = { delivered: 0, refused: 0, failed: 0 };
  const end = performance.now() + BUDGET_MILLISECONDS;
  const due = await take(context.database, null);
  if (due instanceof Refusal) return due;
  const receivers = Map.groupBy(due, (notice) => notice.receiver_id);
  await Promise.all(
    [...receivers].map(async ([receiver, first]) => {
      let notices: Notice[] | Refusal = first;
      while (!(notices instanceof Refusal) && notices.length > 0) {
        const outcomes = await Promise.all(
          notices.map((notice) => deliver(context, notice)),
        );
        for (const outcome of outcomes) deliveries[outcome]++;
        // A receiver in trouble is left alone until the retry.
        const healthy = !outcomes.includes("failed");
        if (!healthy || performance.now() > end) return;
        notices = await take(context.database, receiver);
      }
    }),
  );
  return deliveries;
}

/**
 * Sends what is due without delaying an answer. What goes wrong here is made
 * good by the next scheduled delivery.
 */
export function deliverInBackground(
  context: Pick<Context, "database" | "environment">,
): void {
  if (performance.now() < nobodyUntil) return;
  const work = deliverNotices(context).catch((error) => {
    console.error(
      JSON.stringify({ notices: "not delivered", bug: (error as Error).name }),
    );
  });
  // The platform keeps the isolate until then.
  (globalThis as { EdgeRuntime?: { waitUntil(work: Promise<unknown>): void } })
    .EdgeRuntime?.waitUntil(work);
}

async function take(
  database: Database,
  receiver: string | null,
): Promise<Notice[] | Refusal> {
  const notices = await database.call("take_notices", {
    per_receiver: PER_RECEIVER,
    receiver_id: receiver,
  });
  if (notices instanceof Refusal) return notices;
  nobodyUntil = notices === null ? performance.now() + NOBODY_MILLISECONDS : 0;
  return notices as unknown as Notice[] | null ?? [];
}

async function deliver(
  { database, environment }: Pick<Context, "database" | "environment">,
  notice: Notice,
): Promise<keyof Deliveries> {
  const { outcome, answer }: Delivery = mayReceive(notice.url, environment.url)
    ? await post(notice.url, await signSecurityEvent(environment, notice))
    : { outcome: "failed", answer: "not https to a public host name" };
  await database.call("settle_notice", { id: notice.id, outcome, answer });
  return outcome;
}

async function post(url: string, token: string): Promise<Delivery> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "Content-Type": "application/secevent+jwt",
        "Accept": "application/json",
      },
      body: token,
      // Wherever it points, the owner has not named it.
      redirect: "manual",
      signal: AbortSignal.timeout(RECEIVER_MILLISECONDS),
    });
    const error = response.status === 400 ? await errorCode(response) : null;
    await response.body?.cancel().catch(() => {});
    if (response.status === 202) return { outcome: "delivered", answer: "202" };
    return error === null
      ? { outcome: "failed", answer: `${response.status}` }
      : { outcome: "refused", answer: `400 ${error}` };
  } catch (error) {
    return {
      outcome: "failed",
      answer: (error as Error).name === "TimeoutError"
        ? "no answer in time"
        : "not reachable",
    };
  }
}

/** RFC 8935 section 2.3: with a code in `err`, sending it again is no use. */
async function errorCode(response: Response): Promise<string | null> {
  let text = "";
  for await (
    const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []
  ) {
    text += chunk;
    if (text.length > MAX_ANSWER_BYTES) return null;
  }
  try {
    const { err } = JSON.parse(text);
    return typeof err === "string" && /^[\w.-]{1,64}$/.test(err) ? err : null;
  } catch {
    return null;
  }
}
