import { join } from "@std/path";

/**
 * Editors write several files at the same time, or one file in several steps.
 */
const QUIET_MS = 100;

/**
 * Watches the project's functions and reports changes.
 *
 * @param reload Called after a change, never twice at the same time.
 * @param onLog Called if a reload failed, or if watching is not possible.
 */
export function watchFunctions(
  projectRoot: string,
  reload: () => Promise<void>,
  onLog: (line: string) => void = console.error,
): { close(): void } {
  const folder = join(projectRoot, "supabase", "functions");
  let watcher: Deno.FsWatcher;
  try {
    watcher = Deno.watchFs(folder);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "the folder does not exist"
      : error;
    onLog(
      `Cannot watch ${folder}: ${reason}. Start again after you change a function.`,
    );
    return { close() {} };
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> = Promise.resolve();
  const run = () => {
    running = running.then(reload).then(
      () => onLog("The functions were loaded again."),
      (error) => onLog(`The functions could not be loaded again: ${error}`),
    );
  };
  void (async () => {
    for await (const { kind } of watcher) {
      if (kind === "access") continue;
      clearTimeout(timer);
      timer = setTimeout(run, QUIET_MS);
    }
  })();
  return {
    close() {
      clearTimeout(timer);
      watcher.close();
    },
  };
}
