// Linux shows its processes as files below /proc, and a small image may lack
// `ps`; macOS has `ps` and no /proc.
const linux = Deno.build.os === "linux";

/** One process, as the process table describes it. */
export interface Process {
  pid: number;
  parent: number;
  /**
   * The command line; empty for a process that has ended but still is in the
   * table.
   */
  command: string;
}

/** Every running process, or those among `pids`. */
export async function processes(pids?: number[]): Promise<Process[]> {
  const all = linux ? await fromProc(pids) : await fromPs();
  return all.filter(({ pid, command }) =>
    command !== "" && (pids === undefined || pids.includes(pid))
  );
}

/** Sends a signal; a process that has ended already is no error. */
export function signal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Resolves when none of the processes runs any more. */
export async function ended(pids: number[]): Promise<void> {
  while ((await processes(pids)).length > 0) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function fromProc(pids?: number[]): Promise<Process[]> {
  const numbers = pids ?? Array.from(Deno.readDirSync("/proc"))
    .map((entry) => Number(entry.name))
    .filter(Number.isInteger);
  const found = await Promise.all(numbers.map(async (pid) => {
    try {
      const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
      const command = await Deno.readTextFile(`/proc/${pid}/cmdline`);
      // The name in parentheses may hold blanks; the fields follow the last one.
      const parent = Number(
        stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1],
      );
      return { pid, parent, command: command.replaceAll("\0", " ").trim() };
    } catch {
      return null; // The process ended in the meantime.
    }
  }));
  return found.filter((process) => process !== null);
}

async function fromPs(): Promise<Process[]> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-A", "-o", "pid=,ppid=,args="],
  }).output();
  return new TextDecoder().decode(stdout).trim().split("\n").map((line) => {
    const [, pid, parent, command = ""] =
      line.match(/^\s*(\d+)\s+(\d+)\s*(.*)$/) ?? [];
    return {
      pid: Number(pid),
      parent: Number(parent),
      command: command.startsWith("(") ? "" : command,
    };
  });
}
