/**
 * `supabase-latchkey start` on Node.js: runs start.ts on Deno, which npm
 * downloads at the first start.
 *
 * @module
 */
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { CommandError } from "./errors.ts";

/** The version of Deno that runs the stack. */
const DENO = "2.9.6";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Runs the command until it ends or is told to stop.
 *
 * @returns The exit code.
 * @throws {CommandError} Deno cannot be downloaded.
 */
export async function launch(args: string[]): Promise<number> {
  const startedAt = Date.now();
  if (!args.includes("--help")) {
    console.error(
      "Preparing the local stack. The first start downloads about 200 MB and " +
        "can take a few minutes.",
    );
  }
  const deno = findDeno();
  // Deno adds entries for this platform to the lock file, so it needs a copy.
  const folder = mkdtempSync(join(tmpdir(), "supabase-latchkey-"));
  const lock = join(folder, "deno.lock");
  copyFileSync(join(root, "deno.lock"), lock);
  try {
    const child = spawn(deno, [
      "run",
      "--quiet",
      "--allow-all",
      "--no-prompt",
      `--config=${join(root, "deno.json")}`,
      `--lock=${lock}`,
      join(root, "cli/start.ts"),
      ...args,
    ], {
      stdio: "inherit",
      env: {
        ...process.env,
        // start.ts looks for the project here.
        INIT_CWD: process.cwd(),
        // The time that start.ts reports includes the download of Deno.
        SUPABASE_LATCHKEY_STARTED_AT: String(startedAt),
        // npm writes the name in lower case, Deno reads it in upper case.
        NPM_CONFIG_REGISTRY: process.env.NPM_CONFIG_REGISTRY ??
          process.env.npm_config_registry,
      },
    });
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
    // Ctrl-C reaches both processes, so this one waits for the other.
    const forward = (signal: NodeJS.Signals) => {
      if (signal !== "SIGINT") child.kill(signal);
    };
    signals.forEach((signal) => process.on(signal, forward));
    return await new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", (code, signal) => {
        resolve(code ?? 128 + constants.signals[signal!]);
      });
    }).finally(() => signals.forEach((signal) => process.off(signal, forward)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The path of Deno, which npm keeps in its cache. */
function findDeno(): string {
  // Run Deno itself and not npm's launcher, so that signals reach Deno.
  const { status, stdout, stderr } = spawnSync(
    "npx",
    ["--yes", `deno@${DENO}`, "eval", "console.log(Deno.execPath())"],
    {
      encoding: "utf8",
      // On a terminal, npx shows its progress.
      stdio: ["ignore", "pipe", process.stderr.isTTY ? "inherit" : "pipe"],
    },
  );
  if (status === 0) return stdout.trim();
  throw new CommandError(
    `npm could not run Deno ${DENO}, which runs the local stack. Check the ` +
      `connection to the npm registry, and run the command again.\n${
        (stderr ?? "").trim()
      }`,
  );
}
