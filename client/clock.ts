/**
 * The time of the server's clock, because a device's clock may be wrong by
 * hours.
 *
 * A page of another origin cannot read the `Date` header. `expires_at -
 * expires_in` of a response is the moment at which it was signed.
 *
 * @module
 */
import type { Session } from "./types.ts";

/**
 * Realtime asks for the token every 25 s, so the token must be valid until the
 * next time.
 */
const MARGIN_MILLISECONDS = 90_000;

/** The last token before the session's end may have expired on arrival. */
const SHORTEST_MILLISECONDS = 1_000;

/** The difference to add to the device's time, in milliseconds. */
export function clockOffset(
  { expires_at, expires_in }: Pick<Session, "expires_at" | "expires_in">,
  now: number,
): number {
  return (expires_at! - expires_in) * 1000 - now;
}

/** Milliseconds until the access token should be refreshed; at most 0 if due. */
export function untilRefresh(
  session: Pick<Session, "expires_at" | "expires_in"> & {
    clock_offset: number;
  },
  now: number,
): number {
  const lifetime = session.expires_in * 1000;
  // The margin is shorter for short-lived tokens; otherwise they would always
  // be due.
  const margin = Math.min(MARGIN_MILLISECONDS, lifetime / 2);
  const use = Math.max(SHORTEST_MILLISECONDS, lifetime - margin);
  return untilExpiry(session, now) - lifetime + use;
}

/** Milliseconds until the server refuses the access token. */
export function untilExpiry(
  { expires_at, clock_offset }: Pick<Session, "expires_at"> & {
    clock_offset: number;
  },
  now: number,
): number {
  return expires_at! * 1000 - (now + clock_offset);
}
