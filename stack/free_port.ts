/**
 * Chooses a free TCP port on 127.0.0.1 for a program that opens it later.
 *
 * Port 0 would choose one of those that the system also gives to outgoing
 * connections, which could then take it before the program opens it. This port
 * is below them.
 */
export function freePort(): number {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * COUNT);
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

/** Linux gives outgoing connections ports from 32768, macOS from 49152. */
const LOWEST = 20_000;
const COUNT = 12_000;
