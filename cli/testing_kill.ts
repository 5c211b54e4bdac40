/**
 * Runs the command and kills it at one of its operations on the disk. A write
 * that is killed has written half of its text.
 *
 * Arguments: the number of the operation, from 1; then the command's arguments.
 * The exit code is 0 if the command has fewer operations.
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import { disk } from "./files.ts";
import { main } from "./main.ts";

const [at, ...args] = Deno.args;
let count = 0;

/** Whether this operation is the one. */
function isLast(): boolean {
  return ++count === Number(at);
}

for (const name of Object.keys(disk) as (keyof typeof disk)[]) {
  const operation = disk[name] as (...values: unknown[]) => void;
  const killed = (...values: unknown[]) => {
    if (isLast()) {
      if (name === "write") {
        const [path, text] = values as [string, string];
        writeFileSync(path, text.slice(0, text.length / 2));
      }
      Deno.kill(Deno.pid, "SIGKILL");
    }
    operation(...values);
  };
  Object.assign(disk, { [name]: killed });
}

Deno.exit(await main(args));
