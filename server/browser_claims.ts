/**
 * What a server tells about the browser that it acts for.
 *
 * @module
 */

/** A proof may have at most 4,096 bytes. */
const LONGEST_USER_AGENT = 512;

/**
 * The claims of a proof that Latchkey believes from a server whose key it knows.
 *
 * @param addressHeader The header with the browser's address; the last one in a
 * list counts, because the nearest proxy appended it.
 */
export function browserClaims(
  headers: Headers,
  addressHeader?: string,
): Record<string, string> {
  const last = addressHeader && headers.get(addressHeader)?.split(",").at(-1);
  const address = last ? readAddress(last) : null;
  const userAgent = headers.get("User-Agent");
  return {
    ...address && { client_ip: address },
    ...userAgent &&
      { client_user_agent: userAgent.slice(0, LONGEST_USER_AGENT) },
  };
}

/** In its usual spelling: the endpoint refuses a proof with another. */
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** Reads an IP address, alone or as proxies write it: with a port, in brackets. */
function readAddress(text: string): string | null {
  const trimmed = text.trim();
  const [, ipv6, ipv4] =
    /^(?:\[([^\]]*)\](?::\d+)?|([\d.]+):\d+)$/.exec(trimmed) ?? [];
  const address = ipv6 ?? ipv4 ?? trimmed;
  const isAddress = address.includes(":")
    ? URL.canParse(`http://[${address}]/`)
    : IPV4.test(address);
  return isAddress ? address : null;
}
