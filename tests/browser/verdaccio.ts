/**
 * An npm registry on this machine. What it does not have it takes from the
 * registry that npm is configured with.
 *
 * @module
 */
import { join } from "@std/path";
import { freePort } from "../../stack/free_port.ts";

/** The newest version that runs on Node.js 20. */
const VERDACCIO = "6.8.0";

/** A running registry. */
export interface Registry {
  url: string;
  /** Publishes the package in a folder. */
  publish(folder: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a registry.
 *
 * @param folder Where it keeps its packages.
 */
export async function startRegistry(folder: string): Promise<Registry> {
  const uplink = await npm(folder, "config", "get", "registry");
  await Deno.writeTextFile(
    join(folder, "package.json"),
    JSON.stringify({
      private: true,
      dependencies: { verdaccio: VERDACCIO },
      // It asks for a tag, which not every registry keeps.
      overrides: { "node-fetch": "2.7.0" },
    }),
  );
  await npm(folder, "install", "--no-audit", "--no-fund");
  const port = freePort();
  const url = `http://127.0.0.1:${port}/`;
  await Deno.writeTextFile(
    join(folder, "config.yaml"),
    `storage: ./storage
max_body_size: 100mb
uplinks:
  npm:
    url: ${uplink.trim()}
    timeout: 120s
    max_fails: 100
packages:
  supabase-latchkey:
    access: $all
    publish: $anonymous
  "**":
    access: $all
    proxy: npm
log: { type: stdout, level: fatal }
`,
  );
  const process = new Deno.Command(
    "node",
    {
      args: [
        "node_modules/verdaccio/bin/verdaccio",
        "--config=config.yaml",
        `--listen=127.0.0.1:${port}`,
      ],
      cwd: folder,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    },
  ).spawn();
  const ended = process.status;
  const isUp = () => fetch(`${url}-/ping`).then((answer) => answer.text());
  const end = performance.now() + 60_000;
  while (!await isUp().then(() => true, () => false)) {
    if (performance.now() > end) throw new Error("The registry did not start.");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    async publish(package_) {
      // npm asks for a token, and the registry takes any.
      const token = `--${url.slice("http:".length)}:_authToken=none`;
      await npm(package_, "publish", `--registry=${url}`, token);
    },
    async close() {
      process.kill();
      await ended;
    },
  };
}

async function npm(cwd: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("npm", {
    args,
    cwd,
  }).output();
  const text = new TextDecoder();
  if (success) return text.decode(stdout);
  throw new Error(`npm ${args.join(" ")} failed:\n${text.decode(stderr)}`);
}
