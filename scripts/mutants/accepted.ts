/**
 * Mutants that may survive, with the reason: mostly that the change cannot be
 * observed. The name is the one that `deno task mutants` prints.
 */
export const accepted: Record<string, string> = {
  "client/lock.ts: await sleep(SETTLE_MILLISECONDS * (1 + random())); => await sleep(SETTLE_MILLISECONDS / (1 + random()));":
    "The pause may be shorter or longer. It only spreads the tabs.",
  "client/storage.ts: #isAsync = false; => #isAsync = true;":
    "The first transaction only reads. With the lock it is slower, but right.",
  "client/refresh.ts: return left > longestWait(attempts.in_doubt) ? 0 : left; => return left > longestWait(attempts.in_doubt) ? 1 : left;":
    "A pause of one millisecond is as good as none.",
};
