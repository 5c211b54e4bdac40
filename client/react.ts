/**
 * A hook for React, in an entry of its own: the core needs no React.
 *
 * @module
 */
// @ts-types="@types/react"
import { useSyncExternalStore } from "react";
import type { SessionClient, Snapshot } from "./types.ts";

/** On a server nobody is known: the browser finds out. */
const LOADING: Snapshot = { status: "loading", session: null };

/**
 * The session as a component sees it: renders again whenever it changes, in
 * whichever tab. `status` is `loading` on a server and until the storage was
 * read; `reason` says why the last session ended, where the server ended it.
 *
 * @example
 * ```tsx ignore
 * import { useSession } from "latchkey/react";
 *
 * function Greeting() {
 *   const { status, session, reason } = useSession(client);
 *   if (status === "loading") return null;
 *   if (!session) return <SignIn because={reason} />;
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
