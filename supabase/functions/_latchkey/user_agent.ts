/**
 * Names the program that a User-Agent header describes.
 *
 * @module
 */
import Bowser from "bowser";

/** More than the header of any browser. */
const MAX_LENGTH = 512;
const MAX_NAME_LENGTH = 64;

/**
 * The program and the platform without their versions, such as `Chrome on
 * Windows`. A browser that updates itself keeps its name. Webviews have the name
 * of the platform's browser.
 *
 * A program that is not a browser has the name of its first product, such as
 * `curl` (RFC 9110 section 10.1.5).
 *
 * @param userAgent The header.
 * @returns The name, or null if there is no header.
 *
 * @example
 * ```ts ignore
 * nameOf("Mozilla/5.0 (Windows NT 10.0; Win64; x64) … Chrome/153.0.0.0 …"); // "Chrome on Windows"
 * nameOf("curl/8.14.1"); // "curl"
 * ```
 */
export function nameOf(userAgent: string | null): string | null {
  const text = userAgent?.trim().slice(0, MAX_LENGTH);
  if (!text) return null;
  const { browser, os } = Bowser.parse(text);
  const product = /^[^\s/]+/.exec(text)?.[0] ?? text;
  const isBrowser = product === "Mozilla" && browser.name;
  const name = (isBrowser ? browser.name! : product).slice(0, MAX_NAME_LENGTH);
  return os.name ? `${name} on ${os.name}` : name;
}
