/**
 * Delivers the notices in the outbox: each by POST to its receiver, at least
 * once. It serves receivers in parallel, so that one that fails or hangs does
 * not delay the others.
 *
 * @see RFC 8935, push-based delivery.
 * @module
 */
import type { Context } from "./context.ts";
import type { Database } from "./database.ts";
import { malformed, Refusal } from "./outcomes.ts";
import { mayReceive } from "./receiver_url.ts";
import { type Notice, signSecurityEvent } from "./security_event.ts";

/** The number of notices for each outcome. */
export type Deliveries = Record<"delivered" | "refused" | "failed", number>;

/**
 * The outcome of one notice, and the receiver's answer as text for the
 * project's owner.
 */
interface Delivery {
  outcome: keyof Deliveries;
  answer: string;
}

/** How many are sent to one receiver at a time. */
const PER_RECEIVER = 10;
const RECEIVER_MILLISECONDS = 5_000;
/** After this time, the call takes no more notices. The next call continues. */
const BUDGET_MILLISECONDS = 20_000;
const MAX_ANSWER_BYTES = 4096;

/**
 * Most projects have no receivers. Then the outbox is read at most once a
 * minute after a revocation, and a new receiver gets its first notices from the
 * scheduler.
 */
const NO_RECEIVERS_MILLISECONDS = 60_000;
let noReceiversUntil = 0;

/**
 * Sends the notices that are due.
 *
 * @returns How many were delivered, refused permanently, and failed for now; or
 * `database_unavailable` if the outbox could not be read; or `invalid_request`
 * if receivers could not verify the signature.
 */
export async function deliverNotices(
  context: Pick<Context, "database" | "environment">,
): Promise<Deliveries | Refusal> {
  if (context.environment.signingKey.kty === "oct") {
    return malformed(
      "This project signs with a shared secret, so receivers cannot verify its notices. Import the signing key that `npx supabase-latchkey keys` creates.",
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
        // A receiver that fails gets no more until the retry.
        const healthy = !outcomes.includes("failed");
        if (!healthy || performance.now() > end) return;
        notices = await take(context.database, receiver);
      }
    }),
  );
  return deliveries;
}

/**
 * Sends the notices that are due without delaying the answer. The next
 * scheduled delivery repeats those that failed.
 */
export function deliverInBackground(
  context: Pick<Context, "database" | "environment">,
): void {
  if (performance.now() < noReceiversUntil) return;
  const work = deliverNotices(context).catch((error) => {
    console.error(
      JSON.stringify({ notices: "not delivered", bug: (error as Error).name }),
    );
  });
  // The platform keeps the isolate alive until the promise settles.
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
  noReceiversUntil = notices === null
    ? performance.now() + NO_RECEIVERS_MILLISECONDS
    : 0;
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
      // Do not follow redirects: the owner allowed only this URL.
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

/**
 * RFC 8935 section 2.4: with a code in `err`, the receiver will never accept
 * the token.
 */
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
