/**
 * A hook for React. React itself is handed in by the app, so that this library
 * depends on no version of it.
 *
 * @module
 */
import type { SessionClient, Snapshot } from "./types.ts";

/** The part of React that is used. */
export interface React {
  useSyncExternalStore<T>(
    subscribe: (changed: () => void) => () => void,
    snapshot: () => T,
    serverSnapshot: () => T,
  ): T;
}

/** On a server nobody is known: the browser finds out. */
const LOADING: Snapshot = { status: "loading", session: null };

/**
 * Makes `useSession` out of the app's React.
 *
 * @example
 * ```ts ignore
 * import * as React from "react";
 * import { createUseSession } from "latchkey/react";
 *
 * export const useSession = createUseSession(React);
 *
 * function Greeting() {
 *   const { status, session } = useSession(client);
 *   return status === "signed_in" ? <p>{session!.user.email}</p> : <SignIn />;
 * }
 * ```
 */
export function createUseSession(
  { useSyncExternalStore }: React,
): (client: Pick<SessionClient, "onChange" | "snapshot">) => Snapshot {
  return (client) =>
    useSyncExternalStore(client.onChange, client.snapshot, () => LOADING);
}
