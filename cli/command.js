#!/usr/bin/env node
// What npm runs. Old versions of Node.js can read it too, and are told so.
import process from "node:process";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 12)) {
  console.error(
    `supabase-latchkey needs Node.js 20.12 or newer, and this is ` +
      `${process.versions.node}. Install a newer one from https://nodejs.org.`,
  );
  process.exitCode = 1;
} else {
  import("./tools/cli/main.js").then(async ({ main }) => {
    process.exitCode = await main(process.argv.slice(2));
  });
}
