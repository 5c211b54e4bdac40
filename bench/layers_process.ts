/**
 * Times each part of a refresh by calling the function's own modules. It runs as
 * a separate process with the functions' environment, reads refresh tokens of
 * three sessions from its input, and writes `Layers`.
 *
 * @module
 */
import { Bench } from "tinybench";
import { json, readJson, text } from "../supabase/functions/_latchkey/body.ts";
import {
  type Context,
  makeContext,
} from "../supabase/functions/_latchkey/context.ts";
import { readEnvironment } from "../supabase/functions/_latchkey/environment.ts";
import { Refusal } from "../supabase/functions/_latchkey/outcomes.ts";
import {
  hashSeed,
  type RefreshToken,
} from "../supabase/functions/_latchkey/refresh_token.ts";
import { session } from "../supabase/functions/_latchkey/session.ts";

const INPUT = json({ refresh_token: text(1024) });

/** Medians in milliseconds. */
export interface Layers {
  /** Reading the request and checking the token's HMAC. */
  parse: number;
  /** The call of `latchkey.refresh()`. */
  database: number;
  /** Signing both tokens. */
  sign: number;
  /** The whole handler without HTTP: the other three and the work in between. */
  handler: number;
}

if (import.meta.main) {
  const { tokens, iterations } = await new Response(Deno.stdin.readable).json();
  // The output carries the result, so log lines go to stderr.
  console.log = console.error;
  const layers = await measure(tokens, iterations);
  await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(layers)));
  Deno.exit(0);
}

async function measure(tokens: string[], iterations: number): Promise<Layers> {
  const context = makeContext(readEnvironment());
  const { default: refresh } = await import(
    "../supabase/functions/refresh/index.ts"
  );
  let [handled, parsed] = tokens as [string, string];
  const called = (context.refreshTokens.read(tokens[2]!))!;
  let result = await rotate(context, called);

  const bench = new Bench({ time: 0, iterations, warmupIterations: 200 });
  bench.add("handler", async () => {
    const response = await refresh.fetch(request(handled));
    handled = (await response.json()).refresh_token;
  });
  bench.add("parse", async () => {
    const input = await readJson(request(parsed), INPUT);
    if (input instanceof Refusal) throw new Error("The request was rejected.");
    const token = context.refreshTokens.read(input.refresh_token);
    hashSeed(token!.seed);
  });
  bench.add("database", async () => {
    result = await rotate(context, called);
  });
  bench.add("sign", async () => {
    const body = await session(context, called, result, { cookie: false });
    await Response.json(body).text();
  });
  await bench.run();
  return Object.fromEntries(
    bench.tasks.map((task) => {
      if (task.result.state !== "completed") throw task.result;
      return [task.name, task.result.latency.p50];
    }),
  ) as unknown as Layers;
}

function request(refreshToken: string): Request {
  return new Request("http://localhost/refresh", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ refresh_token: refreshToken }),
  });
}

/** Calls the database like the handler, and updates the token's generation. */
async function rotate({ database, environment }: Context, token: RefreshToken) {
  const result = await database.call("refresh", {
    session_id: token.sessionId,
    generation: token.generation,
    secret_hash: hashSeed(token.seed),
    actor_ip: null,
    issuer: environment.issuer,
  });
  if (result instanceof Refusal || result.outcome !== "rotated") {
    throw new Error("The database did not rotate the token.");
  }
  token.generation = result.generation!;
  return result;
}
