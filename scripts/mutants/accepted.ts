/**
 * Mutants that may survive, with the reason: mostly that the change cannot be
 * observed. The name is the one that `deno task mutants` prints.
 */
export const accepted: Record<string, string> = {};
