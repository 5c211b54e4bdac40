/**
 * A session as the endpoints return it: a Session of supabase-js, with the
 * session's id.
 *
 * @module
 */
import type { Context, Outcome } from "./context.ts";
import { setCookie } from "./cookie_mode.ts";
import type { Database } from "./database.types.ts";
import type { RefreshToken } from "./refresh_token.ts";

type IssuedTokens = Database["latchkey"]["CompositeTypes"]["issued_tokens"];

/**
 * Issues both tokens from the result of `latchkey.login`, `latchkey.adopt` or
 * `latchkey.refresh`.
 *
 * @param options.cookie The refresh token goes into the cookie, not the body.
 */
export async function session(
  { accessTokens, refreshTokens, environment }: Context,
  token: Pick<RefreshToken, "sessionId" | "seed">,
  result: IssuedTokens,
  { cookie }: { cookie: boolean },
): Promise<Outcome> {
  const claims = result.claims as Record<string, unknown>;
  const [access, refresh] = await Promise.all([
    accessTokens.issue(claims),
    refreshTokens.issue({ ...token, generation: result.generation! }),
  ]);
  const body = {
    access_token: access,
    token_type: "bearer",
    expires_in: result.access_token_seconds,
    expires_at: claims.exp,
    ...(!cookie && { refresh_token: refresh }),
    session_id: token.sessionId,
    user: result.user_data,
  };
  return cookie
    ? Response.json(body, {
      headers: { "Set-Cookie": setCookie(refresh, environment) },
    })
    : body;
}
