/**
 * Turns measurements into the figures of the report.
 *
 * @module
 */
import type { Figure } from "./section.ts";

/** The median of the rounds and their spread. */
export function figure(values: number[]): Figure {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: percentile(sorted, 50),
    min: sorted[0]!,
    max: sorted.at(-1)!,
  };
}

/**
 * The value that this share of the values does not exceed. It interpolates
 * between two values, so the median of two rounds is their mean.
 *
 * @param sorted in ascending order, at least one
 * @param percent 0 to 100
 */
export function percentile(sorted: number[], percent: number): number {
  if (sorted.length === 0) throw new RangeError("There are no values.");
  const position = (sorted.length - 1) * percent / 100;
  const below = Math.floor(position);
  const [a, b] = [sorted[below]!, sorted[Math.ceil(position)]!];
  return a + (b - a) * (position - below);
}

/**
 * Measures several things in turn, A B C A B C …, so that other load on the
 * machine affects all of them.
 *
 * @returns what each round measured, by name
 */
export async function interleave<T>(
  rounds: number,
  measures: Record<string, () => Promise<T>>,
): Promise<Record<string, T[]>> {
  const measured: Record<string, T[]> = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, measure] of Object.entries(measures)) {
      (measured[name] ??= []).push(await measure());
    }
  }
  return measured;
}
