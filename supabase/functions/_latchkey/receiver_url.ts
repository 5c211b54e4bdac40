/**
 * Where notices may be sent.
 *
 * @module
 */

/**
 * Names that are local to one machine or network (RFC 6761, RFC 6762, and
 * ICANN's .internal).
 */
const LOCAL_NAME = /(?:^|\.)(?:localhost|local|internal|home\.arpa)$/;

/**
 * An IP address. The URL parser also turns 0x7f.1 and [::ffff:127.0.0.1] into
 * this form.
 */
const ADDRESS = /^\[|^[\d.]+$/;

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Whether a notice may be sent to a receiver: by https to a public host name.
 * So a mistyped or injected row cannot make the functions call services in
 * their own network, such as a metadata endpoint at 169.254.169.254. A project
 * that runs on the local machine may also use receivers on the local machine.
 *
 * The name is not resolved, so a name that points to a private address is
 * accepted. Only the project's owner can write `latchkey.receivers`.
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
