/**
 * Creates users and sessions to measure with.
 *
 * @module
 */
import { AccessTokens } from "../supabase/functions/_latchkey/access_token_issuer.ts";
import {
  type Environment,
  readEnvironment,
} from "../supabase/functions/_latchkey/environment.ts";
import {
  hashSeed,
  newSeed,
  RefreshTokens,
} from "../supabase/functions/_latchkey/refresh_token.ts";
import { functionsEnvironment } from "../stack/functions.ts";
import type { Stack } from "../stack/stack.ts";
import type { Bench, Peer } from "./section.ts";

/** The result of a sign-up with a Supabase Auth. */
export interface SignedUp {
  userId: string;
  /** The refresh token of that Auth. */
  refreshToken: string;
}

/** A Latchkey session. */
export interface Session {
  sessionId: string;
  seed: Uint8Array<ArrayBuffer>;
  /** How often its token was rotated. */
  generation: number;
  accessToken: string;
  refreshToken: string;
}

/**
 * Signs up users, each with a session.
 *
 * @throws {Error} the Auth rejects sign-ups
 */
export function signUp(
  { name, url, headers }: Pick<Peer, "name" | "url" | "headers">,
  count: number,
): Promise<SignedUp[]> {
  return Promise.all(Array.from({ length: count }, async () => {
    const response = await fetch(`${url}/signup`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify({
        email: `${crypto.randomUUID()}@example.com`,
        password: "correct horse battery",
      }),
    });
    const body = await response.json();
    if (!body.refresh_token) {
      throw new Error(
        `${name} returned ${response.status} without a session for a sign-up. ` +
          "Turn on its automatic email confirmation and raise its rate limits.",
      );
    }
    return { userId: body.user.id, refreshToken: body.refresh_token };
  }));
}

/**
 * Gives each user a session without the password hashing of a sign-in. The rows
 * are the same, and the functions' own code issues the tokens.
 *
 * @param key The key to which the sessions are bound, if any.
 */
export function openSessions(
  { sql, stack }: Pick<Bench, "sql" | "stack">,
  userIds: string[],
  key?: { jkt: string },
): Promise<Session[]> {
  const environment = readKeys(stack);
  const accessTokens = new AccessTokens(environment);
  const refreshTokens = new RefreshTokens(
    environment.refreshTokenKeys,
    environment.currentRefreshTokenKey,
  );
  return Promise.all(userIds.map(async (userId) => {
    const [sessionId, seed] = [crypto.randomUUID() as string, newSeed()];
    await sql`
      insert into auth.sessions (id, user_id, created_at, updated_at)
      values (${sessionId}, ${userId}, now(), now())`;
    const [result] = await sql`
      select * from latchkey.login(
        ${sessionId}, ${hashSeed(seed)}::text::bytea, 'aal1', '[]',
        'benchmark', null, null, ${environment.issuer},
        proof_jkt => ${key?.jkt ?? null}::text::bytea)`;
    const token = { sessionId, seed, generation: 0 };
    return {
      ...token,
      accessToken: await accessTokens.issue(result!.claims),
      refreshToken: refreshTokens.issue(token),
    };
  }));
}

/** The environment of the stack's functions, as they read it. */
export function readKeys(stack: Stack): Environment {
  const variables = functionsEnvironment({
    apiUrl: stack.apiUrl,
    databaseUrl: stack.dbUrl,
    keys: stack.keys,
  });
  return readEnvironment((name) => variables[name]);
}
