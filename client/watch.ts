/**
 * Detects the end of the session: immediately by a broadcast on the app's own
 * Realtime socket, and otherwise by asking the database.
 *
 * A broadcast can be lost: the socket was down, other users used up the
 * project's message rate, or Realtime was not ready to deliver yet. Realtime
 * reports `SUBSCRIBED` before database broadcasts are delivered; the `system`
 * message that `replication_ready` asks for says when they are. So the client
 * checks the session after each of the two, when a join fails, when the page
 * becomes visible or the device comes online, and periodically while the page
 * is visible.
 *
 * @module
 */
import type { RealtimeChannel, SupabaseClient } from "@supabase/supabase-js";
import type {
  EndReason,
  Environment,
  SessionEvent,
  WatchOptions,
} from "./types.ts";

const LONGEST_RETRY_MILLISECONDS = 30_000;
const CHECK_SECONDS = 300;

/** What a `Watch` needs from the client. */
export interface WatchedClient {
  environment: Environment;
  /** The id of the session that is signed in now. */
  sessionId(): string | undefined;
  onChange(listener: (event: SessionEvent) => void): () => void;
  end(sessionId: string, reason: EndReason, at?: number): Promise<void>;
  /**
   * Asks the server whether the session is active. If not, ends it in this
   * client.
   */
  check(): Promise<void>;
}

/**
 * Joins `session:<id>`. If that channel is lost, joins again with a new one.
 */
export class Watch {
  #channel: RealtimeChannel | undefined;
  #sessionId: string | undefined;
  /** Whether the open channels belong to a session that was watched. */
  #hasJoined = false;
  #isStopped = false;
  #failures = 0;
  #joinTimer: unknown;
  #checkTimer: unknown;
  readonly #stops: (() => void)[];
  readonly #checkMilliseconds: number;

  constructor(
    readonly supabase: SupabaseClient,
    readonly client: WatchedClient,
    { checkSeconds = CHECK_SECONDS }: WatchOptions = {},
  ) {
    const { environment } = client;
    this.#checkMilliseconds = checkSeconds * 1000;
    this.#stops = [
      client.onChange((event) => this.#follow(event)),
      environment.on(
        "visible",
        () => void (environment.visible() && this.#check()),
      ),
      environment.on("online", () => void this.#check()),
    ];
    void this.#join();
  }

  stop(): void {
    this.#isStopped = true;
    for (const stop of this.#stops) stop();
    this.#leave();
    this.#cancelCheck();
  }

  #follow(event: SessionEvent): void {
    if (event.type === "token_refreshed") {
      // Send the token to each joined channel now, not at the next heartbeat.
      void this.supabase.realtime.setAuth().catch(() => {});
    } else if (event.type === "signed_in") {
      void this.#join();
    } else if (this.#hasJoined) {
      // Realtime keeps every joined channel open until the old token expires,
      // so all channels are closed, not only this one.
      this.#leave();
      this.#cancelCheck();
      this.#hasJoined = false;
      void this.supabase.removeAllChannels().catch(() => {})
        .then(() => this.#join());
    }
  }

  #leave(): void {
    this.client.environment.clearTimeout(this.#joinTimer);
    this.#sessionId = undefined;
    const channel = this.#channel;
    this.#channel = undefined;
    if (channel) void this.supabase.removeChannel(channel).catch(() => {});
  }

  async #join(): Promise<void> {
    const id = this.client.sessionId();
    if (this.#isStopped || !id || id === this.#sessionId) return;
    this.#leave();
    this.#sessionId = id;
    this.#hasJoined = true;
    // This also happens if Realtime cannot be reached.
    this.#planCheck();
    try {
      // supabase-js joins a private channel with the token set before.
      await this.supabase.realtime.setAuth();
    } catch {
      if (this.#sessionId === id) this.#joinLater();
      return;
    }
    if (this.#sessionId !== id || this.#channel) return;
    const channel = this.supabase.channel(`session:${id}`, {
      config: { private: true, broadcast: { replication_ready: true } },
    });
    this.#channel = channel;
    channel.on("broadcast", { event: "session-revoked" }, ({ payload }) => {
      if (payload?.session_id !== id) return;
      const { reason = "signed_out", event_timestamp } = payload;
      void this.client.end(id, reason, event_timestamp);
    });
    channel.on("system", {}, ({ status }: { status?: string }) => {
      // Broadcasts are delivered from now on; earlier ones were lost.
      if (status === "ok" && this.#channel === channel) void this.#check();
    });
    channel.subscribe((status) => {
      // supabase-js also calls this for a channel that this client left.
      if (this.#channel !== channel) return;
      if (status === "SUBSCRIBED") this.#failures = 0;
      else this.#joinLater();
      void this.#check();
    });
  }

  async #check(): Promise<void> {
    const { check, sessionId } = this.client;
    this.#cancelCheck();
    const id = sessionId();
    if (this.#isStopped || !id) return;
    let hasFailed = false;
    try {
      await check();
    } catch {
      hasFailed = true;
    }
    this.#cancelCheck();
    if (!this.#isStopped && sessionId() === id) this.#planCheck(hasFailed);
  }

  /** Plans a check at half to all of the interval, so that clients spread out. */
  #planCheck(isRetry = false): void {
    const { environment } = this.client;
    const interval = isRetry
      ? Math.min(
        this.#checkMilliseconds || Infinity,
        LONGEST_RETRY_MILLISECONDS,
      )
      : this.#checkMilliseconds;
    if (!interval) return;
    this.#checkTimer ??= environment.setTimeout(
      () => {
        this.#checkTimer = undefined;
        // A hidden page checks when it becomes visible.
        if (isRetry || environment.visible()) void this.#check();
      },
      interval * (1 + environment.random()) / 2,
      { isBackground: true },
    );
  }

  #cancelCheck(): void {
    this.client.environment.clearTimeout(this.#checkTimer);
    this.#checkTimer = undefined;
  }

  /** supabase-js never rejoins a channel that the server closed: join a new one. */
  #joinLater(): void {
    this.#leave();
    const { environment } = this.client;
    const wait = environment.random() * Math.min(
      LONGEST_RETRY_MILLISECONDS,
      1000 * 2 ** this.#failures++,
    );
    this.#joinTimer = environment.setTimeout(
      () => void this.#join(),
      wait,
      { isBackground: true },
    );
  }
}
