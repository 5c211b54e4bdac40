/**
 * What every endpoint does: it sets the CORS headers, checks the method,
 * refuses secrets in the URL and unknown secret keys, writes one log line, and
 * answers a bug with 500 and only an id.
 *
 * Only the endpoints import it.
 *
 * @module
 */
import { type Context, type Handler, makeContext } from "./context.ts";
import type { Outcome } from "./context.ts";
import { MODE_HEADER } from "./cookie_mode.ts";
import { refuseSecretInUrl, refuseUnknownSecretKey } from "./credentials.ts";
import { client } from "./client.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { noted, requestId } from "./log.ts";
import { Refusal } from "./outcomes.ts";
import { setCommonHeaders, toResponse } from "./response.ts";

/**
 * Creates the function that the edge runtime serves.
 *
 * @param name The endpoint's name, for the log.
 * @param method The only method that it accepts, besides OPTIONS.
 * @throws {ConfigurationError} At start, if a variable is missing or wrong.
 *
 * @example
 * ```ts ignore
 * export default endpoint("profile", "GET", async (request, context) => {
 *   const caller = await checkCaller(request, { live: true }, context);
 *   return caller instanceof Refusal ? caller : { user_id: caller.userId };
 * });
 * ```
 */
export function endpoint(
  name: string,
  method: "GET" | "POST",
  handle: Handler,
  context: Context = makeContext(readEnvironment()),
): { fetch(request: Request): Promise<Response> } {
  const { environment } = context;
  const allow = `${method}, OPTIONS`;

  async function outcomeOf(request: Request, id: string): Promise<Outcome> {
    try {
      if (request.method !== method) return new Refusal("method_not_allowed");
      return refuseSecretInUrl(request) ??
        refuseUnknownSecretKey(request, environment) ??
        await handle(request, context);
    } catch (error) {
      console.error(
        JSON.stringify({
          request_id: id,
          endpoint: name,
          bug: describeBug(error),
        }),
      );
      return new Refusal("server_error", { id });
    }
  }

  return {
    async fetch(request) {
      const id = requestId(request);
      let response: Response;
      if (request.method === "OPTIONS") {
        response = new Response(null, { status: 204 });
      } else {
        const start = performance.now();
        const outcome = await outcomeOf(request, id);
        const refusal = outcome instanceof Refusal ? outcome : undefined;
        response = refusal
          ? toResponse(refusal)
          : outcome instanceof Response
          ? outcome
          : Response.json(outcome);
        if (response.status === 405) response.headers.set("Allow", allow);
        console.log(JSON.stringify({
          request_id: id,
          endpoint: name,
          outcome: refusal?.code ?? "ok",
          cause: refusal?.details.cause,
          status: response.status,
          milliseconds: Math.round(performance.now() - start),
          ip: client(request, environment).ip ?? undefined,
          ...noted(request),
        }));
      }
      setCommonHeaders(response);
      setCookieCors(response, request, environment);
      response.headers.set("X-Request-Id", id);
      return response;
    },
  };
}

/** Allows only pages of the listed origins to send the cookie. */
function setCookieCors(
  { headers }: Response,
  request: Request,
  { cookies }: Pick<Environment, "cookies">,
): void {
  headers.append("Access-Control-Allow-Headers", MODE_HEADER);
  if (!cookies) return;
  headers.set("Vary", "Origin");
  const origin = request.headers.get("Origin");
  if (!origin || !cookies.origins.includes(origin)) return;
  // Browsers send no cookie if the answer allows the origin *.
  headers.set("Access-Control-Allow-Origin", origin);
  headers.set("Access-Control-Allow-Credentials", "true");
}

/**
 * The stack says where the error is. The message is left out, because it could
 * quote what was sent.
 */
function describeBug(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const frames =
    error.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? [];
  const message = error.name === "DatabaseError" ? `: ${error.message}` : "";
  return [error.name + message, ...frames].join("\n");
}
