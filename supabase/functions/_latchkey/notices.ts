/**
 * Delivers the notices in the outbox: each by POST to its receiver, at least
 * once. It serves receivers in parallel, so that one that fails or hangs does
 * not delay the others.
 *
 * @see RFC 8935, push-based delivery, and Standard Webhooks.
 * @module
 */
import type { Context } from "./context.ts";
import type { Database } from "./database.ts";
import type { Notice } from "./notice.ts";
import { Refusal } from "./outcomes.ts";
import { mayReceive } from "./receiver_url.ts";
import { signSecurityEvent } from "./security_event.ts";
import { signWebhook, webhookBody } from "./webhook.ts";

/** The number of notices for each outcome. */
export type Deliveries = Record<"delivered" | "refused" | "failed", number>;

type Deliverer = Pick<Context, "database" | "environment" | "disavowTokens">;

/** What is sent to a receiver. */
interface Message {
  headers: Record<string, string>;
  body: string;
}

/** The outcome of one notice. */
interface Delivery {
  outcome: "delivered" | "refused" | "gone" | "failed";
  /** The receiver's answer as text for the project's owner. */
  answer: string;
  /** How long the receiver gets nothing, if it needs a pause. */
  pause_seconds?: number | null;
}

/** One way to write a notice and to read the receiver's answer. */
interface Format {
  /** Returns the message, or says why there can be none. */
  write(deliverer: Deliverer, notice: Notice): Promise<Message | string>;
  outcome(response: Response): Promise<Omit<Delivery, "pause_seconds">>;
}

/** How many are sent to one receiver at a time. */
const PER_RECEIVER = 10;
const RECEIVER_MILLISECONDS = 15_000;
/** After this time, the call takes no more notices. The next call continues. */
const BUDGET_MILLISECONDS = 10_000;
const MAX_ANSWER_BYTES = 4096;

/** The answers of a receiver that has too much to do. */
const OVERLOADED = [429, 502, 504];
const SHORTEST_PAUSE_SECONDS = 60;
const LONGEST_PAUSE_SECONDS = 6 * 60 * 60;

/**
 * Most projects have no receivers. Then the outbox is read at most once a
 * minute after an event, and a new receiver gets its first notices from the
 * scheduler.
 */
const NO_RECEIVERS_MILLISECONDS = 60_000;
let noReceiversUntil = 0;

const FORMATS: Record<Notice["format"], Format> = {
  caep: {
    async write({ environment }, notice) {
      if (environment.signingKey.kty === "oct") {
        return "not sent: this project signs with a shared secret, so the receiver could not verify it. Import the signing key that `npx supabase-latchkey keys` creates.";
      }
      return {
        headers: {
          "Content-Type": "application/secevent+jwt",
          "Accept": "application/json",
        },
        body: await signSecurityEvent(environment, notice),
      };
    },
    async outcome(response) {
      const error = response.status === 400 ? await errorCode(response) : null;
      if (response.status === 202) {
        return { outcome: "delivered", answer: "202" };
      }
      return error === null
        ? { outcome: "failed", answer: `${response.status}` }
        : { outcome: "refused", answer: `400 ${error}` };
    },
  },
  standard_webhooks: {
    async write({ disavowTokens }, notice) {
      const body = webhookBody(notice.payload, disavowTokens);
      return {
        headers: {
          "Content-Type": "application/json",
          ...await signWebhook(notice, body),
        },
        body,
      };
    },
    outcome({ ok, status }) {
      return Promise.resolve({
        outcome: ok ? "delivered" : status === 410 ? "gone" : "failed",
        answer: `${status}`,
      });
    },
  },
};

/**
 * Sends the notices that are due.
 *
 * @returns How many were delivered, refused permanently, and failed for now; or
 * `database_unavailable` if the outbox could not be read.
 */
