import type { JWTPayload } from "jose";
import { json } from "./http.ts";
import type { Tokens } from "./tokens.ts";

/** The claims of a request's access token, with the role that it runs as. */
export type Claims = JWTPayload & { role: string };

/**
 * PostgREST allows the clocks of two servers to differ by this many seconds.
 */
const LEEWAY_SECONDS = 30;

/**
 * Reads a request's access token as PostgREST 14 does.
 *
 * @returns the claims; null without a token, where the API key decides; or the
 * 401 answer to a token that is not valid
 * @see https://docs.postgrest.org/en/v14/references/auth.html
 */
export async function readClaims(
  request: Request,
  tokens: Pick<Tokens, "readClaims">,
): Promise<Claims | null | Response> {
  const header = request.headers.get("authorization") ?? "";
  const token = header.match(/^bearer(?:\s+(.*))?$/i);
  if (token === null) return null;
  const [, jwt = ""] = token;
  // The platform's gateway replaces an API key by a token of its role.
  if (jwt.startsWith("sb_")) return null;
  if (jwt === "") {
    return unauthorized(
      "PGRST301",
      "Empty JWT is sent in Authorization header",
    );
  }
  const parts = jwt.split(".").length;
  if (parts !== 3) {
    return unauthorized(
      "PGRST301",
      `Expected 3 parts in JWT; got ${parts}`,
    );
  }
  const claims = await tokens.readClaims(jwt);
  if (claims === null) {
    return unauthorized(
      "PGRST301",
      "No suitable key or wrong key type",
      "None of the keys was able to decode the JWT",
    );
  }
  const wrong = wrongClaim(claims, Math.floor(Date.now() / 1000));
  if (wrong) return unauthorized("PGRST303", wrong);
  const { role = "anon" } = claims;
  return {
    ...claims,
    role: typeof role === "string" ? role : JSON.stringify(role),
  };
}

function wrongClaim(claims: JWTPayload, now: number): string | undefined {
  for (const name of ["exp", "nbf", "iat"] as const) {
    if (!["number", "undefined"].includes(typeof (claims[name] ?? undefined))) {
      return `The JWT '${name}' claim must be a number`;
    }
  }
  const { exp, nbf, iat } = claims;
  if (exp != null && exp < now - LEEWAY_SECONDS) return "JWT expired";
  if (nbf != null && nbf > now + LEEWAY_SECONDS) return "JWT not yet valid";
  if (iat != null && iat > now + LEEWAY_SECONDS) return "JWT issued at future";
}

function unauthorized(
  code: string,
  message: string,
  details: string | null = null,
): Response {
  return json({ code, message, details, hint: null }, {
    status: 401,
    headers: {
      "www-authenticate": `Bearer error="invalid_token", error_description=${
        JSON.stringify(message)
      }`,
    },
  });
}
