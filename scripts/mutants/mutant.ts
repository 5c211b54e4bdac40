/**
 * A mutant is the source with one small change. Good tests fail on it.
 *
 * @module
 */

/** One change of one file. */
export interface Edit {
  /** Offset of the first character to replace. */
  start: number;
  /** Offset after the last one. */
  end: number;
  replacement: string;
  /** What kind of change it is, for the report: `drop a statement`. */
  operator: string;
}

/** One change with the file it belongs to. */
export interface Mutant extends Edit {
  /** Path of the file, relative to the tree. */
  file: string;
  /** The file's text before the change. */
  text: string;
}

/** What the tests did with a mutant. */
export type Verdict =
  /** A test failed, or ran into the time limit. */
  | { outcome: "killed"; by: string }
  /** All tests passed. */
  | { outcome: "survived" }
  /** It does not compile, or it changes nothing. It is not counted. */
  | { outcome: "invalid" };

/** What an area needs to know. */
export interface AreaOptions {
  /** The tree to test. */
  root: string;
  /** Stops the tests that are running. */
  signal: AbortSignal;
  /** Told what takes time. */
  progress(message: string): void;
}

/** A part of the project with its tests. */
export interface Area extends AsyncDisposable {
  /** All mutants of the area. */
  mutants: Mutant[];
  /** Runs the tests on a mutant, or on the source as it is. */
  test(mutant: Mutant | null): Promise<Verdict>;
}

/** The file's text with the change. */
export function mutate({ text, start, end, replacement }: Mutant): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/** The number of the line where the change begins. */
export function lineOf({ text, start }: Mutant): number {
  return text.slice(0, start).split("\n").length;
}

/** The changed lines, before and after, as a diff shows them. */
export function diff(mutant: Mutant): { before: string; after: string } {
  const { text, start, end, replacement } = mutant;
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const next = text.indexOf("\n", end);
  const to = next === -1 ? text.length : next;
  return {
    before: text.slice(from, to),
    after: text.slice(from, start) + replacement + text.slice(end, to),
  };
}

/**
 * Names a mutant by its content, so that the name stays the same while other
 * lines of the file change.
 */
export function nameOf(mutant: Mutant): string {
  const { before, after } = diff(mutant);
  const line = (text: string) => text.replace(/\s+/g, " ").trim();
  return `${mutant.file}: ${line(before)} => ${line(after)}`;
}

/**
 * Puts mutants into a random order that depends on the seed and on each mutant's
 * name alone: a change elsewhere in the source does not choose other mutants.
 */
export async function shuffle(
  mutants: Mutant[],
  seed: number,
): Promise<Mutant[]> {
  const keyed = await Promise.all(mutants.map(async (mutant) => {
    const bytes = new TextEncoder().encode(`${seed} ${nameOf(mutant)}`);
    const hash = await crypto.subtle.digest("SHA-256", bytes);
    return { mutant, key: new Uint8Array(hash).toHex() };
  }));
  return keyed.sort((a, b) => a.key < b.key ? -1 : 1)
    .map(({ mutant }) => mutant);
}

/**
 * Runs `deno test` and reports the first test that failed.
 *
 * @param options.milliseconds time limit; a run that exceeds it counts as killed
 * @throws {Error} the tests did not run, or `options.signal` stopped them
 */
export async function runTests(options: {
  folder: string;
  files: string[];
  env?: Record<string, string>;
  milliseconds: number;
  signal: AbortSignal;
}): Promise<Verdict> {
  const timeout = AbortSignal.timeout(options.milliseconds);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", "--fail-fast", ...options.files],
    cwd: options.folder,
    env: { NO_COLOR: "1", ...options.env },
    stdin: "null",
    signal: AbortSignal.any([timeout, options.signal]),
  }).output();
  options.signal.throwIfAborted();
  if (success) return { outcome: "survived" };
  if (timeout.aborted) return { outcome: "killed", by: "the time limit" };
  const decoder = new TextDecoder();
  const output = decoder.decode(stdout);
  const failed = output.match(/^(.+) => .+:\d+:\d+$/m) ??
    output.match(/^(.+?) (?:\.\.\. )?\(?.*FAILED/m);
  if (failed) return { outcome: "killed", by: failed[1]! };
  throw new Error(
    `The tests did not run:\n${output}${decoder.decode(stderr)}`,
  );
}
