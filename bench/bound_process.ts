/**
 * Times refreshes with and without a proof by calling the function's own
 * handler. It runs as a separate process on the edge runtime's Deno, with the
 * functions' environment, reads refresh tokens of two sessions from its input,
 * and writes `BoundTimes`.
 *
 * @module
 */
import type { JWK } from "jose";
import { ProofKey } from "../tests/proof_key.ts";
import { makeContext } from "../supabase/functions/_latchkey/context.ts";
import { readProof } from "../supabase/functions/_latchkey/dpop.ts";
import { readEnvironment } from "../supabase/functions/_latchkey/environment.ts";
import { Refusal } from "../supabase/functions/_latchkey/outcomes.ts";
import { percentile } from "./statistics.ts";

/** Medians in milliseconds. */
export interface BoundTimes {
  /** The handler, for a session without a key. */
  unbound: number;
  /** The handler, for a bound session. */
  bound: number;
  /** Verifying the proof, without a database call. */
  proof: number;
}

/** What the process reads. */
export interface BoundInput {
  unbound: string;
  bound: string;
  /** The pair to whose thumbprint the second session is bound. */
  key: { privateJwk: JWK; publicJwk: JWK };
  functionsUrl: string;
  iterations: number;
}

const WARM_UP = 50;

if (import.meta.main) {
  const input = await new Response(Deno.stdin.readable).json();
  // The output carries the result, so log lines go to stderr.
  console.log = console.error;
  const times = await measure(input);
  await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(times)));
  Deno.exit(0);
}

async function measure(
  { unbound, bound, key, functionsUrl, iterations }: BoundInput,
): Promise<BoundTimes> {
  const context = makeContext(readEnvironment());
  const { default: refresh } = await import(
    "../supabase/functions/refresh/index.ts"
  );
  const proofKey = await ProofKey.from(key, functionsUrl);
  const times: Record<keyof BoundTimes, number[]> = {
    unbound: [],
    bound: [],
    proof: [],
  };
  const time = async <T>(name: keyof BoundTimes, work: () => Promise<T>) => {
    const start = performance.now();
    const result = await work();
    times[name].push(performance.now() - start);
    return result;
  };
  const rotate = async (request: Request) => {
    const body = await (await refresh.fetch(request)).json();
    if (!body.refresh_token) throw new Error(`The answer is ${body.code}.`);
    return body.refresh_token as string;
  };

  // In turn, so that other load on the machine affects all of them.
  for (let i = 0; i < WARM_UP + iterations; i++) {
    // The client makes the proof. It is not part of what the server does.
    const [first, second] = [await proofKey.header(), await proofKey.header()];
    unbound = await time("unbound", () => rotate(request(unbound)));
    bound = await time("bound", () => rotate(request(bound, first)));
    await time("proof", async () => {
      const proof = await readProof(request(bound, second), context, {
        endpoint: "refresh",
      });
      if (proof instanceof Refusal) throw new Error(proof.description);
    });
  }
  const median = (name: keyof BoundTimes) =>
    percentile(times[name].slice(WARM_UP).sort((a, b) => a - b), 50);
  return {
    unbound: median("unbound"),
    bound: median("bound"),
    proof: median("proof"),
  };
}

function request(
  refresh_token: string,
  headers: Record<string, string> = {},
): Request {
  return new Request("http://localhost/refresh", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify({ refresh_token }),
  });
}
