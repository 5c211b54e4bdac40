/**
 * Everything whose refreshes are measured: Latchkey with both ways to the
 * database, and each Supabase Auth.
 *
 * @module
 */
import { load, type LoadOptions } from "./load.ts";
import type { Bench } from "./section.ts";
import { openSessions, signUp } from "./sessions.ts";

/** A server that refreshes tokens, with sessions on it. */
export interface Subject {
  name: string;
  ours: boolean;
  url: string;
  headers: Record<string, string>;
  /** The database it uses, on the stack's server. */
  database: string;
  /** One refresh token per session; each session has another user. */
  tokens: string[];
}

/**
 * Opens sessions on every server.
 *
 * @param count number of sessions on each
 */
export async function openSubjects(
  bench: Bench,
  count: number,
): Promise<Subject[]> {
  const peers: Subject[] = [];
  let userIds: string[] = [];
  for (const peer of bench.peers) {
    const { name, url, headers, database } = peer;
    const users = await signUp(peer, count);
    // The first is the stack's own Auth, whose users Latchkey shares.
    if (peer === bench.peers[0]) userIds = users.map((user) => user.userId);
    peers.push({
      ...{ name, headers, database, ours: false },
      url: `${url}/token?grant_type=refresh_token`,
      tokens: users.map((user) => user.refreshToken),
    });
  }
  const ours: Subject[] = [];
  for (const [way, url] of Object.entries(bench.ways)) {
    const sessions = await openSessions(bench, userIds);
    ours.push({
      name: `Latchkey, ${way}`,
      ours: true,
      url: `${url}/refresh`,
      headers: { apikey: bench.stack.publishableKey },
      database: "postgres",
      tokens: sessions.map((session) => session.refreshToken),
    });
  }
  return [...ours, ...peers];
}

/** The load of a subject's refreshes, on its first sessions. */
export function refreshLoad(
  { url, headers, tokens }: Subject,
  connections: number,
): Omit<LoadOptions, "requests"> {
  return {
    ...{ url, connections, expect: 200 },
    headers: { ...headers, "Content-Type": "application/json" },
    tokens: tokens.slice(0, connections),
  };
}

/** Refreshes, and stores the sessions' new tokens. */
export async function runRefreshes(
  subject: Subject,
  { connections, requests }: Pick<LoadOptions, "connections" | "requests">,
) {
  const loaded = await load({ ...refreshLoad(subject, connections), requests });
  subject.tokens.splice(0, connections, ...loaded.tokens);
  return loaded;
}
