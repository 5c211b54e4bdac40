/**
 * Options that make `supabase.auth` act for the user who is signed in here.
 *
 * auth-js keeps its session in a storage. This one has no session of its own: it
 * reads the client's, and turns each session that auth-js writes (after OAuth, a
 * magic link, a passkey, …) into a Latchkey session.
 *
 * @module
 */
import type { AuthOptions, SessionClient, SessionStorage } from "./types.ts";

/**
 * auth-js refreshes a session that expires within 90 s, which would fail: its
 * refresh token is not ours. The client has refreshed by then.
 */
const NEVER_DUE_SECONDS = 120;

/** Makes the result of `SessionClient.authOptions()`. */
export function authOptions(
  client: Pick<
    SessionClient,
    "adopt" | "getAccessToken" | "getSession" | "refresh"
  >,
  /** Drops a session that Supabase Auth says is over. */
  drop: () => Promise<void>,
  storageKey: string,
  /** For what auth-js keeps besides the session, such as PKCE verifiers. */
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
        // Offline, the user stays signed in with an expired token.
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
          // Verified a second factor: the new access token carries `aal2`.
          await client.refresh();
        } else {
          // Changed the user. Without new tokens now, the next ones tell it.
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
