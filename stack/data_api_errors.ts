import { json } from "./http.ts";

/**
 * Prepares an error for @supabase/lite, which writes it to the log and turns it
 * into an answer: one line in the log, since a refused request is everyday, and
 * PostgREST's status where lite has none.
 */
export function normalizeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code = "", detail, hint } = error as Error & Partial<PostgresFields>;
  const answer = isConnectionFailure(code)
    ? answerAs(503, {
      code: "PGRST001",
      message: "Database client error. Retrying the connection.",
    })
    : isRaised(code)
    ? answerAs(400, { code, message: error.message, details: detail, hint })
    : error;
  const line = `[rest] ${code || error.name}: ${error.message}`;
  return Object.defineProperty(answer, Symbol.for("Deno.customInspect"), {
    value: () => line,
  });
}

interface PostgresFields {
  code: string;
  detail: string;
  hint: string;
}

/** What a function raises itself: without a code, or with one of Latchkey's. */
function isRaised(code: string): boolean {
  return /^(P0001$|LK)/.test(code);
}

/** Codes of the operating system, of the driver, and of a server that stops. */
function isConnectionFailure(code: string): boolean {
  return /^(ECONN|CONNECT|08|57P|53)/.test(code);
}

/** The form in which lite takes a ready answer: that of `raise sqlstate 'PGRST'`. */
function answerAs(status: number, body: Record<string, unknown>): Error {
  return Object.assign(new Error(JSON.stringify(body)), {
    code: "PGRST",
    detail: JSON.stringify({ status, headers: {} }),
  });
}

/** The answer to a token that cannot be verified. */
export function invalidToken(): Response {
  return json({
    code: "PGRST301",
    message: "No suitable key or wrong key type",
    details: "None of the keys was able to decode the JWT",
    hint: null,
  }, {
    status: 401,
    headers: { "www-authenticate": 'Bearer error="invalid_token"' },
  });
}
