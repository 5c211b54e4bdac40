/**
 * One structured line per request, in the function's log: who asked for what,
 * what came of it, and under which id. Never a token, a password or an e-mail
 * address: a line holds only what is named here.
 *
 * @module
 */

/** What a handler finds out about the session that a request is about. */
export interface Subject {
  session_id?: string;
  user_id?: string;
  /** What the project's owner should set right, though the request succeeded. */
  warning?: string;
}

const subjects = new WeakMap<Request, Subject>();

/** Has the request's log line say whose session it is about. */
export function note(request: Request, subject: Subject): void {
  subjects.set(request, { ...subjects.get(request), ...subject });
}

/** What was noted of a request. */
export function noted(request: Request): Subject {
  return subjects.get(request) ?? {};
}

/**
 * The id under which a request is logged and answered: the one that the
 * platform or the caller gave it, or a new one. Only digits that a token could
 * not be made of are taken over, so that none gets into the log this way.
 */
export function requestId(request: Request): string {
  const given = ["sb-request-id", "x-request-id"]
    .map((name) => request.headers.get(name) ?? "")
    .find((id) => /^[0-9a-f-]{16,64}$/i.test(id));
  return given ?? crypto.randomUUID();
}
