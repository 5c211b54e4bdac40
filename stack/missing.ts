import { json, preflight, withCors } from "./http.ts";

/**
 * Parts of a hosted project that the local stack does not have, by their path.
 */
const parts: Record<string, string> = {
  storage: "Storage",
  graphql: "GraphQL",
  analytics: "Analytics",
  pg: "The database's management API",
  mcp: "The MCP server",
};

/** Answers 501 below the paths of parts that do not run here, else null. */
export function answerMissing(request: Request): Response | null {
  const [, name = "", version] = new URL(request.url).pathname.split("/");
  const part = Object.hasOwn(parts, name) ? parts[name] : undefined;
  if (!part || (version !== "v1" && name !== "pg" && name !== "mcp")) {
    return null;
  }
  return request.method === "OPTIONS"
    ? preflight(request)
    : notImplemented(part);
}

/** The answer for a part that the local stack lacks. */
export function notImplemented(part: string): Response {
  return withCors(json({
    code: "not_implemented",
    message: missingMessage(part),
  }, { status: 501 }));
}

/** Says that the local stack lacks a part, and where to find it. */
export function missingMessage(part: string): string {
  return `${part} does not run in the local stack. Use a hosted project or ` +
    "`supabase start` for it.";
}
