import { answerMissing } from "./missing.ts";
import { json, type Service, withCors } from "./http.ts";

/** The stack's one address, with the paths of a hosted project. */
export interface Gateway {
  /** The base URL, without a slash at its end. */
  url: string;
  /**
   * Starts to answer. Before that, every request gets an answer that says to
   * wait.
   */
  open(services: Services): void;
  /** Stops listening and drops open connections. */
  close(): Promise<void>;
}

/** What answers below each path. */
export interface Services {
  auth: Pick<Service, "fetch">;
  rest: Pick<Service, "fetch">;
  functions: Pick<Service, "fetch">;
  realtime: Pick<Service, "fetch">;
  /** Everything else. */
  page: Pick<Service, "fetch">;
}

/**
 * Opens the port on the loopback address, before anything slow is started.
 *
 * @param port TCP port; 0 takes a free one
 * @throws {Error} The port is in use. The message names --port.
 */
export function startGateway(port: number): Gateway {
  let services: Services | null = null;
  const abort = new AbortController();
  const server = listen(port, abort.signal, (request, peer) => {
    if (services) return route(services, request, peer);
    return json({ message: "The stack is starting" }, {
      status: 503,
      headers: { "retry-after": "1" },
    });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    open(opened) {
      services = opened;
    },
    async close() {
      abort.abort();
      await server.finished;
    },
  };
}

function listen(
  port: number,
  signal: AbortSignal,
  answer: (request: Request, peer: string) => Response | Promise<Response>,
) {
  try {
    return Deno.serve({
      hostname: "127.0.0.1",
      port,
      signal,
      onListen: () => {},
      onError(error) {
        console.error(error);
        return withCors(json({ message: "Internal error" }, { status: 500 }));
      },
    }, (request, { remoteAddr }) => answer(request, remoteAddr.hostname));
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new Error(
      `Port ${port} is in use: stop what runs there, or choose another one ` +
        "for the API with --port.",
    );
  }
}

function route(
  services: Services,
  request: Request,
  peer: string,
): Response | Promise<Response> {
  // fetch, which calls the services, refuses to send these, and would turn "get"
  // into "GET". Methods are case-sensitive (RFC 9110 section 9.1).
  const { method } = request;
  if (
    /^(connect|trace|track)$/i.test(method) || method !== method.toUpperCase()
  ) return unknownMethod();
  const { pathname } = new URL(request.url);
  const [, name, version] = pathname.split("/");
  if (version === "v1" && name !== undefined && Object.hasOwn(services, name)) {
    return services[name as keyof Services].fetch(request, peer);
  }
  return answerMissing(request) ?? services.page.fetch(request, peer);
}

function unknownMethod(): Response {
  return withCors(json({
    code: "NOT_IMPLEMENTED",
    message: "The gateway does not know this method. Methods are upper case.",
  }, { status: 501 }));
}
