/**
 * Calls of SQL functions by themselves, without HTTP: what the database bears.
 *
 * @module
 */

/**
 * Has several callers call for some time, each one call after the other.
 *
 * @param call is told which caller it is for, counted from 0
 * @returns calls per second, all callers together
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
