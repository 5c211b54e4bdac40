"use client";
/**
 * A React hook, in a separate entry point because the core does not need React.
 *
 * @module
 */
// @ts-types="@types/react"
import { useSyncExternalStore } from "react";
import type { SessionClient, Snapshot } from "./types.ts";

/** A server does not know the session. The browser reads it later. */
const LOADING: Snapshot = { status: "loading", session: null };

/**
 * The session for a component. The component renders again when any tab changes
 * the session. `status` is `loading` on a server and until the storage was
 * read; `reason` says why the server ended the last session.
 *
 * @example
 * ```tsx ignore
 * import { useSession } from "supabase-latchkey/react";
 *
 * function Greeting() {
 *   const { status, session, reason } = useSession(client);
 *   if (status === "loading") return null;
 *   if (!session) return <SignIn reason={reason} />;
 *   return <p>{session.user.email}</p>;
 * }
 * ```
 */
export function useSession(
  client: Pick<SessionClient, "onChange" | "snapshot">,
): Snapshot {
  return useSyncExternalStore(client.onChange, client.snapshot, loading);
}

function loading(): Snapshot {
  return LOADING;
}
