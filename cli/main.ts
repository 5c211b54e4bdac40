/**
 * The command `supabase-latchkey`. It runs on Node.js, from the npm package, and
 * on Deno, as a task of this repository.
 *
 * @module
 */
import process from "node:process";
import { ConfigurationError } from "../supabase/functions/_latchkey/configuration.ts";
import { CommandError, UsageError } from "./errors.ts";
import { readTemplate } from "./template.ts";

const USAGE = `Revocable sessions for Supabase.

Usage: supabase-latchkey <command> [flags]

  init     install Latchkey in the Supabase project of this folder
  update   bring the Latchkey in this project to this version
  remove   take Latchkey out of this project
  keys     create the project's secrets, or rotate them
  deploy   bring migrations, functions and keys to a hosted project
  doctor   explain what is wrong with a token
  start    run the project locally, without Docker

  --version   show the version
  --help      show this text; after a command, its flags`;

/** Each command, loaded when it runs. */
const COMMANDS: Record<string, () => Promise<(args: string[]) => unknown>> = {
  init: async () => (await import("./init.ts")).init,
  update: async () => (await import("./update.ts")).update,
  remove: async () => (await import("./remove.ts")).remove,
  keys: async () => (await import("./keys.ts")).keys,
  deploy: async () => (await import("./deploy.ts")).deploy,
  doctor: async () => (await import("./doctor.ts")).doctor,
  start: async () => (await import("./launch.ts")).launch,
};

/**
 * Runs a command and prints its errors.
 *
 * @param args The arguments after the program's name.
 * @returns The exit code: 0 done, 1 refused or failed, 2 wrong usage.
 */
export async function main(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  try {
    if (name === undefined || name === "--help" || name === "-h") {
      console.log(USAGE);
      return name === undefined ? 2 : 0;
    }
    if (name === "--version" || name === "-v") {
      console.log(readTemplate().version);
      return 0;
    }
    const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!load) {
      throw new UsageError(
        `There is no command "${name}". The commands are ` +
          `${Object.keys(COMMANDS).join(", ")}. See --help.`,
      );
    }
    const command = await load();
    return Number(await command(rest) ?? 0);
  } catch (error) {
    if (
      !(error instanceof CommandError || error instanceof ConfigurationError)
    ) throw error;
    const exitCode = error instanceof CommandError ? error.exitCode : 1;
    if (rest.includes("--json")) {
      console.log(JSON.stringify({ error: error.message }));
    } else console.error(error.message);
    return exitCode;
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
