/**
 * Where notices may be sent.
 *
 * @module
 */

/** Hosts of one machine or one network (RFC 6761, RFC 6762, and ICANN's .internal). */
const LOCAL_NAME = /(?:^|\.)(?:localhost|local|internal|home\.arpa)$/;

/** An address, as the URL parser writes 0x7f.1 and [::ffff:127.0.0.1] too. */
const ADDRESS = /^\[|^[\d.]+$/;

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Whether a notice may be sent to a receiver: by https to a public host name.
 * So a mistyped or injected row does not make the functions call services of
 * their own network, such as a metadata endpoint at 169.254.169.254. A project
 * that runs on this machine may also use receivers on this machine.
 *
 * The name is not resolved: one that points to a private address gets through.
 * Only the project's owner can write `latchkey.receivers`.
 *
 * @param url The receiver's.
 * @param projectUrl The project's own, `SUPABASE_URL`.
 */
export function mayReceive(url: string, projectUrl: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, username, password } = new URL(url);
  if (username || password) return false;
  const name = hostname.replace(/\.$/, "");
  if (LOOPBACK.test(name) && LOOPBACK.test(new URL(projectUrl).hostname)) {
    return true;
  }
  return protocol === "https:" && name.includes(".") &&
    !ADDRESS.test(name) && !LOCAL_NAME.test(name);
}
