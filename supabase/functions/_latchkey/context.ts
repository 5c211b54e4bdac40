/**
 * The objects that the endpoints use.
 *
 * @module
 */
import { AccessTokens } from "./access_token_issuer.ts";
import { type Database, openDatabase } from "./database.ts";
import { DisavowTokens } from "./disavow_token.ts";
import type { Environment } from "./environment.ts";
import type { Refusal } from "./outcomes.ts";
import { ProofNonces } from "./proof_nonce.ts";
import { RefreshTokens } from "./refresh_token.ts";

/** Created once per isolate. */
export interface Context {
  environment: Environment;
  database: Database;
  accessTokens: AccessTokens;
  refreshTokens: RefreshTokens;
  disavowTokens: DisavowTokens;
  proofNonces: ProofNonces;
}

/** A body to answer with status 200, a complete response, or a refusal. */
export type Outcome = Response | Refusal | Record<string, unknown>;

/** Handles a request that has the endpoint's method. */
export type Handler = (request: Request, context: Context) => Promise<Outcome>;

/**
 * Builds the context from a configuration. Does not connect to anything yet.
 */
export function makeContext(environment: Environment): Context {
  const ring = [
    environment.refreshTokenKeys,
    environment.currentRefreshTokenKey,
  ] as const;
  return {
    environment,
    database: openDatabase(environment),
    accessTokens: new AccessTokens(environment),
    refreshTokens: new RefreshTokens(...ring),
    disavowTokens: new DisavowTokens(...ring),
    proofNonces: new ProofNonces(...ring),
  };
}
