/**
 * Proxies in front of the Data API and of PostgreSQL that hold a request back,
 * and deliver it even when its caller has given up meanwhile.
 *
 * @module
 */

/** A call that is held back. */
export interface HeldCall {
  /** Resolves when the proxy has received it. */
  received: Promise<void>;
  /** Delivers it; resolves when the database has answered. */
  deliver(): Promise<void>;
}

/** A proxy. */
export interface DelayingProxy {
  port: number;
  /** Holds back the next call of a SQL function whose request has the text. */
  hold(functionName: string, text?: string): HeldCall;
  close(): Promise<void>;
}

class Holds {
  readonly #waiting: {
    functionName: string;
    text: string;
    received(): void;
    delivery: Promise<void>;
    answered(): void;
  }[] = [];

  hold(functionName: string, text = ""): HeldCall {
    const received = Promise.withResolvers<void>();
    const delivery = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    this.#waiting.push({
      functionName,
      text,
      received: received.resolve,
      delivery: delivery.promise,
      answered: answered.resolve,
    });
    return {
      received: received.promise,
      deliver() {
        delivery.resolve();
        return answered.promise;
      },
    };
  }

  /** Waits if this request is to be held; returns what to call when answered. */
  async pass(functionName: string, request: string): Promise<() => void> {
    const index = this.#waiting.findIndex((held) =>
      held.functionName === functionName && request.includes(held.text)
    );
    const [held] = index < 0 ? [] : this.#waiting.splice(index, 1);
    if (!held) return () => {};
    held.received();
    await held.delivery;
    return held.answered;
  }
}

/** A proxy in front of a project's HTTP API. */
export function delayHttp(apiUrl: string): DelayingProxy {
  const holds = new Holds();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const { pathname, search } = new URL(request.url);
      const headers = new Headers(request.headers);
      headers.delete("host");
      const body = request.body && await request.text();
      const answered = await holds.pass(
        pathname.match(/^\/rest\/v1\/rpc\/(\w+)$/)?.[1] ?? "",
        body ?? "",
      );
      const response = await fetch(apiUrl + pathname + search, {
        method: request.method,
        headers,
        body,
      });
      const text = await response.text();
      answered();
      // A response to a status such as 204 may not have a body, even an empty one.
      return new Response(text || null, response);
    },
  );
  return {
    port: server.addr.port,
    hold: (functionName, text) => holds.hold(functionName, text),
    close: () => server.shutdown(),
  };
}

/** A proxy in front of a PostgreSQL server. */
export function delayPostgres(databaseUrl: string): DelayingProxy {
  const { hostname, port } = new URL(databaseUrl);
  const holds = new Holds();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const serving = (async () => {
    for await (const client of listener) {
      const server = await Deno.connect({ hostname, port: Number(port) });
      open.add(client).add(server);
      let answered = () => {};
      const upstream = async () => {
        const buffer = new Uint8Array(65_536);
        for (;;) {
          const length = await client.read(buffer).catch(() => null);
          if (length === null) return;
          const bytes = buffer.slice(0, length);
          const text = new TextDecoder().decode(bytes);
          answered = await holds.pass(
            text.match(/latchkey\.(\w+)\(/)?.[1] ?? "",
            text,
          );
          await server.write(bytes);
        }
      };
      const downstream = async () => {
        const buffer = new Uint8Array(65_536);
        for (;;) {
          const length = await server.read(buffer).catch(() => null);
          if (length === null) return;
          await client.write(buffer.slice(0, length)).catch(() => {});
          answered();
        }
      };
      upstream().catch(() => {});
      downstream().catch(() => {});
    }
  })().catch(() => {});
  return {
    port: (listener.addr as Deno.NetAddr).port,
    hold: (functionName, text) => holds.hold(functionName, text),
    async close() {
      listener.close();
      for (const connection of open) {
        try {
          connection.close();
        } catch {
          // It was closed by the other side.
        }
      }
      await serving;
    },
  };
}
