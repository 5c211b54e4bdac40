/**
 * Decides who may read and send on a private channel: it tries the policies on
 * `realtime.messages` in transactions that are rolled back.
 */

import { DatabaseError, type Queries, type Sql } from "../sql.ts";
import type { Claims } from "./identity.ts";

/** The data about the caller that the policies can read. */
export interface AuthorizationContext {
  topic: string;
  claims: Claims;
  headers: Record<string, string>;
}

/**
 * The policies' answer, or why there is none: the database is not available, or
 * `realtime.messages` has no partition for today.
 */
export type Verdict = "allowed" | "denied" | "unavailable" | "no partition";

/** Asks the select policies: may this identity receive from the channel? */
export function canRead(
  sql: Sql,
  context: AuthorizationContext,
): Promise<Verdict> {
  return decide(sql, async (tx) => {
    const id = crypto.randomUUID();
    // The row is written before the role changes, so this only tries to read.
    await tx`
      insert into realtime.messages (id, topic, extension)
      values (${id}, ${context.topic}, 'broadcast')`;
    await become(tx, context);
    const rows = await tx`
      select from realtime.messages where id = ${id}`;
    return rows.length > 0;
  });
}

/** Asks the insert policies: may this identity send to the channel? */
export function canWrite(
  sql: Sql,
  context: AuthorizationContext,
): Promise<Verdict> {
  return decide(sql, async (tx) => {
    await become(tx, context);
    await tx`
      insert into realtime.messages (topic, extension)
      values (${context.topic}, 'broadcast')`;
    return true;
  });
}

async function become(tx: Queries, context: AuthorizationContext) {
  const { topic, claims, headers } = context;
  await tx`
    select
      set_config('role', ${claims.role}, true),
      set_config('realtime.topic', ${topic}, true),
      set_config('request.jwt.claims', ${JSON.stringify(claims)}, true),
      set_config('request.jwt.claim.sub', ${claims.sub ?? ""}, true),
      set_config('request.jwt.claim.role', ${claims.role}, true),
      set_config('request.headers', ${JSON.stringify(headers)}, true)`;
}

async function decide(
  sql: Sql,
  attempt: (tx: Queries) => Promise<boolean>,
): Promise<Verdict> {
  try {
    return await sql.begin(async (tx) => {
      const allowed = await attempt(tx);
      // begin() commits when this returns, so roll back first and leave an
      // empty transaction.
      await tx`rollback and chain`;
      return allowed ? "allowed" : "denied";
    });
  } catch (error) {
    // Connection failures (08), lack of resources (53) and interventions (57:
    // cancelled, shutting down) say nothing about the policies.
    if (
      !(error instanceof DatabaseError) || /^(08|53|57)/.test(error.code)
    ) return "unavailable";
    // No partition accepts the row. PostgreSQL reports that as a check
    // violation.
    if (error.code === "23514") return "no partition";
    // A policy that fails grants nothing: an unknown role, a bad cast, …
    return "denied";
  }
}
