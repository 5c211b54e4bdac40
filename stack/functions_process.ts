// Serves edge functions as the hosted edge runtime does: each at /<name>, in a
// process that may use the network, its own environment and its own files.
// functions.ts starts several of these, under the edge runtime's version of
// Deno, so this uses nothing newer than Deno 2.1.4.
//
// Arguments: names and entry points (file: URLs) of the functions, as JSON.
// Over stdout it reports which functions did not load; then it reads a port
// from stdin, serves there together with the other processes, and reports the
// port. When stdin ends it finishes the running requests and exits.

import { AsyncLocalStorage } from "node:async_hooks";

type Handler = (request: Request) => Response | Promise<Response>;

const functions: Record<string, string> = JSON.parse(Deno.args[0]!);
const handlers = new Map<string, Handler>();
const serve = Deno.serve;

// All functions share this process, so each line of a log starts with the name
// of its function. It goes to stderr, because stdout belongs to the parent.
const current = new AsyncLocalStorage<string>();
let loading: string | undefined;
const write = console.error.bind(console);
for (const level of ["debug", "error", "info", "log", "warn"] as const) {
  console[level] = (...values: unknown[]) => {
    const name = current.getStore() ?? loading;
    write(...(name === undefined ? values : [`[${name}]`, ...values]));
  };
}

// A function may call Deno.serve(handler) in place of exporting a handler.
Deno.serve = ((...values: unknown[]) => {
  const handler = values.map((value) =>
    (value as { handler?: unknown } | null)?.handler ?? value
  ).find((value) => typeof value === "function");
  const name = current.getStore() ?? loading;
  if (name && handler) handlers.set(name, handler as Handler);
  return {
    addr: { transport: "tcp", hostname: "0.0.0.0", port: 0 },
    finished: new Promise(() => {}),
    ref() {},
    unref() {},
    shutdown: () => Promise.resolve(),
  };
}) as typeof Deno.serve;

Object.assign(globalThis, {
  EdgeRuntime: {
    waitUntil(work: Promise<unknown>) {
      work.catch((error) => console.error(error));
    },
  },
});

/** Bodies up to this many bytes arrive whole. */
const SMALL_BODY = 64 * 1024;
const MOST_UNREAD = 32 * 1024 * 1024;
const LONGEST_UNREAD_MS = 1_000;

const failed: string[] = [];
for (const [name, entryPoint] of Object.entries(functions)) {
  loading = name;
  try {
    const { default: module } = await current.run(
      name,
      () => import(entryPoint),
    );
    if (typeof module?.fetch === "function") {
      handlers.set(name, (request) => module.fetch(request));
    } else if (!handlers.has(name)) {
      throw new Error(
        "The function has no handler: write " +
          "`export default { fetch(request) { … } }` or `Deno.serve(handler)`.",
      );
    }
  } catch (error) {
    console.error(error);
    failed.push(name);
  }
}
loading = undefined;
report(JSON.stringify(failed));

const input = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
  .getReader();
const { value: port } = await input.read();
const server = serve({
  hostname: "127.0.0.1",
  port: Number(port),
  // The kernel spreads connections over all processes on the port.
  reusePort: true,
  onListen: ({ port }) => report(String(port)),
}, async (request) => {
  const name = new URL(request.url).pathname.split("/")[1] ?? "";
  const handler = handlers.get(name);
  if (failed.includes(name)) {
    return refuse(503, "BOOT_ERROR", "Function failed to start");
  }
  if (!handler) {
    return refuse(404, "NOT_FOUND", "Requested function was not found");
  }
  try {
    return await current.run(name, () => answer(handler, request));
  } catch (error) {
    current.run(name, () => console.error(error));
    return refuse(500, "WORKER_ERROR", "Function exited due to an error");
  }
});

// A Ctrl-C in the terminal reaches this process too; the parent decides.
Deno.addSignalListener("SIGINT", () => {});

// The parent holds the other end of stdin: it also closes when the parent is
// killed, so this process never outlives it.
while (!(await input.read()).done);
await server.shutdown();
Deno.exit(0);

/**
 * Answers a request, and reads what the function leaves unread of a large body,
 * as the platform's gateway does. Otherwise Deno 2.1.4 closes the connection, and
 * a caller that is still sending does not see the answer.
 */
async function answer(handler: Handler, request: Request): Promise<Response> {
  const length = request.headers.get("content-length");
  const isSmall = length !== null && Number(length) <= SMALL_BODY;
  if (request.body === null || isSmall) return await handler(request);
  const reader = request.body.getReader();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
  const response = await handler(new Request(request, { body }));
  const late = setTimeout(() => reader.cancel(), LONGEST_UNREAD_MS);
  try {
    for (let bytes = 0; bytes < MOST_UNREAD;) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes += value.length;
    }
  } catch {
    // The caller has gone.
  }
  clearTimeout(late);
  return response;
}

function report(line: string) {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

function refuse(status: number, code: string, message: string): Response {
  return Response.json(
    { code, message: `${message} (please check logs)` },
    { status, headers: { "access-control-allow-origin": "*" } },
  );
}
