import { bearerOf, json, type Service, withCors } from "./http.ts";
import type { Tokens } from "./tokens.ts";

/**
 * Puts the platform's check in front of functions with `verify_jwt = true`: they
 * need a valid access token of the project, of any user.
 *
 * @param isGuarded whether a function has that setting, by its name
 */
export function withJwtCheck(
  functions: Service,
  isGuarded: (name: string) => boolean,
  tokens: Tokens,
): Service {
  return {
    ...functions,
    async fetch(request, peer) {
      const name = new URL(request.url).pathname.split("/")[3] ?? "";
      if (request.method !== "OPTIONS" && isGuarded(name)) {
        const refusal = await refuse(bearerOf(request), tokens);
        if (refusal !== null) {
          return withCors(
            json({ code: 401, message: refusal }, { status: 401 }),
          );
        }
      }
      return functions.fetch(request, peer);
    },
  };
}

async function refuse(
  token: string | null,
  tokens: Tokens,
): Promise<string | null> {
  if (token === null) return "Missing authorization header";
  try {
    await tokens.verify(token);
    return null;
  } catch {
    return "Invalid JWT";
  }
}
