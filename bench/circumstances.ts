import { cpus, totalmem } from "node:os";
import type { Sql } from "../stack/sql.ts";

/**
 * Describes the run: machine, versions, date and commit, but no names of hosts or
 * folders.
 *
 * @param minutes how long the run took
 */
export async function circumstances(
  sql: Sql,
  minutes: number,
): Promise<[name: string, value: string][]> {
  const processors = cpus();
  const [settings] = await sql`
    select current_setting('server_version') as version,
      current_setting('shared_buffers') as shared_buffers,
      current_setting('synchronous_commit') as synchronous_commit`;
  return [
    [
      "Machine",
      `${processors.length} × ${processors[0]?.model.trim()}, ${
        Math.round(totalmem() / 2 ** 30)
      } GiB, ${Deno.build.os} ${Deno.build.arch}`,
    ],
    ["PostgreSQL", settings!.version],
    [
      "PostgreSQL settings",
      `shared_buffers ${settings!.shared_buffers}, synchronous_commit ` +
      settings!.synchronous_commit,
    ],
    ["Deno", `${Deno.version.deno} (V8 ${Deno.version.v8})`],
    ["Date", new Date().toISOString().slice(0, 10)],
    ["Commit", await commit()],
    ["Duration", `${minutes.toFixed(1)} minutes`],
  ];
}

async function commit(): Promise<string> {
  const git = async (...args: string[]) => {
    const { success, stdout } = await new Deno.Command("git", {
      args,
      cwd: new URL(".", import.meta.url),
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : "";
  };
  const id = await git("rev-parse", "--short", "HEAD").catch(() => "");
  if (!id) return "unknown";
  // Its own output does not change what the benchmark measures.
  const changed = await git(
    ...["status", "--porcelain", "--", ":/"],
    ...[":!/BENCHMARKS.md", ":!/docs/bench"],
  );
  return changed ? `${id}, with changes` : id;
}
