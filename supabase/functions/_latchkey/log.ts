/**
 * Collects the content of a request's log line: the endpoint, the outcome, the
 * session and the request's id. It never contains a token, a password or an
 * email address.
 *
 * @module
 */

/** The fields that a handler adds to the log line. */
export interface Subject {
  session_id?: string;
  user_id?: string;
  /** The address of the browser, if one of the app's servers sent the request. */
  ip?: string;
  /** Which setting the project's owner should correct. */
  warning?: string;
}

const subjects = new WeakMap<Request, Subject>();

/** Adds to the log line of a request. */
export function note(request: Request, subject: Subject): void {
  subjects.set(request, { ...subjects.get(request), ...subject });
}

/** The fields that were added to the log line of a request. */
export function noted(request: Request): Subject {
  return subjects.get(request) ?? {};
}

/**
 * The id of a request in the log and in the answer: the one that the platform
 * or the caller gave it, or a new one. Only hexadecimal digits are accepted, so
 * that no token gets into the log this way.
 */
export function requestId(request: Request): string {
  const given = ["sb-request-id", "x-request-id"]
    .map((name) => request.headers.get(name) ?? "")
    .find((id) => /^[0-9a-f-]{16,64}$/i.test(id));
  return given ?? crypto.randomUUID();
}
