/**
 * A session as the contract answers it: what supabase-js calls a Session, and
 * the session's id.
 *
 * @module
 */
import type { Database } from "./database.types.ts";
import type { Context } from "./endpoint.ts";
import type { RefreshToken } from "./refresh_token.ts";

type SessionResult = Database["latchkey"]["CompositeTypes"]["session_result"];

/**
 * Mints both tokens for what `latchkey.login`, `latchkey.adopt` or
 * `latchkey.refresh` decided.
 */
export async function session(
  { accessTokens, refreshTokens }: Context,
  token: Pick<RefreshToken, "sessionId" | "seed">,
  result: SessionResult,
): Promise<Record<string, unknown>> {
  const claims = result.claims as Record<string, unknown>;
  const [access, refresh] = await Promise.all([
    accessTokens.mint(claims),
    refreshTokens.mint({ ...token, generation: result.generation! }),
  ]);
  return {
    access_token: access,
    token_type: "bearer",
    expires_in: result.access_token_seconds,
    expires_at: claims.exp,
    refresh_token: refresh,
    session_id: token.sessionId,
    user: result.user_data,
  };
}
