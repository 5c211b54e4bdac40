/**
 * The process behind load.ts: reads `LoadOptions` from its input, runs
 * autocannon, and writes `Answered`.
 *
 * @module
 */
import autocannon from "autocannon";

/** What to send. */
export interface LoadOptions {
  url: string;
  method?: "GET" | "POST";
  headers?: Record<string, string>;
  connections: number;
  /**
   * How many requests in all. There is no time limit: that would cut answers
   * off, and with them the refresh tokens that the connections carry on with.
   */
  requests: number;
  /** The one status that every answer must have. */
  expect: number;
  /**
   * Refresh tokens, one for each connection, which carries on with the token
   * that it got. Where there are none, `body` is sent each time.
   */
  tokens?: string[];
  body?: string;
}

// autocannon has no types of its own, and those on npm bring Node's, which do
// not agree with Deno's.
interface Request {
  method: string;
  headers?: Record<string, string>;
  body?: string;
  setupRequest?(request: Request): Request;
  onResponse?(status: number, body: string): void;
}
interface Client {
  setRequests(requests: Request[]): void;
}

/** What came back, before any statistics. */
export interface Answered {
  /** The time of each answer, in milliseconds. */
  milliseconds: number[];
  /** From the first request to the last answer. */
  seconds: number;
  /** How many answers had which status; `error` counts those without. */
  statuses: Record<string, number>;
  tokens: string[];
}

if (import.meta.main) {
  const options = await new Response(Deno.stdin.readable).json();
  const answered = await run(options);
  const bytes = new TextEncoder().encode(JSON.stringify(answered));
  await new Response(bytes).body!.pipeTo(Deno.stdout.writable);
  Deno.exit(0);
}

async function run(options: LoadOptions): Promise<Answered> {
  const { url, method = "POST", headers, connections, requests } = options;
  const tokens = [...options.tokens ?? []];
  const statuses: Record<string, number> = {};
  const milliseconds: number[] = [];
  const count = (status: number | string) =>
    statuses[status] = (statuses[status] ?? 0) + 1;

  const request: Request = { method, headers, body: options.body };
  let next = 0;
  const carryOn = (client: Client) => {
    const mine = next++;
    client.setRequests([{
      ...request,
      setupRequest: (request: Request) => ({
        ...request,
        body: JSON.stringify({ refresh_token: tokens[mine] }),
      }),
      onResponse(status: number, body: string) {
        if (status === 200) tokens[mine] = JSON.parse(body).refresh_token;
      },
    }]);
  };

  const start = performance.now();
  let end = start;
  await new Promise<void>((resolve, reject) => {
    const cannon = autocannon({
      ...{ url, connections, amount: requests, requests: [request] },
      ...(options.tokens && { setupClient: carryOn }),
    }, (error: Error | null) => error ? reject(error) : resolve());
    // autocannon's own histogram has whole milliseconds only.
    cannon.on(
      "response",
      (_client: Client, status: number, _bytes: number, time: number) => {
        count(status);
        milliseconds.push(time);
        end = performance.now();
      },
    );
    cannon.on("reqError", () => count("error"));
  });
  return { milliseconds, seconds: (end - start) / 1000, statuses, tokens };
}
