/** Whether something is at the path, a broken link included. */
export async function exists(path: string): Promise<boolean> {
  return await unlessMissing(Deno.lstat(path)) !== null;
}

/** The text of a file, or null where there is none. */
export function readIfExists(path: string): Promise<string | null> {
  return unlessMissing(Deno.readTextFile(path));
}

/** Removes a file or a whole folder, if it is there. */
export async function removeIfExists(path: string): Promise<void> {
  await unlessMissing(Deno.remove(path, { recursive: true }));
}

/** Turns the failure of a file operation on a missing path into null. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
