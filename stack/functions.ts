// Serves edge functions as the hosted edge runtime does: each at /<name>, in one
// process that may reach the network and its own environment and nothing else.
// It is started by functions_process.ts and also runs under the runtime's own
// version of Deno, 2.1.4, so it uses nothing newer.
//
// Arguments: the folder of the functions as a file: URL, then their names.

import { AsyncLocalStorage } from "node:async_hooks";

type Handler = (request: Request) => Response | Promise<Response>;

const [folder, ...names] = Deno.args;
const handlers = new Map<string, Handler>();

// Several functions share this process: each line of their logs says whose it
// is, and goes to stderr, because stdout is for the parent.
const current = new AsyncLocalStorage<string>();
const write = console.error.bind(console);
for (const level of ["debug", "error", "info", "log", "warn"] as const) {
  console[level] = (...values: unknown[]) => {
    const name = current.getStore();
    write(...(name === undefined ? values : [`[${name}]`, ...values]));
  };
}

for (const name of names) {
  const { default: module } = await current.run(
    name,
    () => import(`${folder}/${name}/index.ts`),
  );
  if (typeof module?.fetch !== "function") {
    throw new Error(
      `The function ${name} has no handler: ` +
        "write `export default { fetch(request) { … } }` in its index.ts.",
    );
  }
  handlers.set(name, (request) => module.fetch(request));
}

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) =>
    Deno.stdout.writeSync(new TextEncoder().encode(`${port}\n`)),
}, async (request) => {
  const name = new URL(request.url).pathname.split("/")[1] ?? "";
  const handler = handlers.get(name);
  if (!handler) {
    return Response.json({
      code: "NOT_FOUND",
      message: "Requested function was not found",
    }, { status: 404 });
  }
  try {
    return await current.run(name, () => handler(request));
  } catch (error) {
    current.run(name, () => console.error(error));
    return Response.json({
      code: "WORKER_ERROR",
      message: "Function exited due to an error (please check logs)",
    }, { status: 500 });
  }
});

// A Ctrl-C in the terminal reaches this process too; the parent decides.
Deno.addSignalListener("SIGINT", () => {});

// The parent holds the other end of stdin: it closes when the parent stops us,
// and also when the parent is killed, so this process never outlives it.
for await (const _ of Deno.stdin.readable);
Deno.exit(0);
