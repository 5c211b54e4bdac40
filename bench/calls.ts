/**
 * Calls of SQL functions without HTTP: the rate of the database alone.
 *
 * @module
 */

/**
 * Lets several callers call for some time. Each waits for its last call.
 *
 * @param call receives the number of the caller, from 0
 * @returns calls per second of all callers
 */
export async function callsPerSecond(
  callers: number,
  seconds: number,
  call: (caller: number) => Promise<unknown>,
): Promise<number> {
  const start = performance.now();
  const end = start + seconds * 1000;
  let calls = 0;
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      while (performance.now() < end) {
        await call(caller);
        calls++;
      }
    }),
  );
  return calls / (performance.now() - start) * 1000;
}
