/** The assertions that this project uses; add a line to use another one. */

// deno-lint-ignore no-explicit-any -- any class, whatever its constructor takes
type Class<T> = abstract new (...args: any[]) => T;

/** Throws if `value` is falsy; afterwards the compiler knows that it is not. */
export function assert(value: unknown, message?: string): asserts value;

/** Throws unless the two are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void;

/** Throws if the two are deeply equal. */
export function assertNotEquals<T>(
  actual: T,
  expected: T,
  message?: string,
): void;

/** Throws unless the text matches. */
export function assertMatch(
  actual: string,
  expected: RegExp,
  message?: string,
): void;

/** Throws if the text matches. */
export function assertNotMatch(
  actual: string,
  expected: RegExp,
  message?: string,
): void;

/** Throws unless the text contains the other one. */
export function assertStringIncludes(
  actual: string,
  expected: string,
  message?: string,
): void;

/** Throws unless the value is an instance of the class. */
export function assertInstanceOf<T>(
  actual: unknown,
  expectedType: Class<T>,
  message?: string,
): asserts actual is T;

/** Throws unless the function throws; returns what it threw. */
export function assertThrows(
  throwing: () => unknown,
  message?: string,
): unknown;
/** Throws unless the function throws such an error; returns that error. */
export function assertThrows<E extends Error>(
  throwing: () => unknown,
  errorClass: Class<E>,
  errorIncludes?: string,
  message?: string,
): E;

/** Rejects unless the promise rejects; resolves to what it rejected with. */
export function assertRejects(
  rejecting: () => PromiseLike<unknown>,
  message?: string,
): Promise<unknown>;
/** Rejects unless the promise rejects with such an error; resolves to that. */
export function assertRejects<E extends Error>(
  rejecting: () => PromiseLike<unknown>,
  errorClass: Class<E>,
  errorIncludes?: string,
  message?: string,
): Promise<E>;
