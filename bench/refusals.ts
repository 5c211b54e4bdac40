import { AccessTokens } from "../supabase/functions/_latchkey/access_token_issuer.ts";
import { RefreshTokens } from "../supabase/functions/_latchkey/refresh_token.ts";
import { generateKeys } from "../stack/keys.ts";
import { calibrate, load, type LoadOptions } from "./load.ts";
import type { Bench, Result, Section } from "./section.ts";
import { serverCosts } from "./server_statistics.ts";
import { openSessions, readKeys, signUp } from "./sessions.ts";
import { figure, interleave } from "./statistics.ts";

/** How fast invalid tokens are rejected, without a database query. */
export const refusals: Section = {
  name: "refusals",
  title: "Rejected tokens",
  run,
};

const CONNECTIONS = 16;

type Attack = Omit<LoadOptions, "requests">;

async function run(bench: Bench): Promise<Result> {
  const attacks = await prepare(bench);
  const measures: Record<string, () => Promise<number>> = {};
  for (const [name, attack] of Object.entries(attacks)) {
    const { requests } = await calibrate(attack, bench.quick ? 0.3 : 1);
    measures[name] = async () =>
      (await load({ ...attack, requests })).perSecond;
  }
  bench.progress("Sending invalid tokens");
  let rates: Record<string, number[]> = {};
  const costs = await serverCosts(bench.sql, "postgres", async () => {
    rates = await interleave(bench.quick ? 1 : 3, measures);
  });
  return {
    tables: [{
      title: `Rejections per second on ${CONNECTIONS} connections`,
      columns: ["", "Per second"],
      rows: Object.entries(rates).map(([name, all]) => [name, figure(all)]),
    }],
    charts: [],
    notes: [
      `Statements that reached the database meanwhile: ${costs.commands}. The ` +
      "function checks the token's signature before it calls anything else.",
    ],
    aims: [],
    checks: [{
      what: "Database statements caused by rejected tokens",
      value: costs.commands,
      limit: "0",
      holds: costs.commands === 0,
    }],
  };
}

async function prepare(bench: Bench): Promise<Record<string, Attack>> {
  const [user] = await signUp(bench.peers[0]!, 1);
  const [session] = await openSessions(bench, [user!.userId]);
  // Keys of another project with our key ids, so that only the signature differs.
  const keys = await generateKeys();
  const kid = bench.stack.keys.signingKey.kid;
  const forgery = readKeys({
    ...bench.stack,
    keys: { ...keys, signingKey: { ...keys.signingKey, kid } },
  });
  const forgedRefreshToken = await new RefreshTokens(
    forgery.refreshTokenKeys,
    forgery.currentRefreshTokenKey,
  ).issue({ ...session!, generation: 0 });
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    sub: user!.userId,
    session_id: session!.sessionId,
    aud: "authenticated",
    role: "authenticated",
    iat: now,
    exp: now + 3600,
  };
  const expired = { ...claims, iat: now - 7200, exp: now - 3600 };

  const base = bench.ways["over a connection"];
  const apikey = bench.stack.publishableKey;
  const refresh = (refresh_token: string): Attack => ({
    url: `${base}/refresh`,
    headers: { apikey, "Content-Type": "application/json" },
    body: JSON.stringify({ refresh_token }),
    connections: CONNECTIONS,
    expect: 400,
  });
  const profile = (accessToken: string): Attack => ({
    url: `${base}/profile`,
    method: "GET",
    headers: { apikey, Authorization: `Bearer ${accessToken}` },
    connections: CONNECTIONS,
    expect: 401,
  });
  return {
    "Refresh tokens, malformed": refresh("lkr_" + "x".repeat(94)),
    "Refresh tokens, forged": refresh(forgedRefreshToken),
    "Access tokens, malformed": profile("x".repeat(600)),
    "Access tokens, forged": profile(
      await new AccessTokens(forgery).issue(claims),
    ),
    "Access tokens, expired": profile(
      await new AccessTokens(readKeys(bench.stack)).issue(expired),
    ),
  };
}
