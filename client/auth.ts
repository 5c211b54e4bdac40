/**
 * Options that make `supabase.auth` act for the user who is signed in with this
 * client.
 *
 * auth-js keeps its session in a storage. This storage returns the client's
 * session when auth-js reads it. When auth-js writes a session (after OAuth, a
 * magic link, a passkey, …), this storage turns it into a Latchkey session.
 *
 * @module
 */
import type { AuthOptions, SessionClient, SessionStorage } from "./types.ts";

/**
 * auth-js refreshes a session that expires within 90 s. That would fail,
 * because auth-js does not have Latchkey's refresh token. So auth-js always
 * reads an expiry that is at least this far away, and the client refreshes
 * instead.
 */
const NEVER_DUE_SECONDS = 120;

/** Creates the result of `SessionClient.authOptions()`. */
export function authOptions(
  client: Pick<
    SessionClient,
    "adopt" | "getAccessToken" | "getSession" | "refresh"
  >,
  /** Drops a session that has ended according to Supabase Auth. */
  drop: () => Promise<void>,
  storageKey: string,
  /** For other data that auth-js stores, such as PKCE verifiers. */
  storage: SessionStorage,
  now: () => number,
  deviceName?: string,
): AuthOptions {
  return {
    storageKey,
    persistSession: true,
    autoRefreshToken: false,
    storage: {
      async getItem(key) {
        if (key !== storageKey) return await storage.getItem(key);
        // While offline, the user stays signed in with an expired token.
        await client.getAccessToken().catch(() => {});
        const session = await client.getSession();
        return session && JSON.stringify({
          ...session,
          refresh_token: "",
          expires_at: Math.max(
            session.expires_at!,
            Math.ceil(now() / 1000) + NEVER_DUE_SECONDS,
          ),
        });
      },
      async setItem(key, value) {
        if (key !== storageKey) return void await storage.setItem(key, value);
        const { access_token, refresh_token } = JSON.parse(value);
        const session = await client.getSession();
        if (session?.session_id !== sessionId(access_token)) {
          await client.adopt(access_token, { deviceName });
        } else if (refresh_token) {
          // The user verified a second factor. The new access token has `aal2`.
          await client.refresh();
        } else {
          // The user changed. If no new tokens can be fetched now, the next
          // refresh returns the change.
          await client.refresh().catch(() => {});
        }
      },
      async removeItem(key) {
        if (key !== storageKey) return void await storage.removeItem(key);
        // The user has signed out, or Auth has found that the session had ended.
        await drop().catch(() => {});
      },
    },
  };
}

function sessionId(accessToken: string): unknown {
  const payload = accessToken.split(".")[1]!;
  return JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")))
    .session_id;
}
