import { redirect } from "next/navigation";
import { cache } from "react";
import { createNextSessions } from "supabase-latchkey/next";
import type { SessionUser } from "supabase-latchkey/server";
import { functionPrefix, key, url } from "@/lib/environment";

export const { getServerSession, handleProxy } = createNextSessions({
  url,
  key,
  functionPrefix,
  // Only a header that the proxy in front of the app replaces.
  addressHeader: process.env.ADDRESS_HEADER,
});

/**
 * Who is signed in, or why nobody is. It asks the database, once per request, so
 * that a session that ended a moment ago counts as ended.
 */
export const currentSession = cache(async () => {
  const session = await getServerSession();
  return await session.snapshot({ live: true });
});

/** The user of a protected page. Visitors sign in first, and then come back. */
export async function requireUser(path: string): Promise<SessionUser> {
  const { session } = await currentSession();
  return session?.user ??
    redirect(`/sign-in?next=${encodeURIComponent(path)}`);
}
