/**
 * Time by the server's clock: a device's may be hours off.
 *
 * The `Date` header would say it too, but a page of another origin may not read
 * it. An answer's `expires_at - expires_in` is the moment it was signed.
 *
 * @module
 */
import type { Session } from "./types.ts";

/** Before expiry: supabase-js hands the token on every 25 s heartbeat. */
const MARGIN_MILLISECONDS = 90_000;

/** The last token of a session may be over as it comes; what follows is no better. */
const SHORTEST_MILLISECONDS = 1_000;

/** What to add to the device's time, in milliseconds. */
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
  const life = session.expires_in * 1000;
  // A token that lives shorter than two margins would be refreshed all the time.
  const margin = Math.min(MARGIN_MILLISECONDS, life / 2);
  const use = Math.max(SHORTEST_MILLISECONDS, life - margin);
  return untilExpiry(session, now) - life + use;
}

/** Milliseconds until the access token is refused. */
export function untilExpiry(
  { expires_at, clock_offset }: Pick<Session, "expires_at"> & {
    clock_offset: number;
  },
  now: number,
): number {
  return expires_at! * 1000 - (now + clock_offset);
}
