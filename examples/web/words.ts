/**
 * Things the server says, in plain words.
 *
 * @module
 */
import type { EndReason, SessionInfo } from "latchkey";

/** Why a session ended; goes on after "This session was ended: ". */
export const reasonWords: Record<EndReason, string> = {
  signed_out: "somebody signed it out.",
  user: "you ended it from another device.",
  admin: "an administrator ended it.",
  reuse: "a refresh token came back after it had been replaced, so it may " +
    "have been stolen.",
  password_changed: "the password was changed.",
  banned: "the account was banned.",
  user_deleted: "the account was deleted.",
  session_limit: "the account had too many sessions.",
  expired: "it lay idle for too long, or had reached its longest life.",
  invalid_refresh_token: "the server does not know it any more.",
};

/** An error as a sentence. */
export function sentence(error: unknown): string {
  const { name, code, message } = error as Error & { code?: string };
  if (name === "AuthRetryableFetchError") {
    return "The server cannot be reached: see whether the stack runs, then try again.";
  }
  if (code === "user_already_exists") {
    return "This address has an account already: sign in instead.";
  }
  return /[.!?]$/.test(message) ? message : `${message}.`;
}

/** A session's name for people. */
export function deviceName({ device_name }: SessionInfo): string {
  return device_name ?? "Unnamed device";
}

/** Browser and system, as far as a user agent tells. */
export function browser(userAgent: string | null): string {
  if (!userAgent) return "Unknown browser";
  const find = (names: [RegExp, string][]) =>
    names.find(([pattern]) => pattern.test(userAgent))?.[1];
  const name = find([
    [/Edg/, "Edge"],
    [/OPR\//, "Opera"],
    [/SamsungBrowser/, "Samsung Internet"],
    [/Firefox|FxiOS/, "Firefox"],
    [/Chrome|CriOS/, "Chrome"],
    [/Safari/, "Safari"],
  ]);
  const system = find([
    [/Windows/, "Windows"],
    [/iPhone|iPad/, "iOS"],
    [/Android/, "Android"],
    [/Mac OS X/, "macOS"],
    [/CrOS/, "ChromeOS"],
    [/Linux/, "Linux"],
  ]);
  // No browser: a program says its name first.
  if (!name) return userAgent.split("/")[0]!;
  return system ? `${name} on ${system}` : name;
}

/** Where a session is, as far as an address tells. */
export function place(ip: string | null): string {
  if (!ip) return "unknown place";
  if (/^(127\.|::1$|::ffff:127\.)/.test(ip)) return `this computer (${ip})`;
  if (/^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|f[cd])/i.test(ip)) {
    return `the local network (${ip})`;
  }
  return ip;
}
