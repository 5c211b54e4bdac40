/** Where the local stack runs, for --help and for the error. */
export const SYSTEMS =
  "Linux (x64 or arm64, with glibc) and macOS (x64 or arm64); on Windows, in WSL 2";

/** A computer, as far as it matters here. */
export interface System {
  os: string;
  arch: string;
}

/**
 * Checks that the stack can run on this computer.
 *
 * @throws {Error} saying on which systems it runs
 */
export function requireSystem({ os, arch }: System = Deno.build): void {
  const isSupported = (os === "linux" || os === "darwin") &&
    (arch === "x86_64" || arch === "aarch64");
  if (isSupported) return;
  throw new Error(
    `The local stack does not run on ${os} (${arch}). It runs on ${SYSTEMS}.`,
  );
}

/**
 * Runs something that downloads a package.
 *
 * @param what the package's content, in words
 * @throws {Error} saying what a download needs
 */
export async function download<T>(
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(
      `${what} could not be downloaded: ${
        (error as Error).message
      }. The first ` +
        "start fetches packages from the npm registry. Behind a proxy, set " +
        "HTTPS_PROXY; for another registry, set NPM_CONFIG_REGISTRY.",
    );
  }
}
