import type { EndReason } from "supabase-latchkey";

/** Why a session ended, for the user. */
const SENTENCES: Record<string, string> = {
  signed_out: "You signed out.",
  user: "You signed this device out from another device.",
  admin: "An administrator signed you out.",
  reuse:
    "Someone may have copied your session, so it was ended. If that was not you, change your password.",
  suspicious:
    "Your session was used from an unusual place or browser, so it was ended.",
  password_changed: "Your password was changed.",
  banned: "Your account is blocked. Contact support.",
  user_deleted: "Your account was deleted.",
  session_limit:
    "You signed in on another device, and only so many may be signed in at once.",
  expired: "You were signed in for too long or away for too long.",
  key_lost: "This browser has lost the key of your session.",
};

/** Says in a sentence why a session ended. */
export function explainReason(reason: EndReason): string {
  return SENTENCES[reason] ?? "Your session has ended.";
}
