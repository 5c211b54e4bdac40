/** A failure that the user can correct. The message says what to do. */
export class CommandError extends Error {
  override name = "CommandError";

  /**
   * @param message What happened, then what to do.
   * @param exitCode 1: refused or failed. 2: wrong usage.
   */
  constructor(message: string, readonly exitCode: 1 | 2 = 1) {
    super(message);
  }
}

/** A wrong argument or flag. */
export class UsageError extends CommandError {
  override name = "UsageError";

  constructor(message: string) {
    super(message, 2);
  }
}
