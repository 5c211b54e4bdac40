/**
 * The process of load.ts: reads `LoadOptions` from its input, runs
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
   * Total number of requests. There is no time limit, because it would abort
   * requests whose responses carry the next refresh tokens.
   */
  requests: number;
  /** The status that every response must have. */
  expect: number;
  /**
   * One refresh token per connection. Each connection then sends the token that
   * it received last. Without tokens, every request sends `body`.
   */
  tokens?: string[];
  body?: string;
}

// autocannon has no types; those on npm depend on Node's, which conflict with
// Deno's.
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

/** The responses, before any statistics. */
export interface Answered {
  /** The time of each response, in milliseconds. */
  milliseconds: number[];
  /** From the first request to the last response. */
  seconds: number;
  /** Responses by status; `error` counts requests without a response. */
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
  const chainTokens = (client: Client) => {
    const own = next++;
    client.setRequests([{
      ...request,
      setupRequest: (request: Request) => ({
        ...request,
        body: JSON.stringify({ refresh_token: tokens[own] }),
      }),
      onResponse(status: number, body: string) {
        if (status === 200) tokens[own] = JSON.parse(body).refresh_token;
      },
    }]);
  };

  const start = performance.now();
  let end = start;
  await new Promise<void>((resolve, reject) => {
    const cannon = autocannon({
      ...{ url, connections, amount: requests, requests: [request] },
      ...(options.tokens && { setupClient: chainTokens }),
    }, (error: Error | null) => error ? reject(error) : resolve());
    // autocannon's own histogram rounds to milliseconds.
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
