"use server";

import type { SessionInfo } from "supabase-latchkey/server";
import { getServerSession } from "@/lib/session";

export async function userSessions(): Promise<SessionInfo[]> {
  return await (await getServerSession()).sessions();
}

export async function revokeSession(sessionId: string): Promise<void> {
  await (await getServerSession()).revoke(sessionId);
}

export async function signOutOthers(): Promise<void> {
  await (await getServerSession()).signOut({ scope: "others" });
}