export async function deliverNotices(
  deliverer: Deliverer,
): Promise<Deliveries | Refusal> {
  const deliveries: Deliveries = { delivered: 0, refused: 0, failed: 0 };
  const end = performance.now() + BUDGET_MILLISECONDS;
  const due = await take(deliverer.database, null);
  if (due instanceof Refusal) return due;
  const receivers = Map.groupBy(due, (notice) => notice.receiver_id);
  await Promise.all(
    [...receivers].map(async ([receiver, first]) => {
      let notices: Notice[] | Refusal = first;
      while (!(notices instanceof Refusal) && notices.length > 0) {
        const sessions = Map.groupBy(
          notices,
          (notice) => notice.payload.data.session_id,
        );
        const outcomes = (await Promise.all(
          [...sessions.values()].map((events) =>
            deliverInOrder(deliverer, events, end)
          ),
        )).flat();
        for (const outcome of outcomes) {
          deliveries[outcome === "gone" ? "refused" : outcome]++;
        }
        // A receiver that fails gets no more until the retry.
        const healthy = outcomes.every((outcome) =>
          outcome === "delivered" || outcome === "refused"
        );
        if (!healthy || performance.now() > end) return;
        notices = await take(deliverer.database, receiver);
      }
    }),
  );
  return deliveries;
}

/**
 * Sends the notices that are due without delaying the answer. The next
 * scheduled delivery repeats those that failed.
 */
export function deliverInBackground(deliverer: Deliverer): void {
  if (performance.now() < noReceiversUntil) return;
  const work = deliverNotices(deliverer).catch((error) => {
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

/**
 * Sends events of one session in their order, as long as there is time. The next
 * delivery sends the rest. Once one has failed, the others do not wait, because
 * it may fail for days.
 */
async function deliverInOrder(
  deliverer: Deliverer,
  events: Notice[],
  end: number,
): Promise<Delivery["outcome"][]> {
  const outcomes: Delivery["outcome"][] = [];
  for (const [index, event] of events.entries()) {
    if (index > 0 && performance.now() > end) break;
    const outcome = await deliver(deliverer, event);
    outcomes.push(outcome);
    if (outcome !== "delivered") {
      const later = events.slice(index + 1);
      outcomes.push(
        ...await Promise.all(later.map((event) => deliver(deliverer, event))),
      );
      break;
    }
  }
  return outcomes;
}

async function deliver(
  deliverer: Deliverer,
  notice: Notice,
): Promise<Delivery["outcome"]> {
  const delivery = mayReceive(notice.url, deliverer.environment.url)
    ? await send(deliverer, notice)
    : failure("not https to a public host name");
  await deliverer.database.call("settle_notice", {
    id: notice.id,
    pause_seconds: null,
    ...delivery,
  });
  return delivery.outcome;
}

async function send(
  deliverer: Deliverer,
  notice: Notice,
): Promise<Delivery> {
  const format = FORMATS[notice.format];
  const message = await format.write(deliverer, notice);
  if (typeof message === "string") return failure(message);
  try {
    const response = await fetch(notice.url, {
      method: "POST",
      ...message,
      // Do not follow redirects: the owner allowed only this URL.
      redirect: "manual",
      signal: AbortSignal.timeout(RECEIVER_MILLISECONDS),
    });
    const delivery = await format.outcome(response);
    await response.body?.cancel().catch(() => {});
    return delivery.outcome === "failed"
      ? { ...delivery, pause_seconds: pauseSeconds(response) }
      : delivery;
  } catch (error) {
    return failure(
      (error as Error).name === "TimeoutError"
        ? "no answer in time"
        : "not reachable",
    );
  }
}

function failure(answer: string): Delivery {
  return { outcome: "failed", answer };
}

/**
 * How long a receiver that answered like this gets nothing: as long as its
 * `Retry-After` says, within limits.
 */
function pauseSeconds({ status, headers }: Response): number | null {
  const given = headers.get("Retry-After") ?? "";
  const seconds = /^\d+$/.test(given)
    ? Number(given)
    : (Date.parse(given) - Date.now()) / 1000;
  if (!(seconds > 0)) {
    return OVERLOADED.includes(status) ? SHORTEST_PAUSE_SECONDS : null;
  }
  return Math.min(Math.ceil(seconds), LONGEST_PAUSE_SECONDS);
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
