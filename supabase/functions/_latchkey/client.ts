/**
 * The caller's address, country and browser.
 *
 * @module
 */
import { isIP } from "node:net";
import type { Environment } from "./environment.ts";

/** What is known about the caller's address, country and browser. */
export interface Client {
  /**
   * Shown in the list of devices. Without a trusted header, it is what the
   * client claims.
   */
  ip: string | null;
  /** The address in the trusted header; null if there is none. */
  trustedIp: string | null;
  /**
   * The address that attempts are counted for: null if no header is trusted,
   * and {@link UNREADABLE_ADDRESS} if the trusted header holds no address.
   */
  countedIp: string | null;
  /**
   * The country of the address, as ISO 3166-1 alpha-2, or a code that the
   * gateway adds, such as T1 for Tor; null if it is not known.
   */
  country: string | null;
  /** The browser, as it describes itself. */
  userAgent: string | null;
}

/**
 * What one of the app's own servers says about the browser for which it sends a
 * request. It counts as much as a trusted header.
 */
export interface VouchedClient {
  ip?: string;
  userAgent?: string;
}

/**
 * Stands for every client for which the trusted header holds no address. They
 * share one counter; otherwise a header in an unexpected format would turn the
 * counting off. No client has this address (RFC 1122 section 3.2.1.3).
 */
export const UNREADABLE_ADDRESS = "0.0.0.0";

/**
 * Reads the caller's address, country and browser.
 *
 * @param environment Names the headers that the platform's gateway sets. In a
 * list the last address counts: the nearest gateway appended it, and the client
 * may have made up those before it.
 * @param vouched Replaces the address and the browser of the request, which are
 * those of the app's server.
 */
export function client(
  request: Request,
  { clientAddressHeader, countryHeader }: Pick<
    Environment,
    "clientAddressHeader" | "countryHeader"
  > = {},
  vouched: VouchedClient = {},
): Client {
  const addresses = (name: string) =>
    (request.headers.get(name) ?? "").split(",").map(parseAddress);
  const trustedIp = vouched.ip ??
    (clientAddressHeader ? addresses(clientAddressHeader).at(-1)! : null);
  return {
    // Without a trusted header the first address is the best guess. The client
    // may have made it up, so it is only shown.
    ip: trustedIp ??
      (clientAddressHeader ? null : addresses("X-Forwarded-For")[0]!),
    trustedIp,
    countedIp: trustedIp ?? (clientAddressHeader ? UNREADABLE_ADDRESS : null),
    // The header has the country of the request's own address.
    country: countryHeader && !vouched.ip
      ? parseCountry(request.headers.get(countryHeader) ?? "")
      : null,
    // A header may contain any byte, but text in PostgreSQL and Auth may not.
    userAgent: (vouched.userAgent ?? request.headers.get("User-Agent"))
      ?.replace(/[^\x20-\x7e]/g, "?") ?? null,
  };
}

/** Reads an IP address, alone or as gateways write it: with a port, in brackets. */
function parseAddress(text: string): string | null {
  const trimmed = text.trim();
  const [, ipv6, ipv4] =
    /^(?:\[([^\]]*)\](?::\d+)?|([\d.]+):\d+)$/.exec(trimmed) ?? [];
  const address = ipv6 ?? ipv4 ?? trimmed;
  return isAddress(address) ? address : null;
}

/** Whether a text is an IP address that PostgreSQL's type inet accepts. */
export function isAddress(text: string): boolean {
  // The type does not accept a zone (fe80::1%eth0).
  return isIP(text) > 0 && !text.includes("%");
}

/** Cloudflare writes XX for an unknown country, and so do others. */
function parseCountry(text: string): string | null {
  const code = text.trim().toUpperCase();
  return /^[A-Z][A-Z0-9]$/.test(code) && code !== "XX" ? code : null;
}
