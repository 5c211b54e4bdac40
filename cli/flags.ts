/**
 * Reads the flags of the commands.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { UsageError } from "./errors.ts";

/**
 * `parseArgs` of Node.js.
 *
 * @throws {UsageError} An argument is wrong. The message names it.
 */
export const parse: typeof parseArgs = (config) => {
  try {
    return parseArgs(config);
  } catch (error) {
    const { message } = error as Error;
    const [, unknown] = message.match(/^Unknown option '([^']+)'/) ?? [];
    if (unknown !== undefined) {
      const flags = Object.keys(config?.options ?? {}).map((name) =>
        `--${name}`
      );
      throw new UsageError(
        `There is no flag ${unknown}. The flags are ${flags.join(", ")}.`,
      );
    }
    throw new UsageError(`${message.replace(/\.$/, "")}. See --help.`);
  }
};

/** @throws {UsageError} The text is not a TCP port. The message names the flag. */
export function parsePort(name: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) {
    throw new UsageError(`${name} takes a number from 0 to 65535.`);
  }
  return port;
}

/** @throws {UsageError} The text is not a URL. The message names the flag. */
export function parseAddress(name: string, text: string): string {
  // localhost:9999 is a valid URL too: its scheme is localhost.
  if (!/^https?:/.test(text) || !URL.canParse(text)) {
    throw new UsageError(`${name} takes a URL like http://127.0.0.1:9999.`);
  }
  return text;
}
