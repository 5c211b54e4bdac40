/**
 * Flags of the commands, and in words what is wrong with them.
 *
 * @module
 */
import { parseArgs } from "node:util";

/** Node's own words for what is wrong, and where to look. */
export const parse: typeof parseArgs = (config) => {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new Error(`${(error as Error).message}. See --help.`);
  }
};

/** @throws {Error} naming the flag, where it is no TCP port */
export function parsePort(name: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) {
    throw new Error(`${name} takes a number from 0 to 65535.`);
  }
  return port;
}

/** @throws {Error} naming the flag, where it is no address of a server */
export function parseAddress(name: string, text: string): string {
  // localhost:9999 parses as well: as an address whose scheme is localhost.
  if (!/^https?:/.test(text) || !URL.canParse(text)) {
    throw new Error(`${name} takes an address like http://127.0.0.1:9999.`);
  }
  return text;
}
