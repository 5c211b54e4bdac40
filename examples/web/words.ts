/**
 * The server's codes as sentences for the visitor.
 *
 * @module
 */
import type { EndReason, SessionInfo } from "supabase-latchkey";

/** Why a session ended. */
export const reasonWords: Record<EndReason, string> = {
  signed_out: "It was signed out.",
  user: "You ended it from another device.",
  admin: "An administrator ended it.",
  reuse:
    "A refresh token was used after it had been replaced, so it may have " +
    "been stolen.",
  password_changed: "The password was changed.",
  banned: "The account was banned.",
  user_deleted: "The account was deleted.",
  session_limit: "The account reached its session limit.",
  suspicious: "Another client used it, or its user did not recognize it.",
  expired: "It was idle for too long, or reached its maximum lifetime.",
  invalid_refresh_token: "The server does not accept its refresh token.",
  key_lost: "The key that it is bound to is not on this device.",
};

/** An error as a sentence. */
export function sentence(error: unknown): string {
  const { name, code, message } = error as Error & { code?: string };
  if (name === "AuthRetryableFetchError") {
    return "Cannot reach the server. Check that the stack runs, then try again.";
  }
  if (code === "user_already_exists") {
    return "This address already has an account. Sign in instead.";
  }
  return /[.!?]$/.test(message) ? message : `${message}.`;
}

/** The session's name. */
export function deviceName({ device_name }: SessionInfo): string {
  return device_name ?? "Unnamed device";
}

/** From where the session was last refreshed. */
export function lastSeen({ client, last_ip }: SessionInfo): string {
  return `${client ?? "an unknown program"}, ${place(last_ip)}`;
}

/** Where an address is, as far as it shows. */
function place(ip: string | null): string {
  if (!ip) return "unknown address";
  if (/^(127\.|::1$|::ffff:127\.)/.test(ip)) return `this computer (${ip})`;
  if (/^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|f[cd])/i.test(ip)) {
    return `the local network (${ip})`;
  }
  return ip;
}
