/**
 * Prepares an error for @supabase/lite, which turns it into an answer with the
 * code and status of PostgREST 14. It writes only one line to the log, because
 * refused requests are common.
 *
 * @param error The error that node-postgres or lite has thrown.
 * @param role the role that the request runs as
 * @see https://docs.postgrest.org/en/v14/references/errors.html
 */
export function normalizeError(error: unknown, role = "anon"): unknown {
  if (!(error instanceof Error)) return error;
  const { code, detail, hint } = error as Error & Partial<PostgresFields>;
  const answer = isSqlState(code)
    ? LITE_KNOWS.test(code) ? error : answerAs(statusOf(code, error, role), {
      code,
      message: error.message,
      details: detail ?? null,
      hint: hint ?? null,
    })
    : connectionFailure(error) ?? error;
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

/**
 * Codes that lite answers as PostgREST does: `raise sqlstate 'PGRST'` and
 * `'PTnnn'`, and a missing column, whose table lite adds to the message.
 */
const LITE_KNOWS = /^(PGRST|PT...|42703)$/;

function isSqlState(code: string | undefined): code is string {
  // No SQLSTATE begins with E, but error codes of the operating system do.
  return /^[0-9A-DF-Z][0-9A-Z]{4}$/.test(code ?? "");
}

/** PostgREST's status for an error of PostgreSQL. */
function statusOf(code: string, { message }: Error, role: string): number {
  switch (code) {
    case "21000":
      return message.endsWith("requires a WHERE clause") ? 400 : 500;
    case "22023":
      return /^role .* does not exist$/.test(message) ? 401 : 400;
    case "42501":
      return role === "anon" ? 401 : 403;
    default:
      return STATUSES.find(([codes]) => codes.test(code))![1];
  }
}

const STATUSES: [codes: RegExp, status: number][] = [
  [/^(0L|0P|28)/, 403],
  [/^(23503|23505)$/, 409],
  [/^25006$/, 405],
  [/^(42883|42P01)$/, 404],
  [/^P0001$/, 400],
  [/^(53400|42P17)$/, 500],
  [/^(08|53|57P01)/, 503],
  [/^(09|25|2D|38|39|3B|40|54|55|57|58|F0|HV|P0|XX)/, 500],
  [/^/, 400],
];

/**
 * The answer if there is no code of PostgreSQL, because the connection failed.
 */
function connectionFailure(error: Error): Error | undefined {
  const { code = "" } = error as Error & { code?: string };
  if (error.message.startsWith("timeout exceeded when trying to connect")) {
    return answerAs(504, {
      code: "PGRST003",
      message: "Timed out acquiring connection from connection pool.",
    });
  }
  if (/^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND)/.test(code)) {
    return answerAs(503, {
      code: "PGRST000",
      message: "Database connection error. Retrying the connection.",
    });
  }
  if (
    /^(Connection terminated|Client has encountered|Client was closed)/
      .test(error.message)
  ) {
    return answerAs(503, {
      code: "PGRST001",
      message: "Database client error. Retrying the connection.",
    });
  }
}

/**
 * PostgREST's answer when a pooled connection has died since its last use: the
 * request has not run. PostgREST gives it once for each such connection.
 */
export function deadConnection(): Error {
  return answerAs(400, { code: "", message: "", details: null, hint: null });
}

/** The form in which lite takes a ready answer: that of `raise sqlstate 'PGRST'`. */
function answerAs(status: number, body: Record<string, unknown>): Error {
  return Object.assign(new Error(JSON.stringify(body)), {
    code: "PGRST",
    detail: JSON.stringify({
      status,
      headers: status === 401 ? { "WWW-Authenticate": "Bearer" } : {},
    }),
  });
}
