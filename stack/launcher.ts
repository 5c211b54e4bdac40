import { processes } from "./processes.ts";

const stopSignals: Deno.Signal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** How often the launchers are checked, in ms. */
const intervalMilliseconds = 500;

/** Aborts when this program has to stop. The reason says why. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of stopSignals) {
    Deno.addSignalListener(
      signal,
      () => stop.abort(new Error(`Stopped by ${signal}.`)),
    );
  }
  void launcherEnded().then(() =>
    stop.abort(new Error("Stopped: the program that started this has ended."))
  );
  return stop.signal;
}

/**
 * Resolves when a program that started this one and waited for it has ended.
 * `npx` and `deno task` may be killed without passing the signal on. A shell
 * does not count, because it may end on purpose while this program continues to
 * run.
 */
export async function launcherEnded(): Promise<void> {
  const launchers = await findLaunchers();
  if (launchers.length === 0) return new Promise(() => {});
  do {
    await new Promise((resolve) => setTimeout(resolve, intervalMilliseconds));
  } while ((await processes(launchers)).length === launchers.length);
}

async function findLaunchers(): Promise<number[]> {
  const table = new Map((await processes()).map((entry) => [entry.pid, entry]));
  const launchers = [];
  for (
    let ancestor = table.get(Deno.ppid);
    ancestor !== undefined && isLauncher(ancestor.command);
    ancestor = table.get(ancestor.parent)
  ) {
    launchers.push(ancestor.pid);
  }
  return launchers;
}

/**
 * `deno task …`, `sh -c 'deno' task …` as npx runs it, `npm exec deno…`, and the
 * command of the npm package in the same ways.
 */
function isLauncher(command: string): boolean {
  return /^(\S*deno|sh -c 'deno') task |^npm exec .*(deno|supabase-latchkey)|^(\S*node|sh -c) .*supabase-latchkey.* start/
    .test(command);
}
