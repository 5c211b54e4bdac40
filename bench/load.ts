/**
 * Generates HTTP load with autocannon, in a separate process, because it must not
 * share an event loop with what it measures.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import type { Answered, LoadOptions } from "./load_process.ts";
import { percentile } from "./statistics.ts";

export type { LoadOptions } from "./load_process.ts";

/** The result of a load. Times are in milliseconds. */
export interface Load {
  requests: number;
  perSecond: number;
  p50: number;
  p95: number;
  p99: number;
  /** Each connection's last token, for the next load. */
  tokens: string[];
}

/**
 * Sends requests until all have a response.
 *
 * @throws {Error} a response had an unexpected status, so the figures would mean
 * nothing
 */
export async function load(options: LoadOptions): Promise<Load> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", fromFileUrl(import.meta.resolve("./load_process.ts"))],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(options)));
  await writer.close();
  const { success, stdout } = await process.output();
  if (!success) throw new Error("The load generator failed, see above.");
  const answered: Answered = JSON.parse(new TextDecoder().decode(stdout));
  const { milliseconds, seconds, statuses, tokens } = answered;
  const { [options.expect]: asExpected = 0, ...others } = statuses;
  if (asExpected === 0 || Object.keys(others).length > 0) {
    throw new Error(
      `${options.url} should always return ${options.expect}, but it ` +
        `returned ${JSON.stringify(statuses)}.`,
    );
  }
  const sorted = milliseconds.toSorted((a, b) => a - b);
  return {
    requests: sorted.length,
    perSecond: sorted.length / seconds,
    p50: percentile(sorted, 50),
    p95: percentile(sorted, 95),
    p99: percentile(sorted, 99),
    tokens,
  };
}

/**
 * Finds out with a short load how many requests take that long.
 *
 * @returns that number, and the tokens for the next load
 */
export async function calibrate(
  options: Omit<LoadOptions, "requests">,
  seconds: number,
): Promise<Pick<LoadOptions, "requests" | "tokens">> {
  const { connections } = options;
  const { perSecond, tokens } = await load({
    ...options,
    requests: Math.max(50, 4 * connections),
  });
  return {
    requests: Math.max(connections, Math.round(perSecond * seconds)),
    tokens,
  };
}
